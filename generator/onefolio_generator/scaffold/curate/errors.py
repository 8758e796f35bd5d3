"""Error responses: the schema of their bodies, examples, and the statuses that every API returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from ...references import component_name, component_reference
from ..example_values import make_example
from ..field_names import fold_name
from ..normalize import Normalizer
from ..published_spec import PublishedOperation, PublishedSpec, find_json_content
from ..schemas import Components, FieldPath, Schema
from ..select_operations import Selection
from .json_values import get_value

STATUSES = {
    "400": ("BAD_REQUEST", "Something in the request is not valid."),
    "401": ("UNAUTHORIZED", "The keys are missing or wrong."),
    "403": ("FORBIDDEN", "The keys are known, but not allowed to do this."),
    "404": ("NOT_FOUND", "There is no such account."),
    "429": ("TOO_MANY_REQUESTS", "Too many requests in a short time."),
    "5XX": ("INTERNAL_SERVER_ERROR", "A fault on the provider's side."),
}
"""The code and the message of an example for each status."""
WRAPPERS = ("error", "errors", "fault")
"""Folded names of fields with errors."""
_MESSAGE_FIELDS = (
    *("message", "detail", "errormessage", "msg", "description", "errordescription", "reason", "title", "error"),
)
_CODE_FIELDS = ("code", "errorcode", "status", "type")


@frozen
class ErrorShape:
    """The place of the message in an error body.

    Attributes:
        path: the path of the object, or list of objects, with the message.
        is_list: whether it is a list, whose first item is read.
        message: the field of the message.
        code: the field of the code; empty if errors have no code.
    """

    path: FieldPath
    is_list: bool
    message: str
    code: str


def find_error_schema(normalizer: Normalizer, selection: Selection) -> tuple[str, ErrorShape]:
    """Return the component of error bodies and its shape; a component of our own if none is published."""
    for each in selection.values():
        for schema in _iterate_error_schemas(normalizer.published, each.operation):
            reference = normalizer.normalize_to_component(schema, "ErrorBody")
            if shape := _find_shape(normalizer.components, reference):
                return component_name(reference["$ref"]), shape
    return _add_error_body(normalizer.components), ErrorShape((), is_list=False, message="message", code="code")


def _iterate_error_schemas(published: PublishedSpec, operation: PublishedOperation) -> Iterator[Schema]:
    """Yield the schemas of an operation's error responses, by status, that of `default` last."""
    responses = {str(status): each for status, each in (operation.node.get("responses") or {}).items()}
    for status in sorted(responses, key=lambda status: (status == "default", status)):
        if status.startswith(("4", "5")) or (status == "default" and len(responses) > 1):
            content = find_json_content(published.resolve(responses[status]))
            if content is not None and "schema" in content:
                yield content["schema"]


def _add_error_body(components: Components) -> str:
    name = "ErrorBody"
    while name in components.by_name:
        name += "2"
    components.by_name[name] = {
        "description": "The reason for a failed request. Assumed, because the published document has no error schema.",
        "type": "object",
        "properties": {
            "message": {"description": "The reason, for people.", "type": "string"},
            "code": {"description": "The reason, for programs.", "type": "string"},
        },
    }
    return name


def _find_shape(components: Components, schema: Schema) -> ErrorShape | None:
    """Return the shape of an error body, whose message may be within an object or a list of the body."""
    target = components.target(schema)
    for name, inner in target.get("properties", {}).items():
        if fold_name(name) in WRAPPERS and (shape := _find_fields(components, inner)):
            return evolve(shape, path=(name,))
    return _find_fields(components, schema)


def _find_fields(components: Components, schema: Schema) -> ErrorShape | None:
    target = components.target(schema)
    is_list = "items" in target
    if is_list:
        target = components.target(target["items"])
    targets = {name: components.target(inner) for name, inner in target.get("properties", {}).items()}
    strings = {fold_name(name): name for name, each in targets.items() if each.get("type") == "string"}
    message = next((strings[name] for name in _MESSAGE_FIELDS if name in strings), None)
    if message is None:
        return None
    scalars = {fold_name(name): name for name, each in targets.items() if "properties" not in each}
    codes = (scalars[name] for name in _CODE_FIELDS if name in scalars and scalars[name] != message)
    return ErrorShape((), is_list, message, next(codes, ""))


def make_error_body(components: Components, name: str, status: str, shape: ErrorShape) -> Any:
    """Return an example of an error body; `name` is that of its component."""
    body = make_example(components, component_reference(name))
    error = get_value(body, shape.path)
    error = error[0] if isinstance(error, list) and error else error
    if isinstance(error, dict):
        code, error[shape.message] = STATUSES[status]
        if shape.code:
            number = 500 if status == "5XX" else int(status)
            error[shape.code] = number if type(error.get(shape.code)) is int else code
    return body


def make_responses(component: str) -> Schema:
    """Return the error responses by their names; `component` is that of their bodies."""
    return {response_name(status): _make_response(status, component) for status in STATUSES}


def _make_response(status: str, component: str) -> Schema:
    name = example_name(status)
    response: Schema = {"description": STATUSES[status][1]}
    if status == "429":
        retry_after = {"description": "Time of the next attempt: seconds or a date.", "schema": {"type": "string"}}
        response["headers"] = {"Retry-After": retry_after}
    examples = {name: {"$ref": f"examples/{name}.json"}}
    response["content"] = {"application/json": {"schema": component_reference(component), "examples": examples}}
    return response


def response_name(status: str) -> str:
    """Return the name of the response component of a status."""
    return STATUSES[status][0].title().replace("_", "")


def example_name(status: str) -> str:
    """Return the name of the example of a status."""
    return STATUSES[status][0].lower().replace("_", "-")
