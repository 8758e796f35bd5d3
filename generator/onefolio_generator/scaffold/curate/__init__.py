"""A curated spec made of a published one: the operations that are read, in the form of `specs/README.md`.

What the published one lacks and the mock, the contract tests and the strategies stand on is put in: examples, `x-mock`
hints, links, the statuses that happen at any API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
from attrs import define, field

from ...clients.python_names import to_identifier as identifier
from ...document import DocumentError
from ..example_values import sample
from ..field_matching import Match, What, currencies, in_minor_units, matched, may_be_null, plain, words
from ..normalize import DECIMAL, Published, Schema, json_content, not_null
from ..select_operations import LEFT_OUT, Chosen, Way, choose

_ERRORS = {
    "400": "Something in the request is not valid.",
    "401": "The keys are missing or wrong.",
    "403": "The keys are known, but not allowed to do this.",
    "404": "There is no such account.",
    "429": "Too many requests in a short time.",
    "5XX": "A fault on the provider's side.",
}
_CODES = {
    "400": "BAD_REQUEST",
    "401": "UNAUTHORIZED",
    "403": "FORBIDDEN",
    "404": "NOT_FOUND",
    "429": "TOO_MANY_REQUESTS",
    "5XX": "INTERNAL_SERVER_ERROR",
}
_MESSAGES = ["message", "detail", "errormessage", "msg", "description", "errordescription", "reason", "title", "error"]
_ERROR_CODES = ["code", "errorcode", "status", "type"]
_WRAPPERS = ("error", "errors", "fault")
_SANDBOX = ("sandbox", "paper", "demo", "test", "staging", "uat")
_NOT_CREDENTIALS = {"environment", "base_url", "name", "rate_limit", "self", "keys"}


@define
class Embedded:
    """Balances in the answer that lists the accounts.

    Attributes:
        rows: where in an account's row they are; the row itself where this is empty.
        is_list: whether there are several.
        row: the component of one.
        matches: the unified fields that are read from it.
    """

    rows: Way
    is_list: bool
    row: Schema
    matches: list[Match]


@define
class ErrorForm:
    """Where an error body says what is wrong.

    Attributes:
        way: names down to the object, or to the list of objects.
        is_list: whether it is a list, of which the first counts.
        message: the field for people; empty where the way leads to the text itself.
        code: the field for programs; empty where there is none.
    """

    way: Way
    is_list: bool
    message: str
    code: str


@define
class Curated:
    """A provider as far as its spec tells.

    Attributes:
        document: the curated OpenAPI document, examples left to their files.
        examples: example bodies by name.
        chosen: the operations that are read.
        embedded: the balances that come with the accounts, if that is where they are.
        credentials: names of the keys.
        environments: names of the servers.
        error: where an error says what is wrong.
        minor: whether balances are counted in a unit that is not stated.
        notes: what a person has to look at.
    """

    document: Schema
    examples: dict[str, Any]
    chosen: dict[What, Chosen]
    embedded: Embedded | None
    credentials: list[str]
    environments: list[str]
    error: ErrorForm
    minor: bool
    notes: list[str] = field(factory=list)


def curate(published: Published, name: str, stated: Mapping[What, str | None], base_url: str | None = None) -> Curated:
    """Return what a published document comes to.

    Args:
        published: the document.
        name: the provider's.
        stated: the ids of the operations that list accounts, balances and positions, where they are not to be guessed.
        base_url: the server, where the document states none that can be used.

    Raises:
        DocumentError: it cannot be used, and why.
    """
    chosen = choose(published, stated)
    notes = [note for each in chosen.values() for note in each.notes]
    embedded = (
        None if "balances" in chosen or stated.get("balances") == LEFT_OUT else _embedded(published, chosen["accounts"])
    )
    schemes, requirement, credentials = _security(published, name, chosen["accounts"])
    for each in chosen.values():
        each.matches = _usable(each.what, each.matches, notes)
        _exact(published, each.row, each.matches)
        _hinted(published, each)
    if embedded is not None:
        _exact(published, embedded.row, embedded.matches)
        _scaled(published, embedded.row, embedded.matches)
    held = chosen["balances"].matches if "balances" in chosen else embedded.matches if embedded else []
    minor = [each.native.label for each in held if each.kind == "figure" and _has_no_unit(each)]
    if minor:
        notes.append(
            f"balances: {', '.join(f'`{each}`' for each in minor)}: whole numbers or minor units, so the unit is not "
            "known and `unit` is AS_SENT; such amounts are in no total. Where you know the unit, say so in the adapter"
        )
    notes += _currency_notes(published, chosen, embedded)
    examples: dict[str, Any] = {}
    error_schema, error = _error(published, chosen)
    paths: dict[str, Any] = {}
    for each in chosen.values():
        names = _examples(published, each, examples)
        paths[each.operation.path] = {"get": _operation(published, each, names, chosen)}
    for status in _ERRORS:
        examples[_example_name(status)] = _error_body(published, error_schema, status, error)
    notes += published.notes
    servers, environments = _servers(published, base_url)
    info = published.document.get("info") or {}
    document: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": str(info.get("title") or "API"),
            "version": str(info.get("version") or "1"),
            "summary": "The part of the API that onefolio reads.",
            "description": "Made of the published document by `onefolio provider new`, and to be reviewed by hand.",
        },
        "servers": servers,
        "security": requirement,
        "tags": [{"name": tag, "description": f"Where {tag.lower()} are read."} for tag in _tags(chosen)],
        "paths": paths,
        "components": {"securitySchemes": schemes, "responses": _responses(error_schema), "schemas": {}},
    }
    document["components"]["schemas"] = _named_decimals(_reached(published, document))
    return Curated(document, examples, chosen, embedded, credentials, environments, error, bool(minor), notes)


def _embedded(published: Published, accounts: Chosen) -> Embedded | None:
    """Return the balances in an account's row: a list of them, or the figures of the row itself."""
    best: tuple[int, Embedded] | None = None
    for way, is_list, row in _inside(published, accounts.row, ()):
        found = matched(published, "balances", row)
        figures = [each for each in found if each.kind == "figure"]
        if figures and (is_list or not way):
            rank = sum(2 if each.sure else 1 for each in figures) + is_list
            if best is None or rank > best[0]:
                best = (rank, Embedded(way, is_list, row, found))
    return best and best[1]


def _inside(published: Published, schema: Schema, way: Way) -> Iterator[tuple[Way, bool, Schema]]:
    target = published.target(schema)
    if "items" in target:
        if "properties" in published.target(target["items"]):
            yield way, True, target["items"]
    elif "properties" in target and len(way) < 3:
        yield way, False, schema
        for name, inner in target["properties"].items():
            yield from _inside(published, inner, (*way, name))


def _usable(what: What, matches: list[Match], notes: list[str]) -> list[Match]:
    """Return the matches without the money of positions whose unit is not known: nothing says so beside it."""
    if what != "positions":
        return matches
    kept = []
    for each in matches:
        if each.kind == "figure" and each.field not in ("quantity", "available_quantity") and _has_no_unit(each):
            notes.append(
                f"positions: `{each.native.label}` is a whole number or in minor units, so `{each.field}` is None. "
                "Where you know the unit, read it in the adapter"
            )
        else:
            kept.append(each)
    return kept


def _currency_notes(published: Published, chosen: Mapping[What, Chosen], embedded: Embedded | None) -> Iterator[str]:
    """Tell of amounts that could be in another currency than the one that is read for all of a row."""
    read = [(each.what, each.row, each.matches) for each in chosen.values() if each.what != "accounts"]
    if embedded is not None:
        read.append(("balances", embedded.row, embedded.matches))
    for what, row, matches in read:
        if found := currencies(published, row, matches):
            own, stated = found
            field = "asset" if what == "balances" else "currency"
            yield (
                f"{what}: {', '.join(f'`{each}`' for each in own)}: amounts with a currency of their own, and "
                f"`{field}` is `{stated}` for all of them. Where they can differ, leave them out in the adapter"
            )


def _has_no_unit(match: Match) -> bool:
    return match.native.schema.get("type") == "integer" or in_minor_units(match.native)


def _node(published: Published, row: Schema, path: Way) -> Schema:
    """Return the schema of a row's field where it is written, to be changed."""
    target = published.target(row)
    for name in path[:-1]:
        target = published.target(target["properties"][name])
    found: Schema = target["properties"][path[-1]]
    return found


def _exact(published: Published, row: Schema, matches: list[Match]) -> None:
    """Make exact decimals of the figures that are texts without a format."""
    for each in matches:
        inner = not_null(_node(published, row, each.native.path))
        if each.kind == "figure" and inner.get("type") == "string":
            inner |= {"format": "decimal", "pattern": DECIMAL}
            each.native.schema.update(inner)


def _hinted(published: Published, chosen: Chosen) -> None:
    """Say how the mock makes many rows of one."""
    for each in chosen.matches:
        node = _node(published, chosen.row, each.native.path)
        if each.field in ("id", "number", "holder_id", "instrument_id") and "$ref" not in node:
            node["x-mock"] = "sequence"
        elif each.field in ("name", "symbol") and "$ref" not in node:
            node["x-mock"] = "label" if each.field == "name" else "symbol"
    _scaled(published, chosen.row, chosen.matches)
    if chosen.paging is None:
        return
    paging = chosen.paging
    if paging.last:
        _node(published, chosen.row, (paging.last,))["x-mock"] = "sequence"
    hints = {paging.total: "total-items", paging.pages: "total-pages", paging.more: "has-more"}
    for way, hint in hints.items():
        if way is not None:
            _node(published, chosen.answer, way)["x-mock"] = hint
    if paging.next is None:
        return
    node = _node(published, chosen.answer, paging.next)
    if not may_be_null(published, node):
        inner = {key: value for key, value in node.items() if key not in ("description", "deprecated")}
        for key in inner:
            del node[key]
        node["anyOf"] = [inner, {"type": "null"}]
    is_number = not_null(node).get("type") == "integer"
    node["x-mock"] = "next-address" if paging.by == "address" else "next-position" if is_number else "next-token"


def _scaled(published: Published, row: Schema, matches: list[Match]) -> None:
    for each in matches:
        node = _node(published, row, each.native.path)
        if each.kind == "figure" and each.field not in ("average_price", "price", "unrealized_pnl_ratio"):
            node["x-mock"] = "scale"


def _examples(published: Published, chosen: Chosen, examples: dict[str, Any]) -> list[str]:
    """Add the examples of an operation's answer and return their names, a last page first."""
    made = _last_page(chosen, _made_up(published, chosen))
    found: dict[str, Any] = {chosen.what: made}
    shown = chosen.operation.example
    if shown is not None:
        last = _last_page(chosen, shown)
        if _is_useful(published, chosen, last):
            found = {chosen.what: last, f"{chosen.what}-made-up": made}
        else:
            chosen.notes.append(f"`{chosen.operation.id}`: the published example breaks its own schema; it is not used")
    paging = chosen.paging
    if paging is not None and paging.by == "token" and paging.next is not None:
        more = _made_up(published, chosen)
        _put(
            more,
            paging.next,
            2 if not_null(_node(published, chosen.answer, paging.next)).get("type") == "integer" else "next",
        )
        found[f"{chosen.what}-more"] = more
    examples.update(found)
    return list(found)


def _made_up(published: Published, chosen: Chosen) -> Any:
    """Return an example made of the schema: no error in it, another name, symbol and asset in its second row."""
    body = sample(published, chosen.answer)
    target = published.target(chosen.answer)
    for name in [name for name in target.get("properties", {}) if plain(name) in _WRAPPERS and name not in chosen.rows]:
        if name not in target.get("required", []):
            del body[name]
        elif may_be_null(published, target["properties"][name]):
            body[name] = None
    rows = _at(body, chosen.rows)
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        for each in chosen.matches:
            holder = _at(row, each.native.path[:-1])
            if number > 1 and each.field in ("name", "symbol", "asset") and isinstance(holder, dict):
                value = holder.get(each.native.path[-1])
                if isinstance(value, str) and not words(each.native.schema):
                    holder[each.native.path[-1]] = "EUR" if each.field == "asset" else f"{value}-{number}"
    return body


def _last_page(chosen: Chosen, body: Any) -> Any:
    """Return an example as a last page, what it says of itself fitting its rows."""
    body = _copy(body)
    rows = _at(body, chosen.rows)
    paging = chosen.paging
    if paging is None or not isinstance(rows, list):
        return body
    for way, value in ((paging.total, len(rows)), (paging.pages, 1), (paging.more, False), (paging.next, None)):
        if way is not None and _at(body, way) is not None:
            _put(body, way, value)
    return body


def _is_useful(published: Published, chosen: Chosen, body: Any) -> bool:
    rows = _at(body, chosen.rows)
    if chosen.is_list and not (isinstance(rows, list) and rows):
        return False
    root = {"$ref": chosen.answer["$ref"], "components": {"schemas": published.components}}
    try:
        valid: bool = jsonschema_rs.Draft202012Validator(root, validate_formats=True).is_valid(body)
    except ValueError:
        return False
    sequences = [each for each in chosen.matches if each.field == "id" and len(each.native.path) == 1]
    listed: list[Any] = rows if isinstance(rows, list) else [rows]
    return valid and all(_is_varied(row.get(each.native.path[0])) for row in listed for each in sequences)


def _is_varied(value: Any) -> bool:
    """Tell whether the mock can make very many identifiers like this one."""
    tail = re.search(r"[0-9A-Za-z]*\Z", value) if isinstance(value, str) else None
    return isinstance(value, int) or (tail is not None and len(tail[0]) >= 4)


def _operation(published: Published, chosen: Chosen, names: list[str], all_chosen: Mapping[What, Chosen]) -> Schema:
    node = chosen.operation.node
    summary = " ".join(str(node.get("summary") or f"List {chosen.what}").split())
    parameters = list(_parameters(published, chosen))
    operation: Schema = {
        "operationId": chosen.operation.id,
        "tags": [chosen.what.capitalize()],
        "summary": summary,
        "description": _sentence(node.get("description") or summary),
        "x-mock": {"rows": list(chosen.rows) if chosen.is_list else None},
    }
    if parameters:
        operation["parameters"] = parameters
    ok: Schema = {
        "description": "The answer.",
        "content": {
            "application/json": {
                "schema": chosen.answer,
                "examples": {name: {"$ref": f"examples/{name}.json"} for name in names},
            }
        },
    }
    links = _links(chosen, all_chosen)
    if links:
        ok["links"] = links
    statuses = ["401", "403", "429", "5XX"]
    statuses += ["400"] if parameters else []
    statuses += ["404"] if chosen.account is not None else []
    refs = {status: {"$ref": f"#/components/responses/{_response_name(status)}"} for status in sorted(statuses)}
    operation["responses"] = {"200": ok, **refs}
    return operation


def _sentence(words: Any) -> str:
    text = " ".join(str(words).split())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _parameters(published: Published, chosen: Chosen) -> Iterator[Schema]:
    if chosen.account is not None:
        account = _parameter(published, chosen.account, required=True)
        if account["in"] == "query":
            account["x-mock"] = "account"
        yield account
    if chosen.paging is not None:
        parameter = _parameter(published, chosen.paging.parameter)
        is_number = parameter["schema"]["type"] == "integer"
        match chosen.paging.by:
            case "number":
                parameter["x-mock"] = "page-number"
            case "offset":
                parameter["x-mock"] = "offset"
            case "last":
                parameter["x-mock"] = {"after": chosen.paging.last}
            case "token" if is_number:
                offset = "offset" in plain(parameter["name"]) or "skip" in plain(parameter["name"])
                parameter["x-mock"] = "offset" if offset else "page-number"
            case "address":
                name = plain(parameter["name"])
                after = next((each.native.path[0] for each in chosen.matches if each.field in _NAMING), "id")
                parameter["x-mock"] = (
                    "offset" if name in ("offset", "skip") else "page-number" if is_number else {"after": after}
                )
        if parameter.get("x-mock") in ("page-number", "offset"):
            low = 0 if parameter["x-mock"] == "offset" else chosen.paging.first
            parameter["schema"] = {"type": "integer", "minimum": low, "maximum": 2**31 - 1}
        yield parameter
    if chosen.size is not None and chosen.paging is not None:
        stated = published.resolve(chosen.size.get("schema") or {})
        if type(stated.get("default")) is int:
            size = _parameter(published, chosen.size)
            high = stated.get("maximum")
            size["schema"] = {
                "type": "integer",
                "minimum": 1,
                "maximum": high if type(high) is int else max(1000, stated["default"]),
                "default": stated["default"],
            }
            yield size
    for each in chosen.operation.parameters:
        if each["name"] in chosen.sent:
            value = chosen.sent[each["name"]]
            text = str(value).lower() if isinstance(value, bool) else str(value)
            constant = _parameter(published, each)
            yield {**constant, "required": False, "schema": {"type": "string", "const": text, "default": text}}


_NAMING = ("id", "instrument_id", "symbol", "asset")


def _parameter(published: Published, stated: Schema, *, required: bool = False) -> Schema:
    schema = published.resolve(stated.get("schema") or {})
    kinds = schema.get("type")
    is_number = kinds == "integer" or (isinstance(kinds, list) and "integer" in kinds)
    found: Schema = {"name": stated["name"], "in": stated["in"]}
    if required:
        found["required"] = True
    found["description"] = " ".join(str(stated.get("description") or f"As `{stated['name']}`.").split())
    low = {"minimum": 0, "maximum": 2**63 - 1}
    found["schema"] = {"type": "integer", **low} if is_number else {"type": "string", "minLength": 1}
    return found


def _links(chosen: Chosen, all_chosen: Mapping[What, Chosen]) -> Schema:
    links: Schema = {}
    paging = chosen.paging
    if paging is not None and paging.by == "token" and paging.next is not None and _is_text(paging.parameter):
        pointer = "".join(f"/{name}" for name in paging.next)
        links["NextPage"] = {
            "operationId": chosen.operation.id,
            "parameters": {paging.parameter["name"]: f"$response.body#{pointer}"},
        }
    if chosen.what != "accounts":
        return links
    identity = next(each for each in chosen.matches if each.field == "id")
    row = [*chosen.rows, *(["0"] if chosen.is_list else []), *identity.native.path]
    for what in ("balances", "positions"):
        other = all_chosen.get(what)
        if other is not None and other.account is not None:
            links[what.capitalize()] = {
                "operationId": other.operation.id,
                "parameters": {other.account["name"]: "$response.body#" + "".join(f"/{name}" for name in row)},
            }
    return links


def _is_text(parameter: Schema) -> bool:
    kinds = (parameter.get("schema") or {}).get("type", "string")
    return bool(kinds != "integer")


def _security(published: Published, provider: str, accounts: Chosen) -> tuple[Schema, list[Schema], list[str]]:
    """Return the curated schemes, the requirement and the names of the keys.

    Raises:
        DocumentError: there is none, or none that can be sent.
    """
    stated = (published.document.get("components") or {}).get("securitySchemes") or {}
    where = f"{published.path}: components.securitySchemes"
    if not stated:
        raise DocumentError(f"{where} is missing: it has to say which header carries the key (apiKey, bearer or basic)")
    wanted = accounts.operation.node.get("security", published.document.get("security"))
    alternatives = [list(each) for each in wanted or [] if each] or [[name] for name in stated]
    refused: list[str] = []
    for names in alternatives:
        found = [(name, published.resolve(stated.get(name) or {})) for name in names]
        bad = [f"{name} ({_kind(scheme)})" for name, scheme in found if _sent(scheme) is None]
        if bad:
            refused += bad
            continue
        schemes: Schema = {}
        credentials: list[str] = []
        for name, scheme in found:
            sent = _sent(scheme) or {}
            key = _credential(name, scheme, provider, alone=len(found) == 1, taken=credentials)
            text = " ".join(str(scheme.get("description") or "").split())
            schemes[key] = {**sent, **({"description": text} if text else {})}
            credentials += ["username", "password"] if sent.get("scheme") == "basic" else [key]
        headers = [scheme.get("name", "Authorization").lower() for scheme in schemes.values()]
        if len(set(headers)) < len(headers):
            refused.append(f"{' with '.join(names)} (both in one header)")
            continue
        return schemes, [{key: [] for key in schemes}], credentials
    raise DocumentError(
        f"{where}: no way to authenticate that can be sent: {', '.join(refused)}. Known are API keys in a header, "
        "bearer tokens (OAuth 2 and OpenID Connect too, with a token of yours) and basic. Change the spec to one"
    )


def _kind(scheme: Schema) -> str:
    return " ".join(str(scheme[key]) for key in ("type", "scheme", "in") if key in scheme) or "nothing there"


def _sent(scheme: Schema) -> Schema | None:
    """Return the curated form of a scheme, None where it cannot be sent."""
    match scheme:
        case {"type": "apiKey", "in": "header", "name": str(header)} if re.fullmatch(r"[\w-]+", header, re.ASCII):
            return {"type": "apiKey", "in": "header", "name": header}
        case {"type": "http", "scheme": str(kind)} if kind.lower() in ("bearer", "basic"):
            return {"type": "http", "scheme": kind.lower()}
        case {"type": "oauth2" | "openIdConnect"}:
            return {"type": "http", "scheme": "bearer"}
    return None


def _credential(name: str, scheme: Schema, provider: str, *, alone: bool, taken: list[str]) -> str:
    if scheme.get("type") != "apiKey":
        found = "basic" if str(scheme.get("scheme", "")).lower() == "basic" else "token"
    elif alone:
        found = "api_key"
    else:
        found = identifier(name).removeprefix(f"{provider}_")
    while found in taken or found in _NOT_CREDENTIALS or not found.isidentifier():
        found = f"{found}_key"
    return found


def _servers(published: Published, base_url: str | None) -> tuple[list[Schema], list[str]]:
    """Return the servers with the names of their environments.

    Raises:
        DocumentError: there is none that can be called.
    """
    stated: list[Schema] = [{"url": base_url}] if base_url else published.document.get("servers") or []
    servers: list[Schema] = []
    names: list[str] = []
    for each in stated:
        url = str(each.get("url", ""))
        for name, variable in (each.get("variables") or {}).items():
            url = url.replace("{" + name + "}", str(variable.get("default", "")))
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query:
            continue
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            continue
        words = f"{parts.hostname} {each.get('description', '')} {each.get('x-name', '')}".lower()
        name = next((word for word in _SANDBOX if word in words), "production")
        name = plain(str(each.get("x-name", ""))) or name
        while name in names:
            name = f"{name}-{len(names) + 1}"
        names.append(name)
        servers.append({"url": url.rstrip("/"), "description": str(each.get("description") or name), "x-name": name})
    if not servers:
        raise DocumentError(
            f"{published.path}: servers: no https:// address is stated; say where the API is with --base-url https://…"
        )
    return servers, names


def _error(published: Published, chosen: Mapping[What, Chosen]) -> tuple[str, ErrorForm]:
    """Return the component of error bodies, made up where none is published, and where it says what is wrong."""
    for each in chosen.values():
        responses = each.operation.node.get("responses") or {}
        for status in sorted(map(str, responses), key=lambda status: (status == "default", status)):
            if status.startswith(("4", "5")) or (status == "default" and len(responses) > 1):
                content = json_content(published.resolve({str(k): v for k, v in responses.items()}[status]))
                if content is None or "schema" not in content:
                    continue
                reference = published.named(content["schema"], "ErrorBody")
                if form := _error_form(published, reference):
                    return reference["$ref"].rpartition("/")[2], form
    made: Schema = {
        "description": "Why a request was not served. Made up: the published document says nothing of errors.",
        "type": "object",
        "properties": {
            "message": {"description": "The reason, for people.", "type": "string"},
            "code": {"description": "The reason, for programs.", "type": "string"},
        },
    }
    name = "ErrorBody"
    while name in published.components:
        name += "2"
    published.components[name] = made
    return name, ErrorForm((), is_list=False, message="message", code="code")


def _error_form(published: Published, schema: Schema, way: Way = ()) -> ErrorForm | None:
    target = published.target(schema)
    is_list = "items" in target
    if is_list:
        target = published.target(target["items"])
    fields = target.get("properties", {})
    for name, inner in fields.items():
        if plain(name) in _WRAPPERS and not is_list and not way:
            below = published.target(inner)
            if ("properties" in below or "items" in below) and (found := _error_form(published, inner, (name,))):
                return found
    texts = {plain(name): name for name, inner in fields.items() if published.target(inner).get("type") == "string"}
    message = next((texts[name] for name in _MESSAGES if name in texts), None)
    if message is None:
        return None
    scalars = {plain(name): name for name, inner in fields.items() if "properties" not in published.target(inner)}
    code = next((scalars[name] for name in _ERROR_CODES if name in scalars and scalars[name] != message), "")
    return ErrorForm(way, is_list, message, code)


def _error_body(published: Published, name: str, status: str, error: ErrorForm) -> Any:
    body = sample(published, {"$ref": f"#/components/schemas/{name}"})
    place = _at(body, error.way)
    place = place[0] if isinstance(place, list) and place else place
    if isinstance(place, dict):
        place[error.message] = _ERRORS[status]
        if error.code:
            number = 500 if status == "5XX" else int(status)
            place[error.code] = number if type(place.get(error.code)) is int else _CODES[status]
    return body


def _responses(error: str) -> Schema:
    responses: Schema = {}
    for status, description in _ERRORS.items():
        name = _example_name(status)
        responses[_response_name(status)] = {
            "description": description,
            **(
                {"headers": {"Retry-After": {"description": "When to try again.", "schema": {"type": "string"}}}}
                if status == "429"
                else {}
            ),
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{error}"},
                    "examples": {name: {"$ref": f"examples/{name}.json"}},
                }
            },
        }
    return responses


def _response_name(status: str) -> str:
    return _CODES[status].title().replace("_", "")


def _example_name(status: str) -> str:
    return _CODES[status].lower().replace("_", "-")


def _tags(chosen: Mapping[What, Chosen]) -> list[str]:
    return [what.capitalize() for what in chosen]


def _reached(published: Published, document: Schema) -> Schema:
    """Return the components that the document refers to, and those that these refer to."""
    found: dict[str, Schema] = {}
    waiting = list(_references(document))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = published.components[name]
            waiting += _references(found[name])
    return dict(sorted(found.items()))


def _named_decimals(schemas: Schema) -> Schema:
    """Return the components with one of its own for decimal texts, which the fields refer to."""
    name = "ExactDecimal"
    while name in schemas:
        name += "2"

    def named(node: Any) -> Any:
        match node:
            case {"type": "string", "format": "decimal", **rest}:
                kept = {key: value for key, value in rest.items() if key in ("description", "x-mock")}
                return {"$ref": f"#/components/schemas/{name}", **kept}
            case dict():
                return {key: named(item) for key, item in node.items()}
            case list():
                return [named(item) for item in node]
        return node

    found = named(schemas)
    if any(reference == name for reference in _references(found)):
        found[name] = {"description": "An exact number.", "type": "string", "format": "decimal", "pattern": DECIMAL}
    return dict(sorted(found.items()))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _at(value: Any, way: Way) -> Any:
    for name in way:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(body: Any, way: Way, value: Any) -> None:
    holder = _at(body, way[:-1])
    if isinstance(holder, dict):
        holder[way[-1]] = value


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
