"""Detection of an operation's paging, by the names of its query parameters and of the fields around its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from attrs import frozen

from .field_matching import find_native_fields
from .field_names import fold_name
from .published_spec import PublishedOperation, PublishedSpec
from .rows import MAX_DEPTH, Rows
from .schemas import Components, FieldPath, Schema

# Folded names in order of precedence.
_TOKEN_PARAMETERS = (
    *("pagetoken", "nextpagetoken", "cursor", "nextcursor", "pagecursor", "nexttoken", "continuationtoken"),
    *("continuation", "paginationtoken", "after", "aftercursor", "marker", "token", "next", "pageafter"),
)
_NUMBER_PARAMETERS = ("page", "pagenumber", "pageno", "pagenum", "pageindex")
_OFFSET_PARAMETERS = ("offset", "skip", "startindex", "start")
_LAST_ROW_PARAMETERS = ("startingafter", "afterid", "lastid")
_SIZE_PARAMETERS = (
    *("limit", "pagesize", "perpage", "size", "count", "top", "take", "maxresults", "maxitems", "pagelimit"),
)
_NEXT_FIELDS = (
    *("nextpagetoken", "nexttoken", "nextcursor", "cursor", "nextpage", "continuationtoken", "continuation", "next"),
    *("endcursor", "nextmarker", "marker", "nextoffset", "after", "paginationtoken"),
)
_ADDRESS_FIELDS = ("next", "nextpage", "nexturl", "nextlink", "nextpageurl", "href")
_CERTAIN_ADDRESS_FIELDS = ("nexturl", "nextlink", "nextpageurl", "href")
_TOTAL_FIELDS = ("total", "totalitems", "totalcount", "totalresults", "totalrecords", "totalelements", "totalrows")
_PAGE_COUNT_FIELDS = ("totalpages", "pagecount", "pages", "numpages", "lastpage")
_MORE_FIELDS = ("hasmore", "hasnext", "hasnextpage", "more", "ismore", "hasmoreresults")


@frozen
class Paging:
    """The way to request the next page of a list.

    Attributes:
        by: what identifies the next page: a token or an address in the response, a page number, an offset, or the
            last row.
        parameter: the query parameter that requests the page.
        next: the path of the token or the address in the response.
        total: the path of the number of all rows.
        pages: the path of the number of all pages.
        more: the path of the flag that another page follows.
        last: the field of the last row that identifies it.
        first: the number of the first page.
    """

    by: Literal["token", "address", "number", "offset", "last"]
    parameter: Schema
    next: FieldPath | None = None
    total: FieldPath | None = None
    pages: FieldPath | None = None
    more: FieldPath | None = None
    last: str = ""
    first: int = 1


@frozen
class _Parameters:
    """Query parameters that may request a page."""

    token: Schema | None
    number: Schema | None
    offset: Schema | None
    last_row: Schema | None


@frozen
class _Fields:
    """Paths of fields around the rows that describe the page."""

    next: FieldPath | None
    next_is_integer: bool
    address: FieldPath | None
    total: FieldPath | None
    pages: FieldPath | None
    more: FieldPath | None


def detect_paging(
    published: PublishedSpec, components: Components, operation: PublishedOperation, response: Schema, rows: Rows
) -> Paging | None:
    """Return the paging of a list; None if no known parameter requests a page."""
    parameters = _find_parameters(operation)
    fields = _find_fields(published, components, operation, response, rows)
    if fields.address is not None and fields.address == fields.next:
        return _page_by_address(parameters, fields)
    if parameters.token is not None and fields.next is not None:
        return Paging("token", parameters.token, next=fields.next, total=fields.total)
    if parameters.number is not None:
        return _page_by_number(parameters.number, fields)
    if parameters.offset is not None:
        return Paging("offset", parameters.offset, total=fields.total, more=fields.more)
    parameter = parameters.last_row or parameters.token
    if parameter is not None and ("id",) in [each.path for each in find_native_fields(components, rows.schema)]:
        return Paging("last", parameter, more=fields.more, last="id")
    return None


def find_size_parameter(operation: PublishedOperation) -> Schema | None:
    """Return the query parameter that limits the rows of a page."""
    sizes = (each for each in operation.parameters_in("query") if fold_name(each["name"]) in _SIZE_PARAMETERS)
    return next(sizes, None)


def _page_by_address(parameters: _Parameters, fields: _Fields) -> Paging | None:
    parameter = parameters.token or parameters.number or parameters.offset or parameters.last_row
    return None if parameter is None else Paging("address", parameter, next=fields.address, total=fields.total)


def _page_by_number(parameter: Schema, fields: _Fields) -> Paging:
    schema = parameter["schema"]
    starts_at_0 = 0 in (schema.get("default"), schema.get("minimum")) and schema.get("default") != 1
    first = 0 if starts_at_0 else 1
    if fields.next is not None and fields.next_is_integer:
        return Paging("token", parameter, next=fields.next, total=fields.total, first=first)
    return Paging("number", parameter, total=fields.total, pages=fields.pages, more=fields.more, first=first)


def _find_parameters(operation: PublishedOperation) -> _Parameters:
    query = {fold_name(each["name"]): each for each in operation.parameters_in("query")}

    def find(names: tuple[str, ...]) -> Schema | None:
        return next((query[name] for name in names if name in query), None)

    return _Parameters(
        token=find(_TOKEN_PARAMETERS),
        number=find(_NUMBER_PARAMETERS),
        offset=find(_OFFSET_PARAMETERS),
        last_row=find(_LAST_ROW_PARAMETERS),
    )


def _find_fields(
    published: PublishedSpec, components: Components, operation: PublishedOperation, response: Schema, rows: Rows
) -> _Fields:
    around = dict(_iterate_fields(components, response, rows.path, ()))

    def find(names: tuple[str, ...], kind: str | None = None) -> FieldPath | None:
        for name in names:
            for path, schema in around.items():
                if fold_name(path[-1]) == name and kind in (None, schema.get("type")):
                    return path
        return None

    addresses = (path for path in around if _is_address(published, operation, path, around[path]))
    following = find(_NEXT_FIELDS)
    return _Fields(
        next=following,
        next_is_integer=following is not None and around[following].get("type") == "integer",
        address=next(addresses, None),
        total=find(_TOTAL_FIELDS, "integer"),
        pages=find(_PAGE_COUNT_FIELDS, "integer"),
        more=find(_MORE_FIELDS, "boolean"),
    )


def _iterate_fields(
    components: Components, schema: Schema, rows: FieldPath, path: FieldPath
) -> Iterator[tuple[FieldPath, Schema]]:
    """Yield the fields of a response outside of its rows that are neither objects nor lists."""
    if len(path) > MAX_DEPTH or (rows and path == rows):
        return
    for name, inner in components.target(schema).get("properties", {}).items():
        target = components.target(inner)
        if "properties" in target:
            yield from _iterate_fields(components, target, rows, (*path, name))
        elif "items" not in target and (*path, name) != rows:
            yield (*path, name), target


def _is_address(published: PublishedSpec, operation: PublishedOperation, path: FieldPath, schema: Schema) -> bool:
    """Return whether a field contains the address of the next page instead of a token."""
    if fold_name(path[-1]) not in _ADDRESS_FIELDS:
        return False
    stated = _find_published_schema(published, operation.schema, path)
    examples = [*schema.get("examples", []), stated.get("example"), stated.get("default")]
    words = str(stated.get("description", "")).lower().split()
    return (
        stated.get("format") in ("uri", "url", "uri-reference")
        or any(isinstance(each, str) and each.startswith(("http", "/", "?")) for each in examples)
        or fold_name(path[-1]) in _CERTAIN_ADDRESS_FIELDS
        or "url" in words
        or "link" in words
    )


def _find_published_schema(published: PublishedSpec, schema: Any, path: FieldPath) -> Schema:
    """Return the published schema of a field; an empty one if it is in a combination of schemas."""
    found = published.resolve(schema)
    for name in path:
        properties = found.get("properties") if isinstance(found, dict) else None
        found = published.resolve((properties or {}).get(name) or {})
    return found if isinstance(found, dict) else {}
