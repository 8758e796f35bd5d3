"""The operations of two documents side by side: how they are called, and which answers they give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from attrs import define, field, frozen

from ..openapi.documents import Document, Node
from ..openapi.errors import DocumentError
from ..openapi.operations import methods_of
from .canonical import canonical, canonical_prose
from .rules import Direction
from .schema_comparison import Difference, Pair, Schemas, same
from .schema_shapes import Schema

_WORDS: Final = ("summary", "description", "operationId", "tags", "externalDocs")

_STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}

_FINE: Final = ("1", "2", "3")
"""How a status begins that is no error."""

_NOT_PARAMETERS: Final = frozenset(("accept", "content-type", "authorization"))
"""Headers that OpenAPI describes elsewhere; a parameter of this name is to be ignored."""


@frozen(eq=False)
class Operation:
    """An operation of a document.

    Args:
        method: such as `GET`.
        path: the path template as it is written.
        node: the operation.
        item: the path item it stands in, which may be in another file.
        document: the document it is of.
        servers: the URLs of the servers it is called on.
    """

    method: str
    path: str
    node: Node
    item: Node
    document: Document
    servers: list[str]

    @property
    def label(self) -> str:
        """The operation as a person calls it."""
        return f"{self.method} {self.path}"

    @property
    def template(self) -> tuple[str, str]:
        """The method and the path, whatever the path's parameters are called."""
        return template(self.method, self.path)

    @property
    def whole_template(self) -> tuple[str, str]:
        """`template` with the server's part of the path before it."""
        base = urlsplit(self.servers[0]).path.rstrip("/") if self.servers else ""
        return template(self.method, base + self.path)

    def stated(self, name: str) -> Node:
        """Return what holds for the operation: stated by itself, or for the whole document."""
        mine, common = self.node.child(name), self.document.root.child(name)
        return common if mine.value is None else mine


@define(eq=False)
class Compared:
    """An operation of the old document, compared.

    Args:
        old: the operation.
        differences: where in the operation, and what; below its schemas the pairs tell.
        roots: where in the operation a schema stands, and its pair.
    """

    old: Operation
    differences: list[tuple[str, Difference]] = field(factory=list)
    roots: list[tuple[str, Pair]] = field(factory=list)


def operations(document: Document) -> list[Operation]:
    """Return the operations of a document, in its order.

    Raises:
        DocumentError: it has none, or one is malformed.
    """
    found = []
    for path, node in document.root.fields("paths"):
        item = node.resolve()
        for method in methods_of(item):
            operation = item.child(method)
            operation.mapping()
            servers = _servers(operation, item, document.root)
            found.append(Operation(method.upper(), path, operation, item, document, servers))
    if not found:
        raise DocumentError(f"{document.name} has no operations: there is nothing to compare")
    return found


def compare_operations(old: Document, new: Document, schemas: Schemas) -> tuple[list[Compared], list[Operation]]:
    """Return every operation of the old document beside its counterpart, and those that only the new one has."""
    olds, news = operations(old), operations(new)
    counterparts = _counterparts(olds, news)
    compared = []
    for operation in olds:
        counterpart = counterparts.get(id(operation))
        each = Compared(operation)
        if counterpart is None:
            paths = new.root.child("paths")
            each.differences.append(("", Difference("operation-removed", operation.node, paths)))
        else:
            each.differences += _compare_calls(operation, counterpart)
            _Calls(each, counterpart, schemas).compare()
        compared.append(each)
    taken = set(map(id, counterparts.values()))
    return compared, [operation for operation in news if id(operation) not in taken]


def template(method: str, path: str) -> tuple[str, str]:
    """Return what an operation is known by, whatever its path's parameters are called."""
    return method, re.sub(r"\{[^}]*\}", "{}", path)


def hosts(document: Document) -> set[str]:
    """Return the hosts that a document's servers are on; none where it names none."""
    found = {urlsplit(url).hostname for url in _urls(document.root)}
    return {host for host in found if host}


def _counterparts(olds: list[Operation], news: list[Operation]) -> dict[int, Operation]:
    """Return the new operation of each old one: by path, else by path and server together."""
    found: dict[int, Operation] = {}
    exact = {each.label: each for each in news}
    plain = {each.template: each for each in news}
    whole = {each.whole_template: each for each in news}
    for each in olds:
        other = exact.get(each.label) or plain.get(each.template) or whole.get(each.whole_template)
        if other is not None:
            found[id(each)] = other
    return found


def _compare_calls(old: Operation, new: Operation) -> Iterator[tuple[str, Difference]]:
    """Yield what differs before anything is answered, parameters and bodies apart: servers, keys, words."""
    moved = {url.rstrip("/") + old.path for url in old.servers} - {url.rstrip("/") + new.path for url in new.servers}
    if moved and new.servers:
        urls = ", ".join(sorted(url.removesuffix(old.path) for url in moved))
        was, is_ = (each.document.root.child("servers") for each in (old, new))
        yield "", Difference("server-removed", was, is_, urls)
    keys, other_keys = _security(old), _security(new)
    places = (old.stated("security"), new.stated("security"))
    if not all(any(asked <= sent for asked in other_keys) for sent in keys):
        detail = f"{_or(keys)} → {_or(other_keys)}"
        yield "", Difference("security-changed", *places, detail)
    elif any(asked not in keys for asked in other_keys):
        yield "", Difference("security-added", *places, _or(each for each in other_keys if each not in keys))
    if canonical(old.node.get("callbacks")) != canonical(new.node.get("callbacks")) or (
        "callbacks" in old.node and not same(old.node.child("callbacks"), new.node.child("callbacks"))
    ):
        yield "", Difference("callbacks-changed", old.node.child("callbacks"), new.node.child("callbacks"))
    yield from _compare_words("", old.node, new.node)


def _servers(*places: Node) -> list[str]:
    """Return the URLs of the servers that the first of these places lists which lists any."""
    for place in places:
        if place.get("servers"):
            return _urls(place)
    return []


def _urls(place: Node) -> list[str]:
    urls = []
    for server in place.items("servers"):
        url = str(server.get("url") or "")
        for name, variable in server.fields("variables"):
            url = url.replace(f"{{{name}}}", str(variable.get("default")))
        urls.append(url)
    return urls


def _security(operation: Operation) -> list[frozenset[str]]:
    """Return the sets of keys of which one has to be sent, each key by what it is and not by its name."""
    document = operation.document
    schemes = document.root.child("components", "securitySchemes")
    found: list[frozenset[str]] = []
    for requirement in operation.stated("security").elements():
        keys: set[str] = set()
        for name, scopes in requirement.mapping().items():
            if name not in schemes:
                raise DocumentError(f"{document.name}: the security scheme {name!r} at {requirement} is not defined")
            keys |= _keys(schemes.child(name).resolve(), scopes or [])
        found.append(frozenset(keys))
    return found or [frozenset()]


def _keys(scheme: Node, scopes: list[str]) -> set[str]:
    match scheme.mapping():
        case {"type": "apiKey", "in": where, "name": name}:
            return {f"{where} {str(name).lower() if where == 'header' else name}"}
        case {"type": "http", "scheme": kind}:
            return {f"HTTP {str(kind).lower()}"}
        case {"type": str(kind)}:
            return {kind, *(f"{kind} scope {scope}" for scope in scopes)}
        case _:
            return scheme.fail("a security scheme")


def _or(keys: Iterable[frozenset[str]]) -> str:
    return " or ".join(" and ".join(sorted(each)) or "no key" for each in keys)


def _compare_words(place: str, old: Node, new: Node) -> Iterator[tuple[str, Difference]]:
    changed = [name for name in _WORDS if canonical_prose(old.get(name)) != canonical_prose(new.get(name))]
    changed += [
        name
        for name in sorted({*old.mapping(), *new.mapping()})
        if name.startswith("x-") and canonical(old.get(name)) != canonical(new.get(name))
    ]
    if changed:
        yield place, Difference("documentation-changed", old, new, ", ".join(changed))
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        yield place, Difference("deprecated" if new.get("deprecated") else "reactivated", old, new)


class _Calls:
    """Compares what an operation is sent and what it answers."""

    def __init__(self, compared: Compared, new: Operation, schemas: Schemas) -> None:
        self._compared, self._schemas = compared, schemas
        self._old, self._new = compared.old, new

    def compare(self) -> None:
        """Write down the differences and the pairs of schemas."""
        self._compare_parameters()
        self._compare_bodies()
        self._compare_responses()

    def _tell(self, place: str, rule: str, old: Node, new: Node, *, detail: str = "", name: str | None = None) -> None:
        self._compared.differences.append((place, Difference(rule, old, new, detail, name)))

    def _compare_parameters(self) -> None:
        olds, news = _parameters(self._old), _parameters(self._new)
        for key, was in olds.items():
            place = f"{key[0]} parameter {was.get('name')}"
            if key not in news:
                self._tell(place, "parameter-removed", was, self._new.node, name=_sent(was))
                continue
            is_ = news[key]
            self._compared.differences += _compare_words(place, was, is_)
            if _required(was) != _required(is_):
                rule = "parameter-became-required" if _required(is_) else "parameter-became-optional"
                self._tell(place, rule, was, is_, name=_sent(was))
            style, other = _style(was), _style(is_)
            if style != other:
                self._tell(place, "parameter-style-changed", was, is_, detail=f"{style} → {other}", name=_sent(was))
            self._compare_schemas(place, was, is_, "request")
            self._compare_content(place, was, is_, "request")
        for key, is_ in news.items():
            if key not in olds:
                rule = "required-parameter-added" if _required(is_) else "optional-parameter-added"
                self._tell(f"{key[0]} parameter {is_.get('name')}", rule, self._old.node, is_)

    def _compare_bodies(self) -> None:
        old, new = (each.node.child("requestBody").resolve() for each in (self._old, self._new))
        place = "request body"
        if old.value is None and new.value is None:
            return
        if old.value is None:
            rule = "required-request-body-added" if new.get("required") else "optional-request-body-added"
            self._tell(place, rule, self._old.node, new)
        elif new.value is None:
            self._tell(place, "request-body-removed", old, self._new.node)
        else:
            if bool(old.get("required")) != bool(new.get("required")):
                rule = "request-body-became-required" if new.get("required") else "request-body-became-optional"
                self._tell(place, rule, old, new)
            self._compared.differences += _compare_words(place, old, new)
            self._compare_content(place, old, new, "request")

    def _compare_responses(self) -> None:
        olds, news = (dict(_responses(each)) for each in (self._old, self._new))
        used: set[str] = set()
        for status, was in olds.items():
            partners = _covering(status, news)
            used.update(partners)
            place = f"answer {status}"
            if not partners:
                rule = "success-status-removed" if status[0] in _FINE else "non-success-status-removed"
                self._tell(place, rule, was, self._new.node.child("responses"))
            for partner in partners:
                self._compare_response(place, was, news[partner])
        for status, is_ in news.items():
            if status in used:
                continue
            place = f"answer {status}"
            for partner in (partners := _covering(status, olds)):
                self._compare_response(place, olds[partner], is_)
            if not partners:
                rule = "success-status-added" if status[0] in _FINE else "non-success-status-added"
                self._tell(place, rule, self._old.node.child("responses"), is_)

    def _compare_response(self, place: str, old: Node, new: Node) -> None:
        self._compared.differences += _compare_words(place, old, new)
        if canonical(old.get("links")) != canonical(new.get("links")):
            self._tell(place, "documentation-changed", old, new, detail="links")
        headers, others = (
            {name.lower(): (name, each.resolve()) for name, each in node.fields("headers")} for node in (old, new)
        )
        for key, (name, was) in headers.items():
            where = f"{place} header {name}"
            if key not in others:
                self._tell(where, "header-removed", was, new)
                continue
            is_ = others[key][1]
            if bool(was.get("required")) != bool(is_.get("required")):
                self._tell(
                    where, "header-became-required" if is_.get("required") else "header-became-optional", was, is_
                )
            self._compared.differences += _compare_words(where, was, is_)
            self._compare_schemas(where, was, is_, "response")
        for key, (name, is_) in others.items():
            if key not in headers:
                self._tell(f"{place} header {name}", "header-added", old, is_)
        self._compare_content(place, old, new, "response")

    def _compare_content(self, place: str, old: Node, new: Node, way: Direction) -> None:
        olds, news = ({_media_type(name): each for name, each in node.fields("content")} for node in (old, new))
        for kind, was in olds.items():
            where = place if kind == "application/json" else f"{place} {kind}"
            partner = _partner(kind, news)
            if partner is None:
                self._tell(where, "media-type-removed", was, new.child("content"), detail=kind)
                continue
            self._compare_schemas(where, was, news[partner], way)
            if _examples(was) != _examples(news[partner]):
                self._tell(where, "documentation-changed", was, news[partner], detail="examples")
            if canonical(was.get("encoding")) != canonical(news[partner].get("encoding")):
                self._tell(where, "keyword-changed", was, news[partner], detail="encoding")
        for kind, is_ in news.items():
            if _partner(kind, olds) is None:
                self._tell(f"{place} {kind}", "media-type-added", old, is_, detail=kind)

    def _compare_schemas(self, place: str, old: Node, new: Node, way: Direction) -> None:
        was, is_ = map(_schema, (old, new))
        if was.value is True and is_.value is True:
            return
        self._compared.roots.append((place, self._schemas.pair(Schema((was,)), Schema((is_,)), way)))


def _schema(content: Node) -> Node:
    """Return the schema of a parameter, a header or a media type; `true` if it has none."""
    schema = content.child("schema")
    return Node(content.document, value=True, parent=content, name="schema") if schema.value is None else schema


def _parameters(operation: Operation) -> dict[tuple[str, str], Node]:
    """Return the parameters by where they are sent and their name; those in the path by their place in it."""
    found: dict[tuple[str, str], Node] = {}
    places = re.findall(r"\{([^}]*)\}", operation.path)
    for node in (*operation.item.items("parameters"), *operation.node.items("parameters")):
        parameter = node.resolve()
        where, name = parameter.get("in"), parameter.get("name")
        if not isinstance(where, str) or where not in _STYLES or not isinstance(name, str):
            parameter.fail("a parameter with a name and a place")
        if where == "header":
            name = name.lower()
            if name in _NOT_PARAMETERS:
                continue
        elif where == "path":
            name = f"{{{places.index(name)}}}" if name in places else name
        found[where, name] = parameter
    return found


def _sent(parameter: Node) -> str:
    return f"{parameter.get('in')} {parameter.get('name')}"


def _required(parameter: Node) -> bool:
    return parameter.get("in") == "path" or bool(parameter.get("required"))


def _style(parameter: Node) -> str:
    style = str(parameter.get("style") or _STYLES[parameter.get("in")])
    explode = parameter.get("explode")
    explode = style == "form" if explode is None else bool(explode)
    reserved = ", reserved characters as they are" if parameter.get("allowReserved") else ""
    return f"{style}{', exploded' if explode else ''}{reserved}"


def _responses(operation: Operation) -> Iterator[tuple[str, Node]]:
    if not isinstance(operation.node.get("responses"), dict):
        operation.node.child("responses").fail("an object")
    for status, node in operation.node.fields("responses"):
        if status.startswith("x-"):
            continue
        if not re.fullmatch(r"[1-5](\d\d|[xX]{2})|default", status):
            node.fail("a status such as 200, 5XX or default as its name, and under it a response")
        yield status if status == "default" else status.upper(), node.resolve()


def _covering(status: str, others: dict[str, Node]) -> list[str]:
    """Return which of the other document's answers stand for one: itself, its class, its members, the default."""
    kind = f"{status[0]}XX"
    for other in (status, kind):
        if other in others:
            return [other]
    if members := [other for other in others if status == kind and other[0] == status[0]]:
        return members
    spoken_for = status[0] in _FINE and any(other[0] in _FINE for other in others)
    return ["default"] if "default" in others and not spoken_for else []


def _partner(kind: str, others: dict[str, Node]) -> str | None:
    """Return which of the other document's content types stands for one: itself, a range it is in, one in its range."""
    family = kind.partition("/")[0]
    for other in (kind, f"{family}/*", "*/*"):
        if other in others:
            return other
    if kind.endswith("/*"):
        return next((other for other in others if family in ("*", other.partition("/")[0])), None)
    return None


def _examples(content: Node) -> list[str]:
    """Return the examples, whatever they are called and whether they stand alone or in a list."""
    named = [canonical(node.resolve().value) for _, node in content.fields("examples")]
    return sorted([*named, *([canonical({"value": content.get("example")})] if "example" in content else [])])


def _media_type(name: str) -> str:
    return name.partition(";")[0].strip().lower()
