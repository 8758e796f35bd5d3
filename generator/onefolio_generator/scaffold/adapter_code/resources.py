"""Requests, paths and paging of the resources that an adapter describes."""

from __future__ import annotations

from ...clients.python_names import to_identifier
from ..curate.embedded_balances import EmbeddedBalances
from ..paging import Paging
from ..rows import Rows
from ..schemas import Components, is_integer_parameter
from ..select_operations import SelectedOperation
from .expressions import quote, render_source, render_tuple


def render_request(selected: SelectedOperation) -> str:
    """Return the function that makes the request of a page."""
    arguments = []
    if selected.account is not None:
        value = "account_number(account)" if is_integer_parameter(selected.account) else "account.id"
        arguments.append(f"{to_identifier(selected.account['name'])}={value}")
    if selected.paging is not None:
        parameter = selected.paging.parameter
        is_integer = selected.paging.by in ("number", "offset") or is_integer_parameter(parameter)
        value = "int(token)" if is_integer else "token"
        arguments.append(f"{to_identifier(parameter['name'])}=UNSET if token is None else {value}")
    token = "_" if selected.paging is None else "token"
    return f"lambda {token}: operations.{to_identifier(selected.operation.id)}({', '.join(arguments)})"


def render_options(selected: SelectedOperation) -> list[str]:
    """Return the further arguments of a `Resource`."""
    options = [f"rows_path={render_tuple(selected.rows.path)}"] if selected.rows.path else []
    paging = selected.paging
    if paging is None:
        return options
    options.append(_render_next_page(paging))
    if paging.total:
        options.append(f"total={render_tuple(paging.total)}")
    return options


def _render_next_page(paging: Paging) -> str:
    more = [f"more={render_tuple(paging.more)}"] if paging.more else []
    match paging.by:
        case "token":
            return f"next_token={render_tuple(paging.next or ())}"
        case "address":
            return f"next_page=by_address({render_tuple(paging.next or ())}, {quote(paging.parameter['name'])})"
        case "number":
            pages = [f"pages={render_tuple(paging.pages)}"] if paging.pages else []
            first = [] if paging.first == 1 else [f"first={paging.first}"]
            return f"next_page=by_number({', '.join(pages + more + first)})"
        case "offset":
            total = [f"total={render_tuple(paging.total)}"] if paging.total else []
            return f"next_page=by_offset({', '.join(total + more)})"
        case "last":
            return f"next_page=after_last({', '.join([quote(paging.last), *more])})"


def render_embedded_rows(components: Components, accounts: Rows, embedded: EmbeddedBalances) -> str:
    """Return the expression of the balances in the row of an account."""
    path = embedded.rows.path
    if not path:
        return "[row]"
    required, parent = [], components.target(accounts.schema)
    for name in path:
        required.append(components.is_required(parent, name))
        parent = components.target(parent["properties"][name])
    source, guards = render_source(path, required, "row")
    source = source if required[-1] else f"({source} or [])"
    return f"[] if {' or '.join(guards)} else {source}" if guards else source
