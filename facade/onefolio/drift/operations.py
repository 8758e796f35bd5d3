"""The operations of a document: servers, credentials, parameters and responses."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen

from ..openapi.documents import Document, Node
from ..openapi.errors import DocumentError
from ..openapi.operations import methods_of

_STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
"""The default style of each parameter location."""

_NOT_PARAMETERS: Final = frozenset(("accept", "content-type", "authorization"))
"""Headers that OpenAPI describes elsewhere; parameters with these names are ignored."""

_STATUS: Final = re.compile(r"[1-5](\d\d|[xX]{2})|default")


class UndefinedSchemeError(DocumentError):
    """A security requirement names a scheme that the document does not define."""


@frozen(eq=False)
class Parameter:
    """A parameter of an operation.

    Args:
        where: its location: `query`, `header`, `path` or `cookie`.
        name: its name.
        node: its place.
    """

    where: str
    name: str
    node: Node

    @property
    def label(self) -> str:
        """The location and the name, such as `query page_token`."""
        return f"{self.where} {self.name}"

    @property
    def is_required(self) -> bool:
        """Whether requests must have it."""
        return self.where == "path" or bool(self.node.get("required"))

    @property
    def style(self) -> str:
        """The serialization: its style, and whether arrays and objects are exploded."""
        style = str(self.node.get("style") or _STYLES[self.where])
        stated = self.node.get("explode")
        explode = style == "form" if stated is None else bool(stated)
        reserved = ", reserved characters unescaped" if self.node.get("allowReserved") else ""
        return f"{style}{', exploded' if explode else ''}{reserved}"


@frozen(eq=False)
class Operation:
    """An operation of a document.

    Args:
        method: the HTTP method in upper case.
        path: the path template.
        node: the place of the operation.
        item: the path item, which may be in another file.
        document: the document that lists the path.
        servers: the URLs of its servers.
    """

    method: str
    path: str
    node: Node
    item: Node
    document: Document
    servers: list[str]

    @property
    def label(self) -> str:
        """The method and the path."""
        return f"{self.method} {self.path}"

    @property
    def template(self) -> tuple[str, str]:
        """The method and the path without the names of path parameters."""
        return operation_template(self.method, self.path)

    @property
    def full_template(self) -> tuple[str, str]:
        """The template with the path of the first server."""
        base = urlsplit(self.servers[0]).path.rstrip("/") if self.servers else ""
        return operation_template(self.method, base + self.path)

    def effective(self, name: str) -> Node:
        """Return the place of a field that applies to the operation: its own, or else that of the document."""
        own = self.node.child(name)
        return self.document.root.child(name) if own.value is None else own

    def credentials(self) -> list[frozenset[str]]:
        """Return the alternative sets of credentials; the names of security schemes are ignored.

        Raises:
            UndefinedSchemeError: a security scheme is not defined.
            DocumentError: a security scheme is malformed.
        """
        schemes = self.document.root.child("components", "securitySchemes")
        found: list[frozenset[str]] = []
        for requirement in self.effective("security").elements():
            names: set[str] = set()
            for name, scopes in requirement.mapping().items():
                if name not in schemes:
                    raise UndefinedSchemeError(
                        f"{self.document.name}: security scheme {name!r} at {requirement} is not defined"
                    )
                names |= _credentials(schemes.child(name).resolve(), scopes or [])
            found.append(frozenset(names))
        return found or [frozenset()]

    def parameters(self) -> dict[tuple[str, str], Parameter]:
        """Return the parameters by location and name; path parameters by their position in the path.

        Raises:
            DocumentError: a parameter has no name or no valid location.
        """
        found: dict[tuple[str, str], Parameter] = {}
        positions = re.findall(r"\{([^}]*)\}", self.path)
        for stated in (*self.item.items("parameters"), *self.node.items("parameters")):
            node = stated.resolve()
            where, name = node.get("in"), node.get("name")
            if not isinstance(where, str) or where not in _STYLES or not isinstance(name, str):
                node.fail("a parameter with a name and a location")
            key = name.lower() if where == "header" else name
            if where == "header" and key in _NOT_PARAMETERS:
                continue
            if where == "path" and name in positions:
                key = f"{{{positions.index(name)}}}"
            found[where, key] = Parameter(where, name, node)
        return found

    def request_body(self) -> Node:
        """Return the request body; its value is None without a body."""
        return self.node.child("requestBody").resolve()

    def responses(self) -> dict[str, Node]:
        """Return the responses by status; nothing if none are documented, which OpenAPI 3.1 allows.

        Raises:
            DocumentError: the responses are not an object, or a status is invalid.
        """
        found: dict[str, Node] = {}
        for status, node in self.node.fields("responses"):
            if status.startswith("x-"):
                continue
            if not _STATUS.fullmatch(status):
                node.fail("a response with a status such as 200, 5XX or default")
            found[status if status == "default" else status.upper()] = node.resolve()
        return found


def list_operations(document: Document) -> list[Operation]:
    """Return the operations of a document, in its order.

    Raises:
        DocumentError: an operation is malformed.
    """
    found = []
    for path, stated in document.root.fields("paths"):
        if path.startswith("x-"):
            continue
        item = stated.resolve()
        for method in methods_of(item):
            node = item.child(method)
            node.mapping()
            servers = _servers(node, item, document.root)
            found.append(Operation(method.upper(), path, node, item, document, servers))
    return found


def operation_template(method: str, path: str) -> tuple[str, str]:
    """Return the method and the path without the names of path parameters."""
    return method, re.sub(r"\{[^}]*\}", "{}", path)


def hosts_of(document: Document) -> set[str]:
    """Return the hosts of a document's servers."""
    hosts = {urlsplit(url).hostname for url in _urls(document.root)}
    return {host for host in hosts if host}


def media_types(content: Node) -> dict[str, Node]:
    """Return the media types of a body by name, without their parameters."""
    return {name.partition(";")[0].strip().lower(): node for name, node in content.fields("content")}


def headers_of(response: Node) -> dict[str, tuple[str, Node]]:
    """Return the names and places of a response's headers by their names in lower case."""
    return {name.lower(): (name, node.resolve()) for name, node in response.fields("headers")}


def schema_of(content: Node) -> Node:
    """Return the schema of a parameter, a header or a media type; `true` if it has none."""
    schema = content.child("schema")
    return Node(content.document, value=True, parent=content, name="schema") if schema.value is None else schema


def _servers(*places: Node) -> list[str]:
    """Return the URLs of the first place that has servers."""
    return next((_urls(place) for place in places if place.get("servers")), [])


def _urls(place: Node) -> list[str]:
    urls = []
    for server in place.items("servers"):
        url = str(server.get("url") or "")
        for name, variable in server.fields("variables"):
            url = url.replace(f"{{{name}}}", str(variable.get("default")))
        urls.append(url)
    return urls


def _credentials(scheme: Node, scopes: list[str]) -> set[str]:
    match scheme.mapping():
        case {"type": "apiKey", "in": where, "name": name}:
            return {f"{where} {str(name).lower() if where == 'header' else name}"}
        case {"type": "http", "scheme": kind}:
            return {f"HTTP {str(kind).lower()}"}
        case {"type": str(kind)}:
            return {kind, *(f"{kind} scope {scope}" for scope in scopes)}
        case _:
            return scheme.fail("a security scheme")
