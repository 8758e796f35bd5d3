"""Compare the operations of two documents: servers, credentials, parameters, bodies and responses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import define, field, frozen

from ..openapi.documents import Document, Node
from ..openapi.errors import DocumentError
from .canonical import canonical, canonical_prose
from .equivalence import are_equivalent
from .omissions import Omissions
from .operations import (
    Operation,
    Parameter,
    UndefinedSchemeError,
    headers_of,
    list_operations,
    media_types,
    schema_of,
)
from .pairs import PLAIN, Context, Difference, Pair
from .rules import Direction
from .schema_comparison import SchemaComparer
from .shapes import Schema

_DOCUMENTATION: Final = ("summary", "description", "operationId", "tags", "externalDocs")

_NOT_ERRORS: Final = ("1", "2", "3")
"""The first digits of statuses that are not errors."""


@frozen(eq=False)
class Root:
    """The schema of a parameter, a header or a body.

    Args:
        place: the place in the operation, such as `response 200`.
        pair: the old and the new schema.
        status: the status, if the schema describes the JSON body of a response.
        parameter: the label of the parameter that the schema describes.
    """

    place: str
    pair: Pair
    status: str | None = None
    parameter: str | None = None


@define(eq=False)
class OperationComparison:
    """The differences of an operation of the old document.

    Args:
        old: the operation.
        differences: the differences outside of schemas, each with its place in the operation.
        roots: the schemas.
    """

    old: Operation
    differences: list[tuple[str, Difference]] = field(factory=list)
    roots: list[Root] = field(factory=list)


def compare_operations(
    old: Document, new: Document, schemas: SchemaComparer, omissions: Omissions
) -> tuple[list[OperationComparison], list[Operation]]:
    """Return the comparison of every operation of the old document, and the operations that only the new one has.

    Args:
        old: the old document.
        new: the new document.
        schemas: compares the schemas of the operations.
        omissions: receives the parts that cannot be compared.

    Raises:
        DocumentError: the paths of a document are malformed.
    """
    olds, news = list_operations(old), list_operations(new)
    for document, operations in ((old, olds), (new, news)):
        if not operations:
            omissions.add(f"{document.name} has no operations")
    _compare_webhooks(old.root.child("webhooks"), new.root.child("webhooks"), omissions)
    counterparts = _find_counterparts(olds, news)
    compared = []
    for operation in olds:
        comparison = OperationComparison(operation)
        counterpart = counterparts.get(id(operation))
        if counterpart is None:
            removed = Difference("operation-removed", operation.node, new.root.child("paths"))
            comparison.differences.append(("", removed))
        else:
            _OperationComparer(comparison, counterpart, schemas, omissions).compare()
        compared.append(comparison)
    taken = set(map(id, counterparts.values()))
    return compared, [operation for operation in news if id(operation) not in taken]


def _compare_webhooks(old: Node, new: Node, omissions: Omissions) -> None:
    try:
        is_equal = canonical(old.value) == canonical(new.value) and (old.value is None or are_equivalent(old, new))
    except DocumentError:
        is_equal = False
    if not is_equal:
        omissions.add("the webhooks differ; requests that the provider sends are not compared")


def _find_counterparts(olds: list[Operation], news: list[Operation]) -> dict[int, Operation]:
    """Return the new operation of each old one by its id(): with the same path, or the same server and path."""
    by_label = {each.label: each for each in news}
    by_template = {each.template: each for each in news}
    by_full_template = {each.full_template: each for each in news}
    found: dict[int, Operation] = {}
    for each in olds:
        same_path = by_label.get(each.label) or by_template.get(each.template)
        if counterpart := same_path or by_full_template.get(each.full_template):
            found[id(each)] = counterpart
    return found


class _OperationComparer:
    def __init__(
        self, comparison: OperationComparison, new: Operation, schemas: SchemaComparer, omissions: Omissions
    ) -> None:
        self._comparison, self._schemas, self._omissions = comparison, schemas, omissions
        self._old, self._new = comparison.old, new

    def compare(self) -> None:
        """Record the differences and the schemas of the operation; a malformed part does not hide the others."""
        for compare_part in (
            self._compare_servers,
            self._compare_credentials,
            self._compare_callbacks,
            self._compare_operation_documentation,
            self._compare_parameters,
            self._compare_request_bodies,
            self._compare_responses,
        ):
            with self._omissions.tolerating(self._old.label):
                compare_part()

    def _record(
        self,
        place: str,
        rule: str,
        old: Node,
        new: Node,
        *,
        detail: str = "",
        name: str | None = None,
        is_addition: bool = False,
    ) -> None:
        difference = Difference(rule, old, new, detail, name, is_addition=is_addition)
        self._comparison.differences.append((place, difference))

    def _compare_servers(self) -> None:
        old, new = self._old, self._new
        urls = {url.rstrip("/") + old.path for url in old.servers}
        removed = urls - {url.rstrip("/") + new.path for url in new.servers}
        if removed and new.servers:
            before, after = (each.document.root.child("servers") for each in (old, new))
            detail = ", ".join(sorted(url.removesuffix(old.path) for url in removed))
            self._record("", "server-removed", before, after, detail=detail)

    def _compare_operation_documentation(self) -> None:
        self._compare_documentation("", self._old.node, self._new.node)

    def _compare_credentials(self) -> None:
        places = self._old.effective("security"), self._new.effective("security")
        try:
            before, after = self._old.credentials(), self._new.credentials()
        except UndefinedSchemeError as error:
            if canonical(places[0].value) != canonical(places[1].value):
                self._omissions.add(f"credentials: {error}", [self._old.label])
            return
        if not all(any(required <= sent for required in after) for sent in before):
            detail = f"{_alternatives(before)} → {_alternatives(after)}"
            self._record("", "security-changed", *places, detail=detail)
        elif added := [each for each in after if each not in before]:
            self._record("", "security-added", *places, detail=_alternatives(added))

    def _compare_callbacks(self) -> None:
        old, new = (each.node.child("callbacks") for each in (self._old, self._new))
        is_equal = canonical(old.value) == canonical(new.value)
        if not is_equal or (old.value is not None and not are_equivalent(old, new)):
            self._record("", "callbacks-changed", old, new)

    def _compare_documentation(self, place: str, old: Node, new: Node) -> None:
        changed = [name for name in _DOCUMENTATION if canonical_prose(old.get(name)) != canonical_prose(new.get(name))]
        changed += [
            name
            for name in sorted({*old.mapping(), *new.mapping()})
            if name.startswith("x-") and canonical(old.get(name)) != canonical(new.get(name))
        ]
        if changed:
            self._record(place, "documentation-changed", old, new, detail=", ".join(changed))
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            self._record(place, "deprecated" if new.get("deprecated") else "reactivated", old, new)

    def _compare_parameters(self) -> None:
        olds, news = self._old.parameters(), self._new.parameters()
        for key, old in olds.items():
            place = f"{old.where} parameter {old.name}"
            if key in news:
                self._compare_parameter(place, old, news[key])
            else:
                self._record(place, "parameter-removed", old.node, self._new.node, name=old.label)
        for key, new in news.items():
            if key not in olds:
                rule = "required-parameter-added" if new.is_required else "optional-parameter-added"
                self._record(f"{new.where} parameter {new.name}", rule, self._old.node, new.node, is_addition=True)

    def _compare_parameter(self, place: str, old: Parameter, new: Parameter) -> None:
        self._compare_documentation(place, old.node, new.node)
        if old.is_required != new.is_required:
            rule = "parameter-became-required" if new.is_required else "parameter-became-optional"
            self._record(place, rule, old.node, new.node, name=old.label)
        if old.style != new.style:
            detail = f"{old.style} → {new.style}"
            self._record(place, "parameter-style-changed", old.node, new.node, detail=detail, name=old.label)
        context = Context(is_text=True, ignores_default=old.is_required and new.is_required)
        self._compare_schemas(place, old.node, new.node, "request", context, parameter=old.label)
        self._compare_content(place, old.node, new.node, "request")

    def _compare_request_bodies(self) -> None:
        old, new = self._old.request_body(), self._new.request_body()
        place = "request body"
        if old.value is None and new.value is None:
            return
        if old.value is None:
            rule = "required-request-body-added" if new.get("required") else "optional-request-body-added"
            self._record(place, rule, self._old.node, new)
        elif new.value is None:
            self._record(place, "request-body-removed", old, self._new.node)
        else:
            if bool(old.get("required")) != bool(new.get("required")):
                rule = "request-body-became-required" if new.get("required") else "request-body-became-optional"
                self._record(place, rule, old, new)
            self._compare_documentation(place, old, new)
            self._compare_content(place, old, new, "request")

    def _compare_responses(self) -> None:
        olds, news = self._old.responses(), self._new.responses()
        if news and not olds:
            place = self._old.node.child("responses")
            reason = f"responses: {self._old.document.name} documents none at {place}"
            self._omissions.add(reason, [self._old.label])
            return
        covered: set[str] = set()
        for status, old in olds.items():
            counterparts = _covering(status, news)
            covered.update(counterparts)
            for each in counterparts:
                self._compare_response(status, old, news[each])
            if not counterparts:
                rule = "success-status-removed" if status.startswith(_NOT_ERRORS) else "non-success-status-removed"
                self._record(f"response {status}", rule, old, self._new.node.child("responses"))
        for status, new in news.items():
            if status in covered:
                continue
            counterparts = _covering(status, olds)
            for each in counterparts:
                self._compare_response(status, olds[each], new)
            if not counterparts:
                rule = "success-status-added" if status.startswith(_NOT_ERRORS) else "non-success-status-added"
                self._record(f"response {status}", rule, self._old.node.child("responses"), new, is_addition=True)

    def _compare_response(self, status: str, old: Node, new: Node) -> None:
        place = f"response {status}"
        self._compare_documentation(place, old, new)
        if canonical(old.get("links")) != canonical(new.get("links")):
            self._record(place, "documentation-changed", old, new, detail="links")
        self._compare_headers(place, old, new)
        self._compare_content(place, old, new, "response", status=status)

    def _compare_headers(self, place: str, old: Node, new: Node) -> None:
        olds, news = headers_of(old), headers_of(new)
        for key, (name, before) in olds.items():
            header_place = f"{place} header {name}"
            if key not in news:
                self._record(header_place, "header-removed", before, new)
                continue
            after = news[key][1]
            if bool(before.get("required")) != bool(after.get("required")):
                rule = "header-became-required" if after.get("required") else "header-became-optional"
                self._record(header_place, rule, before, after)
            self._compare_documentation(header_place, before, after)
            self._compare_schemas(header_place, before, after, "response", Context(is_text=True))
        for key, (name, after) in news.items():
            if key not in olds:
                self._record(f"{place} header {name}", "header-added", old, after, is_addition=True)

    def _compare_content(
        self, place: str, old: Node, new: Node, direction: Direction, *, status: str | None = None
    ) -> None:
        olds, news = media_types(old), media_types(new)
        for name, before in olds.items():
            is_json = name == "application/json"
            content_place = place if is_json else f"{place} {name}"
            counterpart = _matching_media_type(name, news)
            if counterpart is None:
                self._record(content_place, "media-type-removed", before, new.child("content"), detail=name)
                continue
            after = news[counterpart]
            self._compare_schemas(content_place, before, after, direction, status=status if is_json else None)
            if _examples(before) != _examples(after):
                self._record(content_place, "documentation-changed", before, after, detail="examples")
            if canonical(before.get("encoding")) != canonical(after.get("encoding")):
                self._record(content_place, "keyword-changed", before, after, detail="encoding")
        for name, after in news.items():
            if _matching_media_type(name, olds) is None:
                self._record(f"{place} {name}", "media-type-added", old, after, detail=name)

    def _compare_schemas(
        self,
        place: str,
        old: Node,
        new: Node,
        direction: Direction,
        context: Context = PLAIN,
        *,
        status: str | None = None,
        parameter: str | None = None,
    ) -> None:
        before, after = schema_of(old), schema_of(new)
        if before.value is True and after.value is True:
            return
        pair = self._schemas.pair(Schema((before,)), Schema((after,)), direction, context)
        self._comparison.roots.append(Root(place, pair, status, parameter))


def _alternatives(credentials: Iterable[frozenset[str]]) -> str:
    return " or ".join(" and ".join(sorted(each)) or "no credentials" for each in credentials)


def _covering(status: str, others: Iterable[str]) -> list[str]:
    """Return the statuses of the other document that cover a status: itself, its class, its members, or the default."""
    status_class = f"{status[0]}XX"
    for other in (status, status_class):
        if other in others:
            return [other]
    if members := [other for other in others if status == status_class and other[0] == status[0]]:
        return members
    is_explicit = status.startswith(_NOT_ERRORS) and any(other.startswith(_NOT_ERRORS) for other in others)
    return ["default"] if "default" in others and not is_explicit else []


def _matching_media_type(name: str, others: Iterable[str]) -> str | None:
    """Return the media type of the other document that matches one: itself, a range with it, or one in its range."""
    family = name.partition("/")[0]
    for other in (name, f"{family}/*", "*/*"):
        if other in others:
            return other
    if name.endswith("/*"):
        return next((other for other in others if family in ("*", other.partition("/")[0])), None)
    return None


def _examples(content: Node) -> list[str]:
    """Return the examples as canonical text; their names and order are ignored."""
    named = [canonical(node.resolve().value) for _, node in content.fields("examples")]
    return sorted([*named, *([canonical({"value": content.get("example")})] if "example" in content else [])])
