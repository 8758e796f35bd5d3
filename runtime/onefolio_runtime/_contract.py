"""A spec as the contract: what conforms, what drifted but can be used, what breaks it.

Each schema is compiled twice, once as it stands and once *closed*: no undocumented field, no enum value
beyond today's. A value that the closed schema accepts conforms, and that is all the work there is in the
usual case. Only where it does not are the differences listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

if TYPE_CHECKING:
    import jsonschema_rs

EXCERPT = 40
"""Characters of a foreign value that are shown; account data goes no further than this."""


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
            return Verdict(drifts=tuple(drift for error in closed.iter_errors(value) for drift in _drifts(error)))
        by_place: dict[str, Violation] = {}
        for error in as_it_stands.iter_errors(value):
            violation = _violation(error)
            by_place.setdefault(violation.pointer, violation)
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
            validator = jsonschema_rs.Draft202012Validator(reference, registry=self._registry, validate_formats=True)
            self._validators[schema, closed] = validator
        return validator

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        import jsonschema_rs

        closed = {"components": {"schemas": _closed(self.spec["components"]["schemas"])}}
        return jsonschema_rs.Registry(
            [("urn:spec", self.spec), ("urn:closed", closed)], draft=jsonschema_rs.Draft202012
        )


def open_enum(schema: Any) -> list[str] | None:
    """Return today's values of an open enum, `anyOf` of an enum and any other string; None for another schema."""
    match schema:
        case {"anyOf": [{"enum": list(values)}, {"type": "string", **rest}]} if not rest:
            return values
    return None


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if (values := open_enum(schema)) is not None:
        return {"type": "string", "enum": values}
    closed = {name: _closed(item) for name, item in schema.items()}
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


def _drifts(error: jsonschema_rs.ValidationError) -> Iterator[Drift]:
    for cause in _causes(error):
        path = list(cause.instance_path)
        if cause.kind.name == "additionalProperties":
            for name in cause.kind.as_dict()["unexpected"]:
                instance = cast("dict[str, Any]", cause.instance)
                yield Drift(_pointer([*path, name]), "undocumented field", _excerpt(instance[name]))
        else:
            yield Drift(_pointer(path), "unknown value", _excerpt(cause.instance))


def _violation(error: jsonschema_rs.ValidationError) -> Violation:
    error = next(_causes(error))
    path = list(error.instance_path)
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
