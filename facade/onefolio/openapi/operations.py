"""Operations and their parameters."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

import jsonschema_rs
from attrs import frozen

from onefolio_runtime import resolve_pointer

from .._core.digits import parse_integer
from .references import resolve
from .security import Credential

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def methods_of(path_item: Container[str]) -> list[str]:
    """Return the methods of a path item's operations."""
    return [method for method in METHODS if method in path_item]


def iter_operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the path template, the method and the path item of each operation, in the order of the document."""
    for path, stated in document["paths"].items():
        path_item = resolve(document, stated)
        for method in methods_of(path_item):
            yield path, method, path_item


class Parameter:
    """A parameter of an operation.

    Args:
        definition: the parameter object.
        schema: its schema, resolved.
        components: the document's components, for references inside of the schema.
    """

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
        """Whether the values are integers."""
        return self.schema.get("type") == "integer"

    @property
    def is_position(self) -> bool:
        """Whether the parameter selects the first row of a page: a page number, an offset or the row before."""
        if self.where != "query":
            return False
        return self.hint in ("page-number", "offset") or (isinstance(self.hint, dict) and "after" in self.hint)

    def accepts(self, text: str | None) -> bool:
        """Return True if a request may have this value for the parameter; None means that it is absent."""
        if text is None:
            return not self.required
        if self.is_integer:
            number = parse_integer(text)
            return number is not None and self._is_valid(number)
        return self._is_valid(text)

    @property
    def demand(self) -> str:
        """The error message for a value that the parameter does not accept."""
        match self.schema:
            case {"minimum": low, "maximum": high}:
                return f"{self.name} must be between {low} and {high}"
            case {"minimum": low}:
                return f"{self.name} must be at least {low}"
            case {"const": _} | {"enum": _}:
                return f"{self.name} is not supported"
        return f"{self.name} is not valid"


@frozen(eq=False)
class Operation:
    """An operation with its references resolved.

    Args:
        id: the `operationId`.
        method: the HTTP method in upper case.
        path: the path template.
        tags: the tags.
        parameters: the parameters of the path item and of the operation.
        security: the alternative sets of credentials.
        responses: the response objects by status.
        schema: the schema of the body of a 200 response.
        examples: the example bodies of a 200 response.
        rows: the path of the list of rows in the body; None if the body is not a listing.
        token: the query parameter of the token of a page; None if there are no page tokens.
        token_pointer: the pointer of the next page's token in the body.
    """

    id: str
    method: str
    path: str
    tags: list[str]
    parameters: list[Parameter]
    security: list[list[Credential]]
    responses: Mapping[str, Mapping[str, Any]]
    schema: Mapping[str, Any]
    examples: list[Any]
    rows: tuple[str, ...] | None
    token: str | None
    token_pointer: str

    @property
    def success(self) -> Mapping[str, Any]:
        """The response object of status 200."""
        return self.responses["200"]

    def body_schema(self, status: int | str) -> Mapping[str, Any] | None:
        """Return the schema of the JSON body of a response with a status, or None if the spec states none.

        Args:
            status: an HTTP status, or a key of `responses`.
        """
        exact = str(status)
        keys = (exact, f"{exact[0]}XX", "default")
        response: Mapping[str, Any] = next((self.responses[key] for key in keys if key in self.responses), {})
        schema: Mapping[str, Any] | None = response.get("content", {}).get("application/json", {}).get("schema")
        return schema

    def next_token(self, body: Any) -> Any:
        """Return the token of the page after a body, or None if the body is the last page."""
        return None if self.token is None else resolve_pointer(body, self.token_pointer)

    def is_last(self, body: Any) -> bool:
        """Return True if a body has no next page."""
        return self.next_token(body) is None

    @property
    def asked_names(self) -> frozenset[str]:
        """The names of the parameters that select an account: all in the path, and those with the hint `account`."""
        return frozenset(each.name for each in self.parameters if each.where == "path" or each.hint == "account")

    @property
    def position(self) -> Parameter | None:
        """The parameter that selects the first row of a page; None if pages have tokens or if there are no pages."""
        return next((each for each in self.parameters if each.is_position), None)

    @property
    def page_size(self) -> Parameter | None:
        """The parameter for the number of rows on a page."""
        if not (self.token or self.position):
            return None
        numbers = [each for each in self.parameters if each.where == "query" and each.is_integer]
        return next((each for each in numbers if "default" in each.schema and each is not self.position), None)

    @property
    def is_of_accounts(self) -> bool:
        """Whether the rows are accounts."""
        return self.rows is not None and "Accounts" in self.tags and "{" not in self.path
