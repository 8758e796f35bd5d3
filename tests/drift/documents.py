"""Small OpenAPI documents for the tests of the comparison."""

from typing import Any

from onefolio.drift import Change, compare

Json = dict[str, Any]


def document(
    response: Any = None,
    *,
    body: Any = None,
    version: str = "3.1.0",
    components: Json | None = None,
    top: Json | None = None,
    **operation: Any,
) -> Json:
    """Return a document with one operation.

    Args:
        response: the schema of its 200 response.
        body: the schema of its request body.
        version: the OpenAPI version.
        components: the components.
        top: further fields of the document.
        operation: further fields of the operation.
    """
    content = {} if response is None else {"content": {"application/json": {"schema": response}}}
    stated: Json = {"responses": {"200": {"description": "Done", **content}}}
    if body is not None:
        stated["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return {
        "openapi": version,
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": {**stated, **operation}}},
        "components": components or {},
        **(top or {}),
    }


def changes(old: Any, new: Any) -> list[Change]:
    return list(compare(old, new).changes)


def found(old: Any, new: Any) -> set[tuple[str, str]]:
    """Return the rules and levels of the changes."""
    return {(change.rule, str(change.level)) for change in changes(old, new)}
