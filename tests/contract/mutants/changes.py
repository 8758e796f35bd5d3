"""Changes of requests and responses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from attrs import evolve

from .server import Kind, Request, Response


def change_body(change: Callable[[Any], Any]) -> Callable[[Request], Any]:
    """Change the body of a success."""

    async def mutate(request: Request) -> Response:
        response: Response = await request.forward(request.scope)
        if response.status == 200:
            changed = change(json.loads(response.body))
            response.body = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
        return response

    return mutate


def change_response(change: Callable[[Response], Response], *, errors: bool = False) -> Callable[[Request], Any]:
    """Change a whole response: a success, or an error."""

    async def mutate(request: Request) -> Response:
        response: Response = await request.forward(request.scope)
        return change(response) if (response.status >= 400) == errors else response

    return mutate


def _html(response: Response) -> Response:
    return Response(response.status, {"content-type": "text/html"}, b"<html><body>Bad gateway</body></html>")


def _with_content_type(kind: str) -> Callable[[Response], Response]:
    return lambda response: evolve(response, headers={**response.headers, "content-type": kind})


def _with_status(status: int) -> Callable[[Response], Response]:
    return lambda response: evolve(response, status=status)


def with_header(name: str, value: str) -> Callable[[Response], Response]:
    return lambda response: evolve(response, headers={**response.headers, name: value})


def _duplicate_name(body: Any) -> bytes:
    """Repeat a name in the first object, with another value."""
    text = json.dumps(body)
    return re.sub(r'\{("[^"]+"):', r"{\1: null, \1:", text, count=1).encode()


def drop_envelope(rows: tuple[str, ...] | None, body: Any) -> Any:
    if rows:
        for name in rows:
            body = body[name]
        return body
    return {"result": body}


WHOLE: tuple[tuple[str, Kind, Callable[[Request], Any]], ...] = (
    ("a truncated body", "response", change_body(lambda body: json.dumps(body).encode()[:-9])),
    ("an empty body", "response", change_body(lambda _: b"")),
    ("a null body", "response", change_body(lambda _: None)),
    ("a name twice", "response", change_body(_duplicate_name)),
    ("a Latin-1 body", "response", change_body(lambda body: json.dumps(body).encode()[:-1] + b'\xe9"')),
    ("HTML", "response", change_response(_html)),
    ("content type text/plain", "header", change_response(_with_content_type("text/plain"))),
    ("status 500", "status", change_response(_with_status(500))),
    ("status 404", "status", change_response(_with_status(404))),
    ("status 202", "status", change_response(_with_status(202))),
    ("a redirect", "status", change_response(lambda _: Response(302, {"location": "/elsewhere"}, b""))),
    (
        "errors in another shape",
        "error",
        change_response(lambda old: evolve(old, body=b'{"fault": "no"}'), errors=True),
    ),
    ("errors as HTML", "error", change_response(_html, errors=True)),
    ("errors with status 200", "error", change_response(_with_status(200), errors=True)),
    ("errors with status 418", "error", change_response(_with_status(418), errors=True)),
)


def with_keys(connection: Any, names: list[str] | None = None) -> Callable[[Request], Any]:
    """Forward requests with the right keys: all of them, or those in the named headers."""
    right = connection.credentials.headers()
    given = [(name.lower().encode(), right[name].encode()) for name in (names or right)]

    async def mutate(request: Request) -> Response:
        replaced = {name for name, _ in given}
        kept = [(name, value) for name, value in request.scope["headers"] if name not in replaced]
        response: Response = await request.forward({**request.scope, "headers": [*kept, *given]})
        return response

    return mutate


async def accept_invalid_query(request: Request) -> Response:
    """Ignore an invalid query."""
    response: Response = await request.forward(request.scope)
    if response.status == 400:
        response = await request.forward({**request.scope, "query_string": b""})
    return response


async def fail_at_invalid_query(request: Request) -> Response:
    response: Response = await request.forward(request.scope)
    return evolve(response, status=500) if response.status == 400 else response


async def any_method(request: Request) -> Response:
    response: Response = await request.forward({**request.scope, "method": "GET"})
    return response


def change_page(
    change: Callable[[dict[str, Any], str], Any], link: str, rows: tuple[str, ...]
) -> Callable[[Request], Any]:
    """Change the rows and the next token of a page; `change` is called with them and the query."""

    async def mutate(request: Request) -> Response:
        response: Response = await request.forward(request.scope)
        if response.status == 200:
            body = json.loads(response.body)
            above, name = body, link.split("/")[1:]
            for part in name[:-1]:
                above = above[part]
            listing = body
            for part in rows[:-1]:
                listing = listing[part]
            page = {"rows": listing[rows[-1]], "next": above.get(name[-1])}
            change(page, request.query)
            listing[rows[-1]] = page["rows"]
            above[name[-1]] = page["next"]
            response.body = json.dumps(body).encode()
        return response

    return mutate


def repeat(page: dict[str, Any], _: str) -> None:
    page["rows"] = [*page["rows"], *page["rows"][:1]]


def skip(page: dict[str, Any], query: str) -> None:
    page["rows"] = page["rows"][1:] if "token" in query else page["rows"]


def end(page: dict[str, Any], _: str) -> None:
    page["next"] = None


def loop() -> Callable[[dict[str, Any], str], None]:
    first: list[str] = []

    def change(page: dict[str, Any], _: str) -> None:
        if page["next"]:
            first.append(page["next"])
            page["next"] = first[0]

    return change


def ignore_parameter(parameter: str, values: str) -> Callable[[Request], Any]:
    """Forward requests without a parameter if its value matches a pattern."""

    async def mutate(request: Request) -> Response:
        query = re.sub(rf"(^|&){parameter}={values}", "", request.query)
        response: Response = await request.forward({**request.scope, "query_string": query.encode()})
        return response

    return mutate
