"""What a schema means, whichever way it is spelled: references followed, `allOf` merged, null and words told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from attrs import evolve, field, frozen

from ..openapi.documents import Node
from ..openapi.errors import DocumentError
from ..openapi.references import reference_of
from .canonical import canonical, canonical_prose

NOTES: Final = ("title", "description", "default", "examples", "deprecated", "externalDocs")
"""Keywords that tell a person something and ask nothing of a value."""

TEXT_FORMATS: Final = frozenset((
    "date", "date-time", "time", "duration", "uuid", "email", "idn-email", "hostname", "ipv4", "ipv6", "uri", "iri",
    "byte", "binary", "password",
))  # fmt: skip

NUMBER_FORMATS: Final = frozenset(("int32", "int64", "float", "double"))

_LOWER: Final = {"minimum": "number", "minLength": "string", "minItems": "array", "minProperties": "object"}

_UPPER: Final = {"maximum": "number", "maxLength": "string", "maxItems": "array", "maxProperties": "object"}

_STRICT: Final = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}

_UNIONS: Final = ("anyOf", "oneOf")

_NOTHING: Final[dict[str, Any]] = {"type": []}
"""The schema `false`, as an object."""

_SAYS_NOTHING: Final = frozenset(("$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "nullable"))

_NO_PLACE: Final = frozenset((*NOTES, "example", "$ref", "allOf", "nullable"))
"""Keywords that do not make a schema object the place where a value is described."""

_READ: Final = frozenset((
    *NOTES, *_LOWER, *_UPPER, *_STRICT, *_UNIONS, *_SAYS_NOTHING, "$ref", "allOf", "type", "enum", "const", "example",
    "properties", "required", "additionalProperties", "unevaluatedProperties", "items", "prefixItems", "format",
    "pattern", "multipleOf", "uniqueItems", "discriminator", "readOnly", "writeOnly", "contentEncoding",
))  # fmt: skip

_TYPES: Final = ("array", "boolean", "integer", "number", "object", "string")


@frozen(eq=False)
class Schema:
    """Schema objects that hold all at once, as the members of an `allOf` do.

    Args:
        nodes: where they are.
        chosen: the unions of which one alternative is among the nodes already.
        only: the one type that is looked at, of several.
    """

    nodes: tuple[Node, ...]
    chosen: frozenset[object] = frozenset()
    only: str | None = None

    @cached_property
    def key(self) -> object:
        """What tells this schema from every other; references to one component are one schema."""
        return (tuple(_target(node).key for node in self.nodes), self.chosen, self.only)

    @property
    def name(self) -> str | None:
        """The name of the component that it refers to, where it is no more than a reference."""
        node = self.nodes[0]
        reference = node.value.get("$ref") if isinstance(node.value, dict) else None
        return reference.rpartition("/")[2] if isinstance(reference, str) else None


@frozen(eq=False)
class Bound:
    """A limit and whether the limit itself is shut out."""

    value: Decimal
    strict: bool = False

    def __str__(self) -> str:
        return f"{self.value}{' (exclusive)' if self.strict else ''}"


@frozen(eq=False)
class Shape:
    """What a schema asks of a value, in one form for all of its spellings.

    Args:
        node: where it stands, for a person to look at.
        types: the JSON types without null; None where any will do.
        nullable: whether null is one of its values.
        words: the values listed, by their canonical text; None where none are.
        closed: whether only these values may come.
        properties: the schema of each documented field.
        required: the fields that are always there.
        extra: what undocumented fields are like; False where there are none, None where nothing is said.
        items: the schema of every item; None where nothing is said.
        first_items: the schemas of the first items, one by one.
        lower: the lower limits by keyword.
        upper: the upper limits by keyword.
        step: the `multipleOf`.
        unique: whether no item may come twice.
        formats: the formats, usually one.
        patterns: the patterns, all of which hold.
        options: the alternatives, of which one holds; then the fields above but `nullable` say nothing.
        tag: the field that tells which alternative it is.
        tags: the alternative by the tag's value.
        write_only: whether it is only ever sent.
        read_only: whether it only ever comes.
        notes: what is said to a person, by keyword, as canonical text.
        rest: every other keyword; all that can be said of these is whether they stayed the same.
    """

    node: Node
    types: frozenset[str] | None = None
    nullable: bool = True
    words: Mapping[str, Any] | None = None
    closed: bool = True
    properties: Mapping[str, Schema] = field(factory=dict)
    required: frozenset[str] = frozenset()
    extra: Schema | bool | None = None
    items: Schema | None = None
    first_items: tuple[Schema, ...] = ()
    lower: Mapping[str, Bound] = field(factory=dict)
    upper: Mapping[str, Bound] = field(factory=dict)
    step: Decimal | None = None
    unique: bool = False
    formats: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    options: tuple[Schema, ...] = ()
    tag: str | None = None
    tags: Mapping[str, str] = field(factory=dict)
    write_only: bool = False
    read_only: bool = False
    notes: Mapping[str, str] = field(factory=dict)
    rest: Mapping[str, tuple[Node, ...]] = field(factory=dict)

    @property
    def says_nothing(self) -> bool:
        """Whether any value will do."""
        return self.types is None and self.nullable and not (self.options or self.words or self.properties or self.rest)

    def __str__(self) -> str:
        if self.options:
            kind = f"one of {len(self.options)} alternatives"
        elif self.types is None:
            kind = "any type"
        else:
            kind = " or ".join(sorted(self.types)) or "nothing"
        details = ", ".join(sorted(self.formats))
        return f"{kind}{f' ({details})' if details else ''}{' or null' if self.nullable and self.types else ''}"


class Shapes:
    """Makes the shapes of schemas, each once."""

    def __init__(self) -> None:
        self._shapes: dict[object, Shape] = {}
        self._nullable: dict[object, bool] = {}

    def of(self, schema: Schema) -> Shape:
        """Return the shape of a schema.

        Raises:
            DocumentError: a part of it is malformed, or a reference leads nowhere or in a circle.
        """
        shape = self._shapes.get(schema.key)
        if shape is None:
            nullable = all(self._accepts_null(node) for node in schema.nodes)
            shape = self._shapes[schema.key] = _shape(schema, nullable=nullable)
        return shape

    def _accepts_null(self, node: Node) -> bool:
        if node.value is True or node.value is False:
            return bool(node.value)
        if node.key not in self._nullable:
            self._nullable[node.key] = True  # what builds on itself asks nothing more of null than the rest does
            self._nullable[node.key] = node.get("nullable") is True or all(
                [
                    _states_null(node),
                    *(self._accepts_null(below) for below in _all_of(node)),
                    *(any(self._accepts_null(each) for each in node.items(name)) for name in _UNIONS if name in node),
                ]
            )
        return self._nullable[node.key]


def _shape(schema: Schema, *, nullable: bool) -> Shape:
    members = _members(schema.nodes)
    chosen = schema.chosen
    listed: list[tuple[Mapping[str, Any], bool]] = []
    types: frozenset[str] | None = None
    while True:
        union = next((each for each in _unions(members) if each.key not in chosen), None)
        if union is None:
            break
        chosen |= {union.key}
        branches = [branch for branch in union.elements() if not _is_null(branch)]
        if len(branches) > 1:
            branches = [branch for branch in _branches(union, set()) if not _is_null(branch)]
        here = {member.key for member in members}
        if any(_alone(branch).key in here for branch in branches):
            continue
        if len(branches) == 1:
            members = list({each.key: each for each in (*members, *_members(branches))}.values())
            continue
        if (collapsed := _collapsed(branches)) is not None:
            words, closed, kinds = collapsed
            types = _both(types, kinds)
            listed += [(words, closed)] if words else []
            continue
        return _choice(schema, members, union, branches, chosen, nullable=nullable)
    return _plain(schema, members, listed, types, nullable=nullable)


def _choice(
    schema: Schema,
    members: list[Node],
    union: Node,
    branches: list[Node],
    chosen: frozenset[object],
    *,
    nullable: bool,
) -> Shape:
    says_more = any(set(member.mapping()) - set(_UNIONS) - _NO_PLACE - {"discriminator"} for member in members)
    common = schema.nodes if says_more else ()
    tag = next((each for each in members if each.get("discriminator")), None)
    mapping = tag.child("discriminator", "mapping").mapping() if tag else {}
    return Shape(
        node=union,
        nullable=nullable,
        options=tuple(Schema((branch, *common), chosen) for branch in branches),
        tag=tag.child("discriminator").get("propertyName") if tag else None,
        tags={str(word): str(target).rpartition("/")[2] for word, target in mapping.items()},
        notes=_notes(members),
    )


def _plain(
    schema: Schema,
    members: list[Node],
    listed: list[tuple[Mapping[str, Any], bool]],
    types: frozenset[str] | None,
    *,
    nullable: bool,
) -> Shape:
    for member in members:
        types = _both(types, _types(member))
        listed += _words(member)
    words, closed = _listed(listed)
    if words is not None and closed:
        words = {word: value for word, value in words.items() if covers(types, _type_of(value))}
        types = _both(types, _merged(_type_of(value) for value in words.values()))
    if types == frozenset(("boolean",)) and words is not None and len(words) > 1:
        words = None
    if schema.only:
        types = _both(types, frozenset((schema.only,)))
    shape = Shape(
        node=next((member for member in members if set(member.mapping()) - _NO_PLACE), schema.nodes[0].resolve()),
        types=types,
        nullable=nullable and schema.only is None,
        words=words,
        closed=closed,
        properties=_together((name, node) for member in members for name, node in member.fields("properties")),
        required=frozenset(name for member in members for name in member.strings("required")),
        extra=_extra(members),
        items=_items(members),
        first_items=_first_items(members),
        unique=any(member.get("uniqueItems") is True for member in members),
        formats=frozenset(name for member in members if (name := _format(member)) and _fits(name, types)),
        patterns=frozenset(
            str(member.get("pattern")) for member in members if "pattern" in member and covers(types, "string")
        ),
        step=next((_number(member, "multipleOf") for member in members if "multipleOf" in member), None),
        write_only=any(member.get("writeOnly") is True for member in members),
        read_only=any(member.get("readOnly") is True for member in members),
        notes=_notes(members),
        rest=_rest(members),
    )
    return evolve(shape, lower=_tightest(members, _LOWER, types, 1), upper=_tightest(members, _UPPER, types, -1))


def _members(nodes: Iterable[Node]) -> list[Node]:
    """Return every schema object that has to hold, the outermost first."""
    members: dict[object, Node] = {}
    for node in nodes:
        _gather(node, members, ())
    return list(members.values())


def _gather(node: Node, members: dict[object, Node], path: tuple[object, ...]) -> None:
    if node.value is True:
        return
    if node.value is False:
        node = Node(node.document, _NOTHING, node.parent, node.name)
    if node.key in path:
        raise DocumentError(f"{node.document.name}: the references at {node} form a cycle")
    if node.key in members:
        return
    members[node.key] = node
    for below in _all_of(node):
        _gather(below, members, (*path, node.key))


def _all_of(node: Node) -> list[Node]:
    """Return the schemas that have to hold beside a schema object: what it refers to and its `allOf`."""
    if "$dynamicRef" in node:
        raise DocumentError(f"{node.document.name}: the $dynamicRef at {node} cannot be followed; bundle it first")
    below = node.items("allOf")
    if isinstance(reference := node.get("$ref"), str):
        below.insert(0, node.document.find(reference, node))
    return below


def _unions(members: Iterable[Node]) -> Iterator[Node]:
    return (member.child(keyword) for member in members for keyword in _UNIONS if keyword in member)


def _branches(union: Node, seen: set[object]) -> Iterator[Node]:
    """Yield a union's alternatives, each once; one that is itself a union and nothing more gives its own."""
    for branch in union.elements():
        inner = _alone(branch)
        if inner.key in seen:
            continue
        seen.add(inner.key)
        keywords = set(inner.mapping()) - set(NOTES) if isinstance(inner.value, dict) else set[str]()
        if len(keywords) == 1 and keywords <= set(_UNIONS):
            yield from _branches(inner.child(*keywords), seen)
        else:
            yield branch


def _alone(branch: Node) -> Node:
    """Return what a schema stands for that is a reference and words about it, else the schema itself."""
    return _target(branch, beside=frozenset(NOTES))


def _target(node: Node, beside: frozenset[str] = frozenset()) -> Node:
    """Return where a schema leads that is a reference with at most these keywords beside it; else the schema itself."""
    target = node
    for target in node.targets():  # the last one is returned
        if reference_of(target.value) is None or not set(target.value) - {"$ref"} <= beside:
            break
    return target


def _is_null(branch: Node) -> bool:
    value = _alone(branch).value
    if not isinstance(value, dict):
        return False
    stated = value.get("type")
    return stated in ("null", ["null"]) or value.get("enum") == [None] or ("const" in value and value["const"] is None)


def _collapsed(branches: list[Node]) -> tuple[Mapping[str, Any], bool, frozenset[str]] | None:
    """Return the words, whether only these may come, and the types of a union of plain types and listed values."""
    words: dict[str, Any] = {}
    types: set[str] = set()
    open_types: set[str] = set()
    for branch in branches:
        node = _alone(branch)
        if not isinstance(node.value, dict):
            return None
        keywords = set(node.value) - set(NOTES) - {"example"}
        listed, stated = _values(node), _types(node)
        if keywords in ({"enum"}, {"const"}, {"type", "enum"}, {"type", "const"}) and listed is not None:
            words.update((canonical(value), value) for value in listed if value is not None)
            types |= {_type_of(value) for value in listed if value is not None}
        elif keywords == {"type"} and stated is not None:
            open_types |= stated
        else:
            return None
    if words and open_types and not types <= open_types:
        return None
    return words, not open_types, _merged(types | open_types)


def _types(node: Node) -> frozenset[str] | None:
    stated = _stated_types(node)
    return None if stated is None else _merged(stated - {"null"})


def _stated_types(node: Node) -> frozenset[str] | None:
    stated = node.get("type")
    if stated is None:
        return None
    found = [stated] if isinstance(stated, str) else stated
    if not isinstance(found, list) or not all(each in (*_TYPES, "null", "file") for each in found):
        node.child("type").fail("a JSON type or a list of them")
    return frozenset(found)


def _merged(types: Iterable[str]) -> frozenset[str]:
    merged = frozenset(types)
    return merged - {"integer"} if "number" in merged else merged


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    both = one & other
    return both | {"integer"} if {"integer", "number"} <= one | other and not {"number"} <= both else both


def _type_of(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case str():
            return "string"
        case int():
            return "integer"
        case Decimal() if value == value.to_integral_value():
            return "integer"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "number"


def _states_null(node: Node) -> bool:
    stated, values = _stated_types(node), _values(node)
    return "null" in stated if stated is not None else values is None or None in values


def _values(node: Node) -> list[Any] | None:
    if "const" in node:
        return [node.get("const")]
    if node.get("enum") is None:
        return None
    return [each.value for each in node.items("enum")]


def _words(node: Node) -> list[tuple[Mapping[str, Any], bool]]:
    values, closed = _values(node), True
    if values is None and isinstance(node.get("x-extensible-enum"), list):
        values, closed = node.get("x-extensible-enum"), False
    return [] if values is None else [({canonical(value): value for value in values if value is not None}, closed)]


def _listed(lists: list[tuple[Mapping[str, Any], bool]]) -> tuple[Mapping[str, Any] | None, bool]:
    """Return the values that every list has, the closed ones before the open."""
    shut = [words for words, closed in lists if closed]
    chosen = shut or [words for words, _ in lists]
    if not chosen:
        return None, True
    return {word: value for word, value in chosen[0].items() if all(word in other for other in chosen)}, bool(shut)


def _together(found: Iterable[tuple[str, Node]]) -> Mapping[str, Schema]:
    together: dict[str, Schema] = {}
    for name, node in found:
        together[name] = Schema((*together[name].nodes, node)) if name in together else Schema((node,))
    return together


def _extra(members: list[Node]) -> Schema | bool | None:
    nodes: list[Node] = []
    for member in members:
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            node = member.child(keyword)
            if node.value is False:
                return False
            if node.value not in (None, True, {}):
                nodes.append(node)
    return Schema(tuple(nodes)) if nodes else None


def _items(members: list[Node]) -> Schema | None:
    found = (member.child("items") for member in members if not isinstance(member.get("items"), list))
    nodes = tuple(node for node in found if node.value not in (None, True, {}))
    return Schema(nodes) if nodes else None


def _first_items(members: list[Node]) -> tuple[Schema, ...]:
    for member in members:
        keyword = "prefixItems" if "prefixItems" in member else "items"
        if isinstance(member.get(keyword), list):
            return tuple(Schema((node,)) for node in member.items(keyword))
    return ()


def _format(node: Node) -> str | None:
    """Return the format; base64 and raw bytes are formats in OpenAPI 3.0 and keywords of their own in 3.1."""
    if isinstance(name := node.get("format"), str):
        return name
    if isinstance(encoding := node.get("contentEncoding"), str):
        return "byte" if encoding == "base64" else encoding
    return "binary" if node.get("contentMediaType") == "application/octet-stream" else None


def _fits(name: str, types: frozenset[str] | None) -> bool:
    """Tell whether a format says anything of values of these types; one that is not known may."""
    if name in TEXT_FORMATS:
        return covers(types, "string")
    return name not in NUMBER_FORMATS or covers(types, "integer") or covers(types, "number")


def covers(types: frozenset[str] | None, kind: str) -> bool:
    """Tell whether a value of this type is one of the types; an integer is a number, and None is any type."""
    return types is None or kind in types or (kind == "integer" and "number" in types)


def tightness(bound: Bound | None, sign: int) -> tuple[int, Decimal, bool]:
    """Return what orders lower limits (`sign` 1) or upper ones (-1), the tighter the higher; no limit is the lowest."""
    if bound is None:
        return 0, Decimal(0), False
    return 1, bound.value if sign > 0 else bound.value.copy_negate(), bound.strict


def _tightest(
    members: list[Node], keywords: Mapping[str, str], types: frozenset[str] | None, sign: int
) -> dict[str, Bound]:
    tightest: dict[str, Bound] = {}
    for keyword, bound in _bounds(members, keywords, types):
        says_nothing = sign > 0 and keyword != "minimum" and bound.value <= 0
        if not says_nothing and tightness(bound, sign) > tightness(tightest.get(keyword), sign):
            tightest[keyword] = bound
    return tightest


def _bounds(
    members: list[Node], keywords: Mapping[str, str], types: frozenset[str] | None
) -> Iterator[tuple[str, Bound]]:
    whole = types == frozenset(("integer",))
    for keyword, kind in keywords.items():
        if types is not None and kind not in types and not (whole and kind == "number"):
            continue
        stated = next((name for name, plain in _STRICT.items() if plain == keyword), "")
        for member in members:
            strict = member.get(stated)  # a flag beside the limit in OpenAPI 3.0, the limit itself in 3.1
            if keyword in member:
                yield keyword, _bound(_number(member, keyword), keyword, strict=strict is True, whole=whole)
            if stated in member and not isinstance(strict, bool):
                yield keyword, _bound(_number(member, stated), keyword, strict=True, whole=whole)


def _bound(value: Decimal, keyword: str, *, strict: bool, whole: bool) -> Bound:
    if strict and whole and value.is_finite() and value == value.to_integral_value():
        return Bound(value + (1 if keyword == "minimum" else -1))
    return Bound(value, strict)


def _number(node: Node, keyword: str) -> Decimal:
    value = node.get(keyword)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        node.child(keyword).fail("a number")
    return Decimal(str(value))


def _notes(members: list[Node]) -> dict[str, str]:
    notes: dict[str, str] = {}
    for member in members:
        for keyword, value in member.mapping().items():
            if keyword == "example":
                notes.setdefault("examples", canonical([value]))
            elif keyword == "deprecated":
                notes.update({keyword: "true"} if value is True else {})
            elif keyword in NOTES or (keyword.startswith("x-") and keyword != "x-extensible-enum"):
                notes.setdefault(keyword, canonical_prose(value))
    return notes


def _rest(members: list[Node]) -> dict[str, tuple[Node, ...]]:
    rest: dict[str, tuple[Node, ...]] = {}
    for member in members:
        for keyword in member.mapping():
            if keyword in _READ or keyword.startswith("x-"):
                continue
            if keyword == "contentMediaType" and member.get(keyword) == "application/octet-stream":
                continue
            rest[keyword] = (*rest.get(keyword, ()), member.child(keyword))
    return rest
