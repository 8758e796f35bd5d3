"""OpenAPI documents of APIs whose shapes differ from those of the providers of this repository."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
INTEGER: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


def document(paths: Any, schemas: Any = None, scheme: Any = None) -> Any:
    return {
        "openapi": "3.0.1",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://api.t.example"}],
        "paths": paths,
        "components": {"schemas": schemas or {}, "securitySchemes": {"main": scheme or KEY}},
    }


def listing(schema: Any, *parameters: Any) -> Any:
    content = {"application/json": {"schema": schema}}
    return {"get": {"parameters": list(parameters), "responses": {"200": {"description": "ok", "content": content}}}}


def query(name: str, schema: Any, **further: Any) -> Any:
    return {"name": name, "in": "query", "schema": {**schema, **further}}


def path(name: str, schema: Any = TEXT) -> Any:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def fields(*required: str, **properties: Any) -> Any:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def items(schema: Any) -> Any:
    return {"type": "array", "items": schema}


def _wrapped(inner: Any) -> Any:
    return fields("payload", status=TEXT, payload=inner, meta=fields(page=INTEGER, totalPages=INTEGER, total=INTEGER))


ADDRESS = {"type": "string", "format": "uri", "nullable": True}
FIVE = query("size", INTEGER, default=5)

SHAPES: dict[str, Any] = {
    # One account for each key, with its balances; a bare list of positions; basic authentication.
    "single": document(
        {
            "/account": listing(
                fields(
                    "accountNumber", accountNumber=TEXT, balances=items(fields("currency", currency=TEXT, cash=NUMBER))
                )
            ),
            "/positions": listing(
                items(fields("symbol", "qty", symbol=TEXT, qty=INTEGER, price=NUMBER, view=TEXT, date=TEXT))
            ),
        },
        scheme={"type": "http", "scheme": "basic"},
    ),
    # Page numbers from 0 with a number of pages, an integer as the id of an account, nested envelopes.
    "numbered": document(
        {
            "/api/accounts": listing(
                _wrapped(fields(items=items(fields("id", "name", id=INTEGER, name=TEXT)))),
                query("page", INTEGER, default=0),
                FIVE,
            ),
            "/api/accounts/{id}/balance": listing(
                _wrapped(fields("available", available=TEXT, currency=TEXT)), path("id", INTEGER)
            ),
            "/api/accounts/{id}/positions": listing(
                _wrapped(fields(items=items(fields("ticker", "shares", ticker=TEXT, shares=TEXT, market_value=TEXT)))),
                path("id", INTEGER),
                query("page", INTEGER, default=0),
                FIVE,
            ),
        }
    ),
    # Addresses of next pages, a token from another service, recursive rows.
    "linked": document(
        {
            "/accounts/": listing(
                fields(
                    "count",
                    "results",
                    count=INTEGER,
                    next=ADDRESS,
                    results=items({"$ref": "#/components/schemas/Account"}),
                ),
                query("page", INTEGER),
                FIVE,
            ),
            "/accounts/{account_id}/holdings/": listing(
                fields("results", next=ADDRESS, results=items({"$ref": "#/components/schemas/Holding"})),
                path("account_id"),
                query("cursor", TEXT),
                FIVE,
            ),
        },
        {
            "Account": fields(
                "id",
                id=TEXT,
                cash_balance=TEXT,
                currency=TEXT,
                is_frozen=FLAG,
                below=items({"$ref": "#/components/schemas/Account"}),
            ),
            "Holding": fields(
                "id", "security", "quantity", id=TEXT, security=fields("symbol", symbol=TEXT), quantity=NUMBER
            ),
        },
        scheme={"type": "oauth2", "flows": {}},
    ),
    # Pages after the last row, parameters with hyphens, a flag for further pages.
    "after": document(
        {
            "/v1/accounts": listing(
                fields("data", "has_more", data=items(fields("id", id=TEXT, display_name=TEXT)), has_more=FLAG),
                query("starting_after", TEXT),
                query("limit", INTEGER, default=5),
            ),
            "/v1/accounts/{account-id}/balance": listing(
                fields("available", available=items(fields("amount", "currency", amount=TEXT, currency=TEXT))),
                path("account-id"),
            ),
            "/v1/accounts/{account-id}/positions": listing(
                fields(
                    "data",
                    data=items(fields("id", "symbol", "quantity", id=TEXT, symbol=TEXT, quantity=TEXT)),
                    has_more=FLAG,
                ),
                path("account-id"),
                query("starting_after", TEXT),
                query("limit", INTEGER, default=5),
            ),
        }
    ),
}
