"""What a spec says to a server: its operations, their parameters, keys, examples, pages and links."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

from onefolio_runtime import BASIC

from .._core.demo import demo_secret

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_BODY = "$response.body#"

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)


class Pointed(NamedTuple):
    """A field of a listing's rows that a link hands on: the operation that lists, and the field."""

    operation: str
    field: str


class Credential(NamedTuple):
    """A key that a request has to carry."""

    where: str
    name: str
    prefix: str
    secret: str

    def fits(self, carried: str | None) -> bool:
        """Tell whether this is the value that a request carries; a prefix such as `Bearer` in any case."""
        start = len(self.prefix)
        return carried is not None and carried[start:] == self.secret and carried[:start].lower() == self.prefix.lower()


class Parameter:
    """A parameter of an operation, and what its schema says to a value."""

    def __init__(self, definition: Mapping[str, Any], schema: Mapping[str, Any], components: object) -> None:
        self.name: str = definition["name"]
        self.where: str = definition["in"]
        self.required: bool = definition.get("required", False)
        self.hint: Any = definition.get("x-mock") or schema.get("x-mock")
        self.schema = schema
        self._is_valid = jsonschema_rs.Draft202012Validator(
            {**schema, "components": components}, validate_formats=True
        ).is_valid

    @property
    def is_integer(self) -> bool:
        """Whether its values are whole numbers."""
        return self.schema.get("type") == "integer"

    def accepts(self, text: str | None) -> bool:
        """Tell whether the parameter may have this text; None is left out."""
        if text is None:
            return not self.required
        if self.is_integer:
            return _INTEGER.fullmatch(text) is not None and self._is_valid(int(text))
        return self._is_valid(text)

    @property
    def demand(self) -> str:
        """What is said of a value that it does not accept."""
        match self.schema:
            case {"minimum": low, "maximum": high}:
                return f"{self.name} must be between {low} and {high}"
            case {"minimum": low}:
                return f"{self.name} must be at least {low}"
            case {"const": _} | {"enum": _}:
                return f"{self.name} is not supported"
        return f"{self.name} is not valid"


class Operation:
    """An operation of a spec, everything it refers to looked up."""

    def __init__(self, spec: Spec, path: str, method: str, item: Mapping[str, Any]) -> None:
        definition = item[method]
        self.id: str = definition["operationId"]
        self.method = method.upper()
        self.path = path
        self.tags: list[str] = definition.get("tags", [])
        listed = [spec.resolve(each) for each in [*item.get("parameters", []), *definition.get("parameters", [])]]
        components = spec.document.get("components", {})
        self.parameters = [Parameter(each, spec.resolve(each["schema"]), components) for each in listed]
        self.security = [spec.credentials(each) for each in definition.get("security", spec.document["security"])]
        self.responses = {status: spec.resolve(each) for status, each in definition["responses"].items()}
        self.answer = self.responses["200"]
        self.schema = spec.resolve(_json(self.answer)["schema"])
        self.examples = examples(self.answer)
        stated: Mapping[str, Any] = definition.get("x-mock", {})
        self.rows = spec.rows(self.schema) if "rows" not in stated else _way(stated["rows"])
        self.token, self._token_at = self._next_page()

    def _next_page(self) -> tuple[str | None, str]:
        """Return the parameter that asks for the next page and where an answer has its value."""
        for link in self.answer.get("links", {}).values():
            for name, value in link["parameters"].items():
                if link["operationId"] == self.id and value.startswith(_BODY):
                    return name, value.removeprefix(_BODY)
        return None, ""

    def is_last(self, example: Any) -> bool:
        """Tell whether an example has no next page."""
        return self.token is None or at(example, self._token_at) is None

    @property
    def asked_names(self) -> frozenset[str]:
        """The parameters that say what is asked for: those of the path, and an account's in the query."""
        return frozenset(each.name for each in self.parameters if each.where == "path" or each.hint == "account")

    @property
    def position(self) -> Parameter | None:
        """The parameter that says where a page begins, where no token does: its number, an offset or the row before."""
        return next((each for each in self.parameters if each.where == "query" and begins_page(each.hint)), None)

    @property
    def page_size(self) -> Parameter | None:
        """The parameter that says how many rows a page has."""
        if not (self.token or self.position):
            return None
        numbers = [each for each in self.parameters if each.where == "query" and each.is_integer]
        return next((each for each in numbers if "default" in each.schema and each is not self.position), None)

    @property
    def is_of_accounts(self) -> bool:
        """Whether its rows are accounts."""
        return self.rows is not None and "Accounts" in self.tags and "{" not in self.path


class Spec:
    """An OpenAPI document, its references followed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.operations = [
            Operation(self, path, method, item)
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        ]
        self.links = dict(self._links())

    def resolve(self, node: Any) -> Any:
        """Return what a node stands for: itself, or what its local `$ref` points to."""
        while "$ref" in node:
            node = at(self.document, node["$ref"].removeprefix("#"))
        return node

    def credentials(self, requirement: Mapping[str, Any]) -> list[Credential]:
        """Return the keys that one security requirement asks for, all of them.

        Raises:
            ValueError: a scheme is neither a key in a header or in the query nor a bearer token nor basic.
        """
        return [self._credential(name) for name in requirement]

    def _credential(self, name: str) -> Credential:
        secret = demo_secret(name)
        match scheme := self.resolve(self.document["components"]["securitySchemes"][name]):
            case {"type": "apiKey", "in": "header" | "query" as where, "name": field}:
                return Credential(where, field, "", secret)
            case {"type": "http", "scheme": str(kind)} if kind.lower() == "bearer":
                return Credential("header", "Authorization", "Bearer ", secret)
            case {"type": "http", "scheme": str(kind)} if kind.lower() == "basic":
                pair = ":".join(map(demo_secret, BASIC))
                return Credential("header", "Authorization", "Basic ", base64.b64encode(pair.encode()).decode())
        raise ValueError(f"the mock cannot check the security scheme {name}: {scheme}")

    def _links(self) -> Iterator[tuple[tuple[str, str], Pointed]]:
        """Yield, by operation and path parameter, the row field that a link takes the parameter's value from."""
        for operation in self.operations:
            first = "".join(f"/{part}" for part in (*(operation.rows or ()), "0", ""))
            for link in operation.answer.get("links", {}).values():
                for name, value in link["parameters"].items():
                    if value.startswith(_BODY + first):
                        field = value.removeprefix(_BODY + first)
                        yield (link["operationId"], name), Pointed(operation.id, field)

    def rows(self, schema: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Return where an answer of this schema has its list of objects: the way down to it, or None."""
        if self._is_list_of_objects(schema):
            return ()
        for name in schema.get("required", []):
            if self._is_list_of_objects(self.resolve(schema["properties"][name])):
                return (name,)
        return None

    def _is_list_of_objects(self, schema: Mapping[str, Any]) -> bool:
        return schema.get("type") == "array" and "properties" in self.resolve(schema["items"])

    def hint(self, schema: Mapping[str, Any]) -> Any:
        """Return the `x-mock` hint of a schema, its own before that of what it refers to."""
        return next((each["x-mock"] for each in self.layers(schema) if "x-mock" in each), None)

    def properties(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schemas of an object's fields."""
        return {name: field for each in self.layers(schema) for name, field in each.get("properties", {}).items()}

    def items(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema of a list's items."""
        return next((each["items"] for each in self.layers(schema) if "items" in each), {})

    def format(self, schema: Mapping[str, Any]) -> str | None:
        """Return the format that a schema states."""
        return next((each["format"] for each in self.layers(schema) if "format" in each), None)

    def layers(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a schema, what it refers to and its alternatives."""
        yield schema
        if "$ref" in schema:
            yield from self.layers(self.resolve(schema))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for each in schema.get(keyword, []):
                yield from self.layers(each)


def begins_page(hint: Any) -> bool:
    """Tell whether a parameter's hint says that it is where a page begins."""
    return hint in ("page-number", "offset") or (isinstance(hint, dict) and "after" in hint)


def examples(response: Mapping[str, Any]) -> list[Any]:
    """Return the example bodies of a response, in the spec's order."""
    return [each["value"] for each in _json(response).get("examples", {}).values()]


def response_schema(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a response's body."""
    schema: Mapping[str, Any] = _json(response)["schema"]
    return schema


def at(value: Any, pointer: str) -> Any:
    """Return what a JSON pointer finds in `value`, None where there is nothing."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (LookupError, TypeError, ValueError):
            return None
    return value


def _way(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _json(response: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = response["content"]["application/json"]
    return content
