"""The example bodies of responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .references import resolve


def json_content(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `application/json` content of a response."""
    content: Mapping[str, Any] = response["content"]["application/json"]
    return content


def response_schema(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a response's body."""
    schema: Mapping[str, Any] = json_content(response)["schema"]
    return schema


def examples(response: Mapping[str, Any]) -> list[Any]:
    """Return the example bodies of a response, in the order of the document."""
    return [each["value"] for each in json_content(response).get("examples", {}).values()]


def examples_by_status(document: Mapping[str, Any], method: str, path: str) -> dict[str, list[Any]]:
    """Return the example bodies of an operation's responses by status.

    Args:
        document: the OpenAPI document.
        method: the HTTP method, in any case.
        path: the path template.
    """
    responses = document["paths"][path][method.lower()]["responses"]
    return {status: examples(resolve(document, response)) for status, response in responses.items()}
