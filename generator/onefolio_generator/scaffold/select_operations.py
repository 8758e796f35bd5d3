"""Selection of the operations of a published document that list accounts, balances and positions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from ..document import DocumentError
from .field_matching import FieldMatch, find_native_fields
from .field_names import Capability, fold_name
from .normalize import Normalizer
from .paging import Paging, detect_paging, find_size_parameter
from .published_spec import PublishedOperation, PublishedSpec
from .rows import RESOURCE_NAMES, Rows, find_rows
from .schemas import Schema

OMIT = "none"
"""The value in place of an operation's id for a capability that the provider shall not have."""

_ACCOUNT_PARAMETER = re.compile(r"^(sub)?(account|acct|portfolio|wallet)s?(id|ids|no|number|key|ref|uuid)?$")
_ACCOUNT_ID_NAMES = {"id", "account", "accountid"}
_NAMED_BY_ID = 20
"""The rank of an operation whose id, but not its path, names the resource; ranks of names are smaller."""


@define
class SelectedOperation:
    """An operation that the adapter reads.

    Attributes:
        capability: the capability that it provides.
        operation: the published operation.
        response: the curated component of the response, as a reference.
        rows: the rows in the response.
        matches: the unified fields that are read from a row.
        account: the parameter for the account, or None.
        constants: values of further required parameters, by their names.
        paging: the way to request the next page; None for a single page.
        size: the parameter that limits the rows of a page, or None.
        notes: points for the reviewer.
    """

    capability: Capability
    operation: PublishedOperation
    response: Schema
    rows: Rows
    matches: list[FieldMatch]
    account: Schema | None = None
    constants: dict[str, Any] = field(factory=dict)
    paging: Paging | None = None
    size: Schema | None = None
    notes: list[str] = field(factory=list)

    def find_match(self, name: str) -> FieldMatch | None:
        """Return the match of a unified field."""
        return next((each for each in self.matches if each.field == name), None)

    @property
    def id_match(self) -> FieldMatch:
        """The match of the unified field `id`, which all accounts have."""
        return next(each for each in self.matches if each.field == "id")


Selection = dict[Capability, SelectedOperation]


def select_operations(normalizer: Normalizer, stated: Mapping[Capability, str | None]) -> Selection:
    """Select one operation for each capability.

    Args:
        normalizer: the normalizer of the document.
        stated: ids of operations, or `OMIT`; an operation that is not stated is guessed from its path.

    Raises:
        DocumentError: no operation lists accounts, a stated one does not exist, or one cannot be requested.
    """
    published = normalizer.published
    operations = list(published.operations())
    selection: Selection = {}
    for capability in RESOURCE_NAMES:
        name = stated.get(capability)
        if name == OMIT and capability != "accounts":
            continue
        operation = (
            _find_operation(published, operations, capability, name)
            if name
            else _guess_operation(operations, capability, selection)
        )
        if operation is None and capability == "accounts":
            raise _no_accounts_error(published, operations)
        if operation is None:
            continue
        try:
            selection[capability] = _describe_operation(normalizer, capability, operation, selection.get("accounts"))
        except DocumentError as error:
            if name or capability == "accounts":
                raise
            reason = str(error).removeprefix(f"{published.path}: ").rstrip(".")
            selection["accounts"].notes.append(f"{capability} are omitted: {reason}")
    _match_account_id(normalizer, selection)
    return selection


def _no_accounts_error(published: PublishedSpec, operations: list[PublishedOperation]) -> DocumentError:
    listed = "\n".join(f"  {each.id}  GET {each.path}" for each in operations) or "  none with a JSON response"
    return DocumentError(
        f"{published.path}: no path names an operation that lists accounts. Pass its id as --accounts OPERATION_ID. "
        f"The GET operations are:\n{listed}"
    )


def _find_operation(
    published: PublishedSpec, operations: list[PublishedOperation], capability: Capability, name: str
) -> PublishedOperation:
    for each in operations:
        if name in (each.id, each.node.get("operationId"), each.path, f"GET {each.path}"):
            return each
    available = ", ".join(each.id for each in operations) or "none"
    raise DocumentError(
        f"{published.path}: --{capability} {name}: no GET operation with a JSON response has this id. Available: "
        f"{available}"
    )


def _guess_operation(
    operations: list[PublishedOperation], capability: Capability, selection: Selection
) -> PublishedOperation | None:
    selected = [each.operation for each in selection.values()]
    ranked = [
        (rank, order)
        for order, each in enumerate(operations)
        if (rank := _rank_operation(each, capability)) is not None and all(each is not other for other in selected)
    ]
    return operations[min(ranked)[1]] if ranked else None


def _rank_operation(operation: PublishedOperation, capability: Capability) -> tuple[int, int] | None:
    """Return the rank of an operation for a capability, the smaller the better; None if its names do not fit."""
    if capability == "accounts" and "{" in operation.path:
        return None
    parts = [part for part in operation.path.split("/") if part]
    if not parts or parts[-1].startswith("{"):
        return None
    names = RESOURCE_NAMES[capability]
    last = fold_name(parts[-1])
    if last in names:
        rank = names.index(last)
    elif fold_name(operation.id).endswith(names[:2]):
        rank = _NAMED_BY_ID
    else:
        return None
    # Operations for one account go before those for all, and short paths before long ones.
    if capability != "accounts" and _find_account_parameter(operation) is None:
        rank += 10
    return rank, len(parts)


def _find_account_parameter(operation: PublishedOperation) -> Schema | None:
    """Return the parameter for the account: the only one of the path, or the one of the query with such a name."""
    in_path = operation.parameters_in("path")
    if in_path:
        return in_path[0] if len(in_path) == 1 else None
    query = operation.parameters_in("query")
    return next((each for each in query if _ACCOUNT_PARAMETER.match(fold_name(each["name"]))), None)


def _describe_operation(
    normalizer: Normalizer,
    capability: Capability,
    operation: PublishedOperation,
    accounts: SelectedOperation | None,
) -> SelectedOperation:
    published, components = normalizer.published, normalizer.components
    where = f"{published.path}: {operation.id} (GET {operation.path})"
    known = set(components.by_name)
    name = f"{operation.id[:1].upper()}{operation.id[1:]}Answer"
    response = normalizer.normalize_to_component(operation.schema, name)
    found = find_rows(components, capability, response)
    if found is None:
        for added in set(components.by_name) - known:
            del components.by_name[added]
        raise DocumentError(
            f"{where}: no object of the response has a known field of {capability}. Correct its schema"
            f"{_suggest_other_operation(capability)}"
        )
    rows, matches = found
    selected = SelectedOperation(capability, operation, response, rows, matches)
    if capability != "accounts":
        selected.account = _find_account_parameter(operation)
        if selected.account is None and accounts is not None and accounts.rows.is_list:
            raise DocumentError(
                f"{where}: no parameter names the account, but {capability} are requested for one account of several. "
                f"Correct its parameters{_suggest_other_operation(capability)}"
            )
    if rows.is_list:
        selected.paging = detect_paging(published, components, operation, response, rows)
    selected.size = find_size_parameter(operation)
    if selected.size is not None and selected.paging is None and rows.is_list:
        selected.notes.append(
            f"`{operation.id}` has `{selected.size['name']}`, but no known parameter for the next page: only the first "
            "page is read, and further rows are missing. Pass `next_token` or `next_page` to its `Resource` in the "
            "adapter"
        )
    selected.constants = _find_constants(where, selected)
    return selected


def _suggest_other_operation(capability: Capability) -> str:
    if capability == "accounts":
        return ", or select another operation with --accounts OPERATION_ID."
    return f", select another operation with --{capability} OPERATION_ID, or omit it with --{capability} {OMIT}."


def _find_constants(where: str, selected: SelectedOperation) -> dict[str, Any]:
    """Return values for the required parameters other than those for the account and the page."""
    variable = [selected.account, selected.paging and selected.paging.parameter]
    return {
        each["name"]: _find_constant(where, each)
        for each in selected.operation.parameters
        if each.get("required") and each not in variable and each["in"] != "cookie"
    }


def _find_constant(where: str, parameter: Schema) -> Any:
    schema = parameter["schema"]
    for value in (schema.get("const"), schema.get("default"), parameter.get("example"), schema.get("example")):
        if value is not None:
            return value
    for values in (schema.get("enum"), schema.get("examples")):
        if values:
            return values[0]
    raise DocumentError(
        f"{where}: the parameter {parameter['name']} is required, but is neither the account nor a page. Give its "
        "schema a default that can always be sent, or make it optional."
    )


def _match_account_id(normalizer: Normalizer, selection: Selection) -> None:
    """Read the account's id from the field that is named like the parameter of the other operations."""
    accounts = selection["accounts"]
    fields = find_native_fields(normalizer.components, accounts.rows.schema)
    top_level = {fold_name(each.path[0]): each for each in fields if len(each.path) == 1}
    users = {fold_name(each.account["name"]): each for each in selection.values() if each.account is not None}
    named = next((top_level[name] for name in users if name in top_level), None)
    identity = accounts.id_match
    if named is not None and named.path != identity.native.path:
        match = FieldMatch("id", "string", named, is_certain=True)
        accounts.matches[accounts.matches.index(identity)] = identity = match
    field_name = fold_name(identity.native.path[-1])
    for name, other in users.items():
        if other.account and not name.endswith(field_name) and not {name, field_name} <= _ACCOUNT_ID_NAMES:
            accounts.notes.append(
                f"the account's `id` is `{identity.native.label}`, and `{other.operation.id}` expects "
                f"`{other.account['name']}`: check that they are the same"
            )
