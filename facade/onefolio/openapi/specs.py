"""Curated specs: their operations, links and schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from onefolio_runtime import format_pointer

from .examples import examples, response_schema
from .operations import Operation, Parameter, iter_operations
from .references import resolve
from .security import credentials

_BODY = "$response.body#"


class LinkSource(NamedTuple):
    """The field of a listing's rows that a link passes to another operation.

    Attributes:
        operation: the id of the operation that lists the rows.
        field: the field of a row.
    """

    operation: str
    field: str


class Spec:
    """A bundled OpenAPI document with its operations.

    Args:
        document: the JSON value.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.operations = [self._operation(*each) for each in iter_operations(document)]
        self.links = dict(self._links())
        """The source of a path parameter's values, by operation id and parameter name."""

    def resolve(self, node: Any) -> Any:
        """Return the target of a node's reference, or the node itself if it is not a reference."""
        return resolve(self.document, node)

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        definition = item[method]
        operation_id: str = definition["operationId"]
        responses = {status: self.resolve(each) for status, each in definition["responses"].items()}
        success = responses["200"]
        schema = self.resolve(response_schema(success))
        token, token_pointer = _next_page(operation_id, success)
        return Operation(
            id=operation_id,
            method=method.upper(),
            path=path,
            tags=definition.get("tags", []),
            parameters=[
                self._parameter(each) for each in [*item.get("parameters", []), *definition.get("parameters", [])]
            ],
            security=[
                credentials(self.document, each) for each in definition.get("security", self.document["security"])
            ],
            responses=responses,
            schema=schema,
            examples=examples(success),
            rows=self._rows(schema, definition.get("x-mock", {})),
            token=token,
            token_pointer=token_pointer,
        )

    def _parameter(self, stated: Mapping[str, Any]) -> Parameter:
        definition = self.resolve(stated)
        return Parameter(definition, self.resolve(definition["schema"]), self.document.get("components", {}))

    def _rows(self, schema: Mapping[str, Any], hints: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Return the path of the list of rows in a body: the one in the hints, or else the first required list."""
        if "rows" in hints:
            return None if hints["rows"] is None else tuple(hints["rows"])
        if self._is_list_of_objects(schema):
            return ()
        required = schema.get("required", [])
        lists = (name for name in required if self._is_list_of_objects(self.resolve(schema["properties"][name])))
        return next(((name,) for name in lists), None)

    def _is_list_of_objects(self, schema: Mapping[str, Any]) -> bool:
        return schema.get("type") == "array" and "properties" in self.resolve(schema["items"])

    def _links(self) -> Iterator[tuple[tuple[str, str], LinkSource]]:
        """Yield the operation id and parameter name of each link from the first row of a listing, with its source."""
        for operation in self.operations:
            first_row = f"{_BODY}{format_pointer((*(operation.rows or ()), 0))}/"
            for link in operation.success.get("links", {}).values():
                for name, value in link["parameters"].items():
                    if value.startswith(first_row):
                        yield (link["operationId"], name), LinkSource(operation.id, value.removeprefix(first_row))

    def hint(self, schema: Mapping[str, Any]) -> Any:
        """Return the `x-mock` hint of a schema; its own hint precedes that of its target."""
        return next((each["x-mock"] for each in self.layers(schema) if "x-mock" in each), None)

    def properties(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schemas of an object's fields."""
        return {name: field for each in self.layers(schema) for name, field in each.get("properties", {}).items()}

    def items(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema of a list's items; empty if the schema has none."""
        return next((each["items"] for each in self.layers(schema) if "items" in each), {})

    def format(self, schema: Mapping[str, Any]) -> str | None:
        """Return the format of a schema."""
        return next((each["format"] for each in self.layers(schema) if "format" in each), None)

    def layers(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a schema, the targets of its references, and its alternatives and parts."""
        yield schema
        if "$ref" in schema:
            yield from self.layers(self.resolve(schema))
        for keyword in ("allOf", "anyOf", "oneOf"):
            for each in schema.get(keyword, []):
                yield from self.layers(each)


def _next_page(operation_id: str, response: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the parameter of the next page's token, and the pointer of the token in the body."""
    for link in response.get("links", {}).values():
        for name, value in link["parameters"].items():
            if link["operationId"] == operation_id and value.startswith(_BODY):
                return name, value.removeprefix(_BODY)
    return None, ""
