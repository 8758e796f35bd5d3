"""Which operations of a published document list accounts, balances and positions, and how each of them is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from attrs import define, field

from ..document import DocumentError
from .field_matching import Match, What, matched, may_be_null, natives, plain
from .normalize import Operation, Published, Schema

WORDS: Mapping[What, tuple[str, ...]] = {
    "accounts": ("accounts", "account", "portfolios", "wallets", "subaccounts", "portfolio", "wallet"),
    "balances": ("balances", "balance", "accountbalances", "accountbalance", "cash", "funds", "summary"),
    "positions": ("positions", "holdings", "openpositions", "position", "holding", "assets"),
}
LEFT_OUT = "none"
"""What a person states in place of an operation that is not to be read."""

_ACCOUNT = re.compile(r"^(sub)?(account|acct|portfolio|wallet)s?(id|ids|no|number|key|ref|uuid)?$")
_TOKENS = [
    "pagetoken",
    "nextpagetoken",
    "cursor",
    "nextcursor",
    "pagecursor",
    "nexttoken",
    "continuationtoken",
    "continuation",
    "paginationtoken",
    "after",
    "aftercursor",
    "marker",
    "token",
    "next",
    "pageafter",
]
_NUMBERS = ["page", "pagenumber", "pageno", "pagenum", "pageindex"]
_OFFSETS = ["offset", "skip", "startindex", "start"]
_LAST = ["startingafter", "afterid", "lastid"]
_SIZES = ["limit", "pagesize", "perpage", "size", "count", "top", "take", "maxresults", "maxitems", "pagelimit"]
_NEXT = [
    "nextpagetoken",
    "nexttoken",
    "nextcursor",
    "cursor",
    "nextpage",
    "continuationtoken",
    "continuation",
    "next",
    "endcursor",
    "nextmarker",
    "marker",
    "nextoffset",
    "after",
    "paginationtoken",
]
_ADDRESS = ["next", "nextpage", "nexturl", "nextlink", "nextpageurl", "href"]
_TOTAL = ["total", "totalitems", "totalcount", "totalresults", "totalrecords", "totalelements", "totalrows"]
_PAGES = ["totalpages", "pagecount", "pages", "numpages", "lastpage"]
_MORE = ["hasmore", "hasnext", "hasnextpage", "more", "ismore", "hasmoreresults"]
_DEEPEST = 3
_USUAL = {"id", "account", "accountid"}
"""Names that mean an account's id."""

Way: TypeAlias = tuple[str, ...]


@define
class Paging:
    """How the pages of a listing are asked for.

    Attributes:
        by: what says where the next page is: a token in the answer, an address, a number, an offset, the last row.
        parameter: the query parameter that asks for it.
        next: where the token or the address is.
        total: where the number of all rows is.
        pages: where the number of pages is.
        more: where it is said that another page follows.
        last: the field of the last row.
        first: the number of the first page.
    """

    by: Literal["token", "address", "number", "offset", "last"]
    parameter: Schema
    next: Way | None = None
    total: Way | None = None
    pages: Way | None = None
    more: Way | None = None
    last: str = ""
    first: int = 1


@define
class Chosen:
    """An operation that is read.

    Attributes:
        what: what it lists.
        operation: the operation.
        answer: the curated component of its answer, as a reference.
        rows: where the rows are.
        is_list: whether there are several.
        row: the curated component of a row, as a reference.
        matches: the unified fields that are read from a row.
        account: the parameter that names the account; None where there is none.
        sent: parameters that have to be sent, and with what.
        paging: how pages are asked for; None where there are none.
        size: the parameter for the rows on a page.
        notes: what a person has to look at.
    """

    what: What
    operation: Operation
    answer: Schema
    rows: Way
    is_list: bool
    row: Schema
    matches: list[Match]
    account: Schema | None = None
    sent: dict[str, Any] = field(factory=dict)
    paging: Paging | None = None
    size: Schema | None = None
    notes: list[str] = field(factory=list)


def choose(published: Published, stated: Mapping[What, str | None]) -> dict[What, Chosen]:
    """Return the operations to read: those stated by their ids, the others guessed from paths.

    Raises:
        DocumentError: none lists accounts, a stated one is not there, or one cannot be asked.
    """
    found: dict[What, Chosen] = {}
    operations = list(published.operations())
    for what in WORDS:
        name = stated.get(what)
        if name == LEFT_OUT and what != "accounts":
            continue
        operation = _stated(published, operations, what, name) if name else _guessed(operations, what, found)
        if operation is None:
            continue
        try:
            found[what] = _read(published, what, operation, found.get("accounts"))
        except DocumentError as error:
            if name or what == "accounts":
                raise
            found["accounts"].notes.append(f"{what} are left out: {error}")
    if "accounts" in found:
        _identify(published, found)
    else:
        there = "\n".join(f"  {each.id}  GET {each.path}" for each in operations) or "  none with a JSON answer"
        raise DocumentError(
            f"{published.path}: no operation that lists accounts was found by its path; say which with --accounts "
            f"OPERATION_ID. The GET operations are:\n{there}"
        )
    return found


def _identify(published: Published, found: Mapping[What, Chosen]) -> None:
    """Take what the other operations ask for as the account's id, where a field of the account is called so."""
    accounts = found["accounts"]
    fields = {plain(each.path[0]): each for each in natives(published, accounts.row) if len(each.path) == 1}
    identity = next(each for each in accounts.matches if each.field == "id")
    others = [each for what, each in found.items() if what != "accounts" and each.account is not None]
    wanted = {plain(str((each.account or {})["name"])): each for each in others}
    named = next((fields[key] for key in wanted if key in fields), None)
    if named is not None and named.path != identity.native.path:
        at = accounts.matches.index(identity)
        accounts.matches[at] = identity = Match("id", "text", named, sure=True)
    for key, other in wanted.items():
        name = plain(identity.native.path[-1])
        if not key.endswith(name) and not {key, name} <= _USUAL:
            accounts.notes.append(
                f"the account's `id` is `{identity.native.label}`, and `{other.operation.id}` asks for "
                f"`{(other.account or {})['name']}`: check that they are the same"
            )


def _stated(published: Published, operations: list[Operation], what: What, name: str) -> Operation:
    for each in operations:
        if name in (each.id, each.node.get("operationId"), each.path, f"GET {each.path}"):
            return each
    there = ", ".join(each.id for each in operations) or "none"
    raise DocumentError(
        f"{published.path}: --{what} {name}: no GET operation with a JSON answer has this id; there is {there}"
    )


def _guessed(operations: list[Operation], what: What, found: Mapping[What, Chosen]) -> Operation | None:
    ranked: list[tuple[int, int, int, Operation]] = []
    for order, each in enumerate(operations):
        parts = [part for part in each.path.split("/") if part]
        names = [plain(part) for part in parts if not part.startswith("{")]
        ends_named = bool(parts) and not parts[-1].startswith("{")
        last = names[-1] if names else ""
        if what == "accounts" and "{" in each.path:
            continue
        if ends_named and last in WORDS[what]:
            rank = WORDS[what].index(last)
        elif any(plain(each.id).endswith(word) for word in WORDS[what][:2]) and ends_named:
            rank = 20
        else:
            continue
        if any(each is chosen.operation for chosen in found.values()):
            continue
        # Of an account before of everything; a short path before a long one.
        of_account = 0 if what == "accounts" or _account_of(each) else 1
        ranked.append((rank + 10 * of_account, len(parts), order, each))
    return min(ranked)[3] if ranked else None


def _account_of(operation: Operation) -> Schema | None:
    """Return the parameter that names the account: the one of the path, or one of the query that is called so."""
    in_path = [each for each in operation.parameters if each.get("in") == "path"]
    if in_path:
        return in_path[0] if len(in_path) == 1 else None
    for each in operation.parameters:
        if each.get("in") == "query" and _ACCOUNT.match(plain(str(each.get("name")))):
            return each
    return None


def _read(published: Published, what: What, operation: Operation, accounts: Chosen | None) -> Chosen:
    where = f"{published.path}: {operation.id} (GET {operation.path})"
    known = set(published.components)
    answer = published.named(operation.schema, f"{operation.id[:1].upper()}{operation.id[1:]}Answer")
    rows, is_list, row = _rows(published, what, answer)
    if row is None:
        for name in set(published.components) - known:
            del published.components[name]
        raise DocumentError(
            f"{where}: its answer has no object with a field that is known of {what}; look at its schema, or choose "
            f"another operation with --{what} OPERATION_ID"
            + (f" or leave it out with --{what} none" if what != "accounts" else "")
        )
    chosen = Chosen(what, operation, answer, rows, is_list, row, matched(published, what, row))
    if what != "accounts":
        chosen.account = _account_of(operation)
        if chosen.account is None and accounts is not None and accounts.is_list:
            raise DocumentError(
                f"{where}: no parameter names the account, and there are several; {what} are asked for by account. "
                f"Choose another operation, or leave it out with --{what} none"
            )
    chosen.paging = _paging(published, operation, answer, rows, row) if is_list else None
    query = [each for each in operation.parameters if each.get("in") == "query"]
    chosen.size = next((each for each in query if plain(each["name"]) in _SIZES), None)
    if chosen.size is not None and chosen.paging is None and is_list:
        chosen.notes.append(
            f"`{operation.id}` has `{chosen.size['name']}` and no parameter for the next page that is known: only "
            "the first page is read, and rows beyond it are missing. State how the pages go on in the adapter "
            "(`next_token` or `next_page` of `Reading`)"
        )
    used = [chosen.account, chosen.paging and chosen.paging.parameter]
    for each in operation.parameters:
        if each.get("required") and each not in used and each.get("in") != "cookie":
            chosen.sent[each["name"]] = _value(published, where, each)
    return chosen


def _value(published: Published, where: str, parameter: Schema) -> Any:
    """Return what a required parameter is sent with: what its schema says."""
    schema = published.resolve(parameter.get("schema") or {})
    for found in (schema.get("const"), schema.get("default"), parameter.get("example"), schema.get("example")):
        if found is not None:
            return found
    for several in (schema.get("enum"), schema.get("examples")):
        if several:
            return several[0]
    raise DocumentError(
        f"{where}: the parameter {parameter['name']} is required, and neither the account nor a page; give its "
        "schema a default that may be sent always, or make it optional"
    )


def _rows(published: Published, what: What, answer: Schema) -> tuple[Way, bool, Schema | None]:
    """Return where the rows of an answer are: the objects, in a list or alone, that have most of the known fields."""
    best: tuple[tuple[int, int, int], Way, bool, Schema] | None = None
    for way, is_list, row in _candidates(published, answer, ()):
        found = matched(published, what, row)
        fields = {each.field for each in found}
        if what == "accounts" and "id" not in fields:
            continue
        if not fields - {"currency", "asset", "network", "country"} or (
            what == "positions" and "quantity" not in fields
        ):
            continue
        named = bool(way) and plain(way[-1]) in (*WORDS[what], "data", "items", "results", "content", "records")
        rank = (sum(2 if each.sure else 1 for each in found) + 2 * named + is_list, is_list, -len(way))
        if best is None or rank > best[0]:
            best = (rank, way, is_list, row)
    return (best[1], best[2], best[3]) if best else ((), False, None)


def _candidates(published: Published, schema: Schema, way: Way) -> Iterator[tuple[Way, bool, Schema]]:
    """Yield the objects of an answer and where they are: alone, or as the items of a list."""
    if len(way) > _DEEPEST:
        return
    target = published.target(schema)
    if "items" in target:
        if "properties" in published.target(target["items"]):
            yield way, True, target["items"]
        return
    if "properties" in target:
        yield way, False, schema
        for name, inner in target["properties"].items():
            yield from _candidates(published, inner, (*way, name))


def _paging(published: Published, operation: Operation, answer: Schema, rows: Way, row: Schema) -> Paging | None:
    """Return how the pages of a listing are asked for; None where nothing tells of pages."""
    query = {plain(str(each["name"])): each for each in operation.parameters if each.get("in") == "query"}
    around = dict(_around(published, answer, rows, ()))

    def stated(names: list[str], *kinds: str) -> Way | None:
        for name in names:
            for way, schema in around.items():
                if plain(way[-1]) == name and (not kinds or schema.get("type") in kinds):
                    return way
        return None

    more = stated(_MORE, "boolean")
    total = stated(_TOTAL, "integer")
    pages = stated(_PAGES, "integer")
    following = next((way for name in _NEXT for way in around if plain(way[-1]) == name), None)
    address = next(
        (
            way
            for way, schema in around.items()
            if plain(way[-1]) in _ADDRESS and _is_address(published, operation, way, schema)
        ),
        None,
    )
    last = next((query[name] for name in _LAST if name in query), None)
    token = next((query[name] for name in _TOKENS if name in query), None)
    number = next((query[name] for name in _NUMBERS if name in query), None)
    offset = next((query[name] for name in _OFFSETS if name in query), None)
    if following is not None and following == address:
        parameter = token or number or offset or last
        return None if parameter is None else Paging("address", parameter, next=address, total=total)
    if token is not None and following is not None:
        return Paging("token", token, next=following, total=total)
    if number is not None:
        schema = published.resolve(number.get("schema") or {})
        first = 0 if 0 in (schema.get("default"), schema.get("minimum")) and schema.get("default") != 1 else 1
        if following is not None and around[following].get("type") == "integer":
            return Paging("token", number, next=following, total=total, first=first)
        return Paging("number", number, total=total, pages=pages, more=more, first=first)
    if offset is not None:
        return Paging("offset", offset, total=total, more=more)
    fields = {each.path[0] for each in natives(published, row) if len(each.path) == 1}
    if (last or token) is not None and "id" in fields:
        parameter = last or token
        return Paging("last", parameter or {}, more=more, last="id")
    return None


def _around(published: Published, schema: Schema, rows: Way, way: Way) -> Iterator[tuple[Way, Schema]]:
    """Yield the plain fields of an answer that stand outside of its rows."""
    if len(way) > _DEEPEST or (rows and way == rows):
        return
    target = published.target(schema)
    for name, inner in target.get("properties", {}).items():
        below = published.target(inner)
        if "properties" in below:
            yield from _around(published, below, rows, (*way, name))
        elif "items" not in below and (*way, name) != rows:
            yield (*way, name), below


def _is_address(published: Published, operation: Operation, way: Way, schema: Schema) -> bool:
    stated = published.resolve(operation.schema)
    for name in way:
        stated = published.resolve((stated.get("properties") or {}).get(name) or {}) if isinstance(stated, dict) else {}
    shown = [*schema.get("examples", []), (stated or {}).get("example"), (stated or {}).get("default")]
    if (stated or {}).get("format") in ("uri", "url", "uri-reference"):
        return True
    if any(isinstance(each, str) and each.startswith(("http", "/", "?")) for each in shown):
        return True
    words = str((stated or {}).get("description", "")).lower()
    return (
        plain(way[-1]) in ("nexturl", "nextlink", "nextpageurl", "href")
        or "url" in words.split()
        or "link" in words.split()
    )


def optional(published: Published, schema: Schema, way: Way) -> bool:
    """Tell whether what is at a way of a schema may be absent or null."""
    for name in way:
        target = published.target(schema)
        if name not in target.get("required", []):
            return True
        schema = target["properties"][name]
        if may_be_null(published, schema):
            return True
    return False
