"""An adapter as readable Python, and what its docs page says of it, from a curated spec."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from attrs import frozen

from ..clients.python_names import to_field_name as field_name
from ..clients.python_names import to_identifier as identifier
from .curate import Curated, Embedded
from .field_matching import TABLE, Match, What, may_be_null, natives, plain, restrictions, words
from .normalize import Published, Schema
from .select_operations import Chosen, Way

_STATUS = {
    "ACTIVE": "active open opened enabled normal ok",
    "PENDING": "pending onboarding submitted approved inreview opening created new pendingapproval approvalpending",
    "RESTRICTED": "restricted limited suspended frozen blocked locked onhold",
    "INACTIVE": "inactive dormant disabled archived",
    "CLOSED": "closed terminated closing pendingclose",
    "REJECTED": "rejected denied declined failed",
}
_KIND = {"CASH": "cash cashaccount", "MARGIN": "margin marginaccount"}
_TYPE = {
    "EQUITY": "equity equities stock stocks commonstock preferredstock usequity share shares etf etfs",
    "OPTION": "option options equityoption usoption stockoption",
    "CRYPTO": "crypto cryptocurrency digitalasset cryptoasset",
    "CASH": "cash currency fiat",
    "INDEX": "index indices",
}
_REMARKS = {
    **dict.fromkeys(("quantity", "cost_basis", "market_value"), "minus its magnitude where the position is short"),
    "short_market_value": "minus its magnitude",
}
_SIDE = {"LONG": "long longcall longput", "SHORT": "short shortcall shortput"}


@frozen
class Words:
    """A table of a provider's words.

    Attributes:
        name: of the constant.
        enum: of the unified words.
        rows: the provider's word and the unified one.
        unknown: the provider's words that are in no table of ours.
        folded: whether the spec has no words, so that common ones are looked up in lower case.
    """

    name: str
    enum: str
    rows: list[tuple[str, str]]
    unknown: list[str]
    folded: bool


@frozen
class Line:
    """A field of a unified object: its name, the expression that reads it, a comment."""

    field: str
    expression: str
    comment: str = ""


@frozen
class Row:
    """A row of the docs page's table."""

    field: str
    native: str
    remark: str


def quoted(text: str) -> str:
    """Return a text of the spec's as a literal of Python's, whatever is in it."""
    return json.dumps(text)


def word_table(match: Match) -> Words:
    """Return the table of words that a status, kind, type or side is read by."""
    name, enum, table = {
        "status": ("_STATUS", "AccountStatus", _STATUS),
        "kind": ("_KIND", "AccountKind", _KIND),
        "type": ("_INSTRUMENT_TYPE", "InstrumentType", _TYPE),
        "side": ("_SIDE", "Side", _SIDE),
    }[match.kind]
    by_word = {word: unified for unified, known in table.items() for word in known.split()}
    stated = words(match.native.schema)
    if not stated:
        return Words(name, enum, list(by_word.items()), [], folded=True)
    known = {word: unified for word in stated if (unified := _unified(match.kind, plain(word), by_word))}
    return Words(name, enum, list(known.items()), [word for word in stated if word not in known], folded=False)


def _unified(kind: str, word: str, by_word: dict[str, str]) -> str | None:
    if kind == "side" and word not in by_word:
        return next((unified for unified in _SIDE if word.endswith(unified.lower())), None)
    return by_word.get(word)


def value(match: Match, variable: str) -> str:
    """Return the expression of a unified field: what the row has, exactly, or None."""
    native = match.native
    source, guards = _source(native.path, native.required, variable)
    optional = not native.required[-1]
    schema = native.schema
    expression = source
    if match.kind == "figure":
        if schema.get("format") != "decimal":
            expression = f"exact({source}, {quoted(native.pointer)})"
        if match.field == "short_market_value":
            expression = f"below_zero({expression})"
    elif match.kind == "date":
        if schema.get("format") == "date-time":
            expression = f"{source}.astimezone(UTC).date()"
            guards += [f"{source} is None"] if optional else []
    elif schema.get("format") == "uuid" and len(native.path) == 1 and not optional:
        expression = f"{variable}[{quoted(native.path[0])}]"  # the text itself, in the letters that the API sends
    elif schema.get("type") != "string" or schema.get("format") == "uuid":
        expression = f"str({source})"
        guards += [f"{source} is None"] if optional else []
    return f"None if {' or '.join(guards)} else {expression}" if guards else expression


def _source(path: Way, required: Iterable[bool], variable: str) -> tuple[str, list[str]]:
    """Return the expression of what is at a path of a row, and what may be None on the way."""
    source, guards = variable, []
    names = list(zip(path, required, strict=True))
    for name, needed in names[:-1]:
        source = f"{source}.{field_name(name)}"
        if not needed:
            guards.append(f"{source} is None")
    return f"{source}.{field_name(names[-1][0])}", guards


def account_lines(published: Published, chosen: Chosen) -> list[Line]:
    """Return the fields of an `Account`."""
    lines = []
    for match in chosen.matches:
        expression = value(match, "row")
        if match.kind in ("status", "kind"):
            lines.append(Line(match.field, f"_{match.kind}({expression})", _check(match)))
            if match.kind == "status":
                lines.append(Line("native_status", expression))
        elif match.field == "id":
            lines.append(
                Line(
                    "id",
                    expression
                    if match.native.required[-1]
                    else f"_stated({expression}, {quoted(match.native.pointer)})",
                )
            )
        else:
            lines.append(Line(match.field, expression, _check(match)))
    if flags := restrictions(published, chosen.row):
        listed = ", ".join(map(quoted, flags))
        comma = "," if len(flags) == 1 else ""
        lines.append(Line("restrictions", f"frozenset(flag for flag in ({listed}{comma}) if row.to_dict().get(flag))"))
    return lines


def balance_lines(matches: list[Match], *, minor: bool) -> list[Line]:
    """Return the fields of a `Balance`."""
    lines = [Line(match.field, value(match, "row"), _check(match)) for match in matches]
    if minor:
        lines.append(Line("unit", "Unit.AS_SENT", "the spec does not state what the amounts count"))
    return lines


def position_lines(chosen: Chosen) -> list[Line]:
    """Return the fields of a position's draft; each of them has to be set."""
    by_field = {match.field: match for match in chosen.matches}
    lines = []
    for name in TABLE["positions"]:
        if name in ("side", "currency"):
            continue
        match = by_field.get(name)
        if name == "instrument_type":
            native = "None" if match is None else value(match, "row")
            lines.append(Line(name, "InstrumentType.UNKNOWN" if match is None else f"_type({native})", _check(match)))
            lines.append(Line("native_instrument_type", native))
        else:
            lines.append(Line(name, "None" if match is None else value(match, "row"), _check(match)))
    return lines


def _check(match: Match | None) -> str:
    return "" if match is None or match.sure else "check: the name alone does not say so for sure"


def request(chosen: Chosen) -> str:
    """Return the function that makes the request of a page."""
    name = identifier(chosen.operation.id)
    arguments = []
    if chosen.account is not None:
        number = _is_integer(chosen.account)
        arguments.append(f"{identifier(chosen.account['name'])}={'_number(account)' if number else 'account.id'}")
    if chosen.paging is None:
        return f"lambda _: operations.{name}({', '.join(arguments)})"
    number = chosen.paging.by in ("number", "offset") or _is_integer(chosen.paging.parameter)
    token = "int(token)" if number else "token"
    arguments.append(f"{identifier(chosen.paging.parameter['name'])}=UNSET if token is None else {token}")
    return f"lambda token: operations.{name}({', '.join(arguments)})"


def _is_integer(parameter: Schema) -> bool:
    kinds = (parameter.get("schema") or {}).get("type")
    return kinds == "integer" or (isinstance(kinds, list) and "integer" in kinds)


def options(chosen: Chosen) -> list[str]:
    """Return the further arguments of a `Reading`."""
    found = [f"rows={_way(chosen.rows)}"] if chosen.rows else []
    paging = chosen.paging
    if paging is None:
        return found
    more = [f"more={_way(paging.more)}"] if paging.more else []
    match paging.by:
        case "token":
            found.append(f"next_token={_way(paging.next or ())}")
        case "address":
            found.append(f"next_page=by_address({_way(paging.next or ())}, {quoted(paging.parameter['name'])})")
        case "number":
            stated = [f"pages={_way(paging.pages)}"] if paging.pages else []
            stated += more + ([] if paging.first == 1 else [f"first={paging.first}"])
            found.append(f"next_page=by_number({', '.join(stated)})")
        case "offset":
            stated = [f"total={_way(paging.total)}"] if paging.total else []
            found.append(f"next_page=by_offset({', '.join(stated + more)})")
        case "last":
            found.append(f"next_page=after_last({', '.join([quoted(paging.last), *more])})")
    if paging.total:
        found.append(f"total={_way(paging.total)}")
    return found


def _way(names: Way) -> str:
    return "(" + ", ".join(map(quoted, names)) + ("," if len(names) == 1 else "") + ")"


def embedded_source(published: Published, accounts: Chosen, embedded: Embedded) -> str:
    """Return the expression of the balances' rows in an account's row."""
    if not embedded.rows:
        return "[row]"
    required, schema = [], published.target(accounts.row)
    for name in embedded.rows:
        stated = schema["properties"][name]
        needed = name in schema.get("required", []) and not may_be_null(published, stated)
        required.append(needed)
        schema = published.target(stated)
    source, guards = _source(embedded.rows, required, "row")
    source = source if required[-1] else f"({source} or [])"
    return f"[] if {' or '.join(guards)} else {source}" if guards else source


def error_case(curated: Curated, published: Published) -> tuple[str, str, list[str]]:
    """Return the pattern of an error body, the expression of its code, and the fields that only a success has."""
    error = curated.error
    inner = f"{{{quoted(error.message)}: str(message), **rest}}"
    pattern = f"[{inner}, *_]" if error.is_list else inner
    for name in reversed(error.way):
        pattern = f"{{{quoted(name)}: {pattern}}}"
    code = f"_text(rest.get({quoted(error.code)}))" if error.code else "None"
    if error.way:
        return pattern, code, []
    names: dict[str, None] = {}
    for chosen in curated.chosen.values():
        names |= dict.fromkeys(published.target(chosen.answer).get("properties", {}))
    return pattern, code, [name for name in names if name not in (error.message, error.code)]


def table(what: What, matches: list[Match]) -> list[Row]:
    """Return how each unified field of one kind is mapped."""
    by_field = {match.field: match for match in matches}
    rows = []
    for name in TABLE[what]:
        match = by_field.get(name)
        if match is None:
            rows.append(Row(name, "", "None"))
            continue
        remark = _REMARKS.get(name, "") if match.sure else "check"
        if match.kind == "date" and match.native.schema.get("format") == "date-time":
            remark = "the date in UTC"
        if match.kind in ("status", "kind", "type", "side"):
            told = word_table(match)
            if told.unknown:
                remark = f"UNKNOWN for {', '.join(f'`{word}`' for word in told.unknown)}"
                if match.kind == "side":
                    remark = f"the quantity's sign decides for {', '.join(f'`{word}`' for word in told.unknown)}"
        rows.append(Row(name, f"`{match.native.label}`", remark))
    return rows


def unread(published: Published, matches: list[Match], row: Schema, others: Iterable[Match] = ()) -> list[str]:
    """Return the fields of a row that no unified field is read from."""
    read = {match.native.path for match in [*matches, *others]} | {(name,) for name in restrictions(published, row)}
    return [f"`{each.label}`" for each in natives(published, row) if each.path not in read]


def context(published: Published, curated: Curated, name: str) -> dict[str, Any]:
    """Return what the templates are filled in with."""
    accounts = curated.chosen["accounts"]
    balances, positions, embedded = curated.chosen.get("balances"), curated.chosen.get("positions"), curated.embedded
    held = balances.matches if balances else embedded.matches if embedded else []
    held_row = balances.row if balances else embedded.row if embedded else None
    every = [*accounts.matches, *held, *(positions.matches if positions else [])]
    told = [word_table(match) for match in every if match.kind in ("status", "kind", "type", "side")]
    tables = {each.name: each for each in told}
    pattern, code, success = error_case(curated, published)
    listed = ", ".join(f"`{flag}`" for flag in restrictions(published, accounts.row))
    flags = {"accounts": [Row("restrictions", listed, "those that are set" if listed else "none")]}
    of_account = held if embedded and not embedded.rows else []
    sections: list[tuple[str, What, list[Match], Schema, list[Match]]] = []
    sections.append(("Account", "accounts", accounts.matches, accounts.row, of_account))
    if held_row is not None:
        sections.append(("Balance", "balances", held, held_row, []))
    if positions is not None:
        sections.append(("Position", "positions", positions.matches, positions.row, []))
    by_field = {match.field: match for match in positions.matches} if positions else {}
    title = "".join(part.capitalize() for part in name.split("_"))
    has_number = any(each.account is not None and _is_integer(each.account) for each in curated.chosen.values())
    account_id = next(match for match in accounts.matches if match.field == "id")
    return {
        "name": name,
        "class_name": title,
        "title": " ".join(part.capitalize() for part in name.split("_")),
        "api_title": curated.document["info"]["title"],
        "credentials": curated.credentials,
        "variables": {key: f"{name.upper()}_{key.upper()}" for key in curated.credentials},
        "base_url_variable": f"{name.upper()}_BASE_URL",
        "environments": curated.environments,
        "environment": next((each for each in curated.environments if each == "production"), curated.environments[0]),
        "accounts": accounts,
        "balances": balances,
        "positions": positions,
        "embedded": embedded,
        "embedded_source": embedded_source(published, accounts, embedded) if embedded else "",
        "capabilities": [*curated.chosen] + (["balances"] if embedded else []),
        "tables": list(tables.values()),
        "account_lines": account_lines(published, accounts),
        "balance_lines": balance_lines(held, minor=curated.minor),
        "held_model": held_row and held_row["$ref"].rpartition("/")[2],
        "position_lines": position_lines(positions) if positions else [],
        "side": value(by_field["side"], "row") if "side" in by_field else None,
        "currency": value(by_field["currency"], "row") if "currency" in by_field else None,
        "quantity_at": quoted(by_field["quantity"].native.pointer if "quantity" in by_field else ""),
        "needs_stated": not account_id.native.required[-1],
        "needs_number": has_number,
        "error_pattern": pattern,
        "error_code": code,
        "success": success,
        "request": request,
        "options": options,
        "model": lambda chosen: chosen.row["$ref"].rpartition("/")[2],
        "sections": [
            (heading, table(what, matches) + flags.get(what, []), unread(published, matches, row, others))
            for heading, what, matches, row, others in sections
        ],
        "notes": curated.notes,
    }
