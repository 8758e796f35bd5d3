"""A spec as the contract: what conforms, what drifted but can be used, what breaks it.

Each schema is compiled twice, once as it stands and once *closed*: no undocumented field, no enum value
beyond today's. A value that the closed schema accepts conforms, and that is all the work there is in the
usual case. Only where it does not are the differences listed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

if TYPE_CHECKING:
    import jsonschema_rs

EXCERPT = 40
"""Characters of a foreign value that are shown; account data goes no further than this."""


_PART = 2_000
"""JSON values that the validator is given at a time when it is asked for errors."""
_MOST = 10_000
"""Violations or drifts that are told of one answer: ten of each row on a large page."""


class Violation(NamedTuple):
    """One place where a value breaks its schema."""

    pointer: str
    """JSON pointer into the body; "" is the whole of it. A missing field is named as if it were there."""
    expected: str
    got: str


class Drift(NamedTuple):
    """One place where a value goes beyond its schema and can still be used."""

    pointer: str
    kind: Literal["undocumented field", "unknown value"]
    got: str


class Verdict(NamedTuple):
    """What the contract says of one value; both empty means that it conforms."""

    violations: tuple[Violation, ...] = ()
    drifts: tuple[Drift, ...] = ()


CONFORMS = Verdict()


class ContractError(ValueError):
    """Content that breaks its contract: not JSON, or JSON that its schema does not allow."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        more = f" (and {len(self.violations) - 1} more)" if len(self.violations) > 1 else ""
        super().__init__(f"at {first.pointer or 'the top'}: expected {first.expected}, got {first.got}{more}")


class Contract:
    """The bundled OpenAPI document of a generated package and the validators compiled from it.

    Args:
        package: the package that holds `openapi.json`. It is read when it is first needed.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._validators: dict[tuple[str, bool], jsonschema_rs.Draft202012Validator] = {}

    def __repr__(self) -> str:
        return f"Contract({self.package!r})"

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The OpenAPI document, examples included."""
        text = resources.files(self.package).joinpath("openapi.json").read_text(encoding="utf-8")
        return cast("dict[str, Any]", json.loads(text))

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a node of the document stands for: itself, or what its `$ref` points to."""
        while "$ref" in node:
            target: Any = self.spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def check(self, schema: str, value: Any) -> Verdict:
        """Hold a decoded JSON value against the component schema of that name."""
        closed = self._validator(schema, closed=True)
        if closed.is_valid(value):
            return CONFORMS
        as_it_stands = self._validator(schema, closed=False)
        if as_it_stands.is_valid(value):
            drifts = (drift for error, shift in _errors(closed, value) for drift in _drifts(error, shift))
            return Verdict(drifts=tuple(islice(drifts, _MOST)))
        by_place: dict[str, Violation] = {}
        for error, shift in _errors(as_it_stands, value):
            violation = _violation(error, shift)
            by_place.setdefault(violation.pointer, violation)
            if len(by_place) > _MOST:
                # What has not been looked at is not taken to be good.
                by_place[""] = Violation("", f"at most {_MOST} places that break the schema", "more")
                break
        if not by_place:  # a fault of the whole that none of its parts has
            by_place[""] = _violation(_first_error(as_it_stands, value), _Shift((), 0))
        return Verdict(violations=tuple(by_place.values()))

    def require(self, schema: str, value: Any) -> None:
        """Raise `ContractError` where the value breaks the component schema of that name."""
        if violations := self.check(schema, value).violations:
            raise ContractError(violations)

    def _validator(self, schema: str, *, closed: bool) -> jsonschema_rs.Draft202012Validator:
        validator = self._validators.get((schema, closed))
        if validator is None:
            import jsonschema_rs

            reference = {"$ref": f"urn:{'closed' if closed else 'spec'}#/components/schemas/{schema}"}
            validator = jsonschema_rs.Draft202012Validator(
                reference,
                registry=self._registry,
                validate_formats=True,
                # In linear time whatever the text is.
                pattern_options=jsonschema_rs.RegexOptions(),
            )
            self._validators[schema, closed] = validator
        return validator

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        import jsonschema_rs

        closed = {
            "components": {
                "schemas": {
                    name: _closed(each, self.resolve) for name, each in self.spec["components"]["schemas"].items()
                }
            }
        }
        return jsonschema_rs.Registry(
            [("urn:spec", self.spec), ("urn:closed", closed)], draft=jsonschema_rs.Draft202012
        )


def open_enum(schema: Any) -> list[str] | None:
    """Return today's values of an open enum, `anyOf` of an enum and any other string; None for another schema."""
    match schema:
        case {"anyOf": [{"enum": list(values)}, {"type": "string", **rest}]} if not rest:
            return values
    return None


_ANNOTATIONS = frozenset({"description", "title", "example", "examples", "deprecated", "default", "x-mock"})
_INDIFFERENT_TO_NULL = frozenset({"type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"})


def _closed(schema: Any, resolve: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Any:
    """Return a schema that refuses whatever is new, in the spelling that is checked the fastest."""
    if isinstance(schema, list):
        return [_closed(item, resolve) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if (values := open_enum(schema)) is not None:
        return {"type": "string", "enum": values}
    match {name: item for name, item in schema.items() if name not in _ANNOTATIONS}:
        case {"allOf": [only], **rest} if not rest:
            return _closed(only, resolve)
        case {"anyOf": [one, {"type": "null"}], **rest} if not rest:
            stated = {name: item for name, item in resolve(one).items() if name not in _ANNOTATIONS}
            if isinstance(stated.get("type"), str) and stated.keys() <= _INDIFFERENT_TO_NULL:
                return {**stated, "type": [stated["type"], "null"]}
    # A property may be named like an annotation: what is under `properties` are names, not keywords.
    closed = {
        name: {key: _closed(each, resolve) for key, each in item.items()}
        if name == "properties"
        else _closed(item, resolve)
        for name, item in schema.items()
    }
    if "properties" in schema and "type" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


def _pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def shortened(text: str, limit: int) -> str:
    """Return a text, cut after `limit` characters with an ellipsis where it is longer."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def _excerpt(value: Any) -> str:
    text = f"an object of {len(value)} fields" if isinstance(value, dict) else repr(value)
    text = f"a list of {len(value)} items" if isinstance(value, list) else text
    return shortened(text, EXCERPT)


class _Shift(NamedTuple):
    """How far the rows of a part stand from where they stood in the whole."""

    way: tuple[str, ...]
    """Names that lead to the rows."""
    start: int

    def path(self, error: jsonschema_rs.ValidationError) -> list[str | int]:
        """Return an error's path in the whole."""
        path = list(error.instance_path)
        depth = len(self.way)
        if self.start and len(path) > depth and tuple(path[:depth]) == self.way:
            path[depth] = int(path[depth]) + self.start
        return path


def _errors(
    validator: jsonschema_rs.Draft202012Validator, value: Any
) -> Iterator[tuple[jsonschema_rs.ValidationError, _Shift]]:
    """Yield a value's errors, and where they stand.

    The validator makes all errors at once, each a tenth of a millisecond and some kilobytes, and a body may be made of
    nothing else. So it is given a part at a time, and of one that is still too large, it is asked for one error.
    """
    for part, shift in _parts(value):
        if validator.is_valid(part):
            continue
        if _size(part) <= 2 * _PART:
            for error in validator.iter_errors(part):
                yield error, shift
            continue
        yield _first_error(validator, part), shift


def _first_error(validator: jsonschema_rs.Draft202012Validator, value: Any) -> jsonschema_rs.ValidationError:
    """Return one error of a value that has some."""
    import jsonschema_rs

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return error
    raise AssertionError("a value that the validator refuses and accepts")


def _parts(value: Any) -> Iterator[tuple[Any, _Shift]]:
    """Yield a value with some of its rows at a time; rows are the longest list that it is or has."""
    lists: dict[tuple[str, ...], list[Any]] = {}
    if isinstance(value, list):
        lists[()] = value
    elif isinstance(value, dict):
        lists = {(name,): item for name, item in value.items() if isinstance(item, list)}
    if not lists:
        yield value, _Shift((), 0)
        return
    way, rows = max(lists.items(), key=lambda each: len(each[1]))

    whole: Any = value

    def part(some: list[Any]) -> Any:
        return {**whole, way[0]: some} if way else some

    some: list[Any] = []
    size = start = 0
    for index, row in enumerate(rows):
        more = _size(row)
        if some and size + more > _PART:
            yield part(some), _Shift(way, start)
            some, size, start = [], 0, index
        some.append(row)
        size += more
    yield part(some), _Shift(way, start)


def _size(value: Any) -> int:
    """Return how many JSON values a value is made of, at least where there are very many."""
    size, left = 1, [value]
    while left and size <= 2 * _PART:
        item = left.pop()
        if isinstance(item, dict):
            size += len(item)
            left += [each for each in item.values() if isinstance(each, (dict, list))]
        elif isinstance(item, list):
            size += len(item)
            left += [each for each in item if isinstance(each, (dict, list))]
    return size


def _causes(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Yield what an error comes down to: for a choice of schemas, the errors of those meant for such a value."""
    if error.kind.name not in ("anyOf", "oneOf"):
        yield error
        return
    branches: list[list[jsonschema_rs.ValidationError]] = error.kind.as_dict()["context"]
    meant = [
        branch
        for branch in branches
        if not any(cause.kind.name == "type" and cause.instance_path == error.instance_path for cause in branch)
    ]
    if len(meant) != 1:
        yield error
        return
    for cause in meant[0]:
        yield from _causes(cause)


def _drifts(error: jsonschema_rs.ValidationError, shift: _Shift) -> Iterator[Drift]:
    for cause in _causes(error):
        path = shift.path(cause)
        if cause.kind.name == "additionalProperties":
            for name in cause.kind.as_dict()["unexpected"]:
                instance = cast("dict[str, Any]", cause.instance)
                yield Drift(_pointer([*path, name]), "undocumented field", _excerpt(instance[name]))
        else:
            yield Drift(_pointer(path), "unknown value", _excerpt(cause.instance))


def _violation(error: jsonschema_rs.ValidationError, shift: _Shift) -> Violation:
    error = next(_causes(error))
    path = shift.path(error)
    details = error.kind.as_dict()
    match error.kind.name:
        case "required":
            return Violation(_pointer([*path, details["property"]]), "a value, the field is required", "nothing")
        case "anyOf" | "oneOf":
            branches = [branch[0] for branch in details["context"]]
            expected = " or ".join(_expected(branch.kind.name, branch.kind.as_dict()) for branch in branches)
        case name:
            expected = _expected(name, details)
    return Violation(_pointer(path), expected, _excerpt(error.instance))


def _expected(kind: str, details: Mapping[str, Any]) -> str:
    match kind:
        case "type":
            return " or ".join(details["types"])
        case "pattern":
            return f"a text that matches {details['pattern']}"
        case "format":
            return f"a text in the format {details['format']}"
        case "constant":
            return repr(details["expected_value"])
        case _:
            return f"{kind} {' '.join(map(str, details.values()))}"
