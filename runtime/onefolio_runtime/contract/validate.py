"""A spec as the contract: what conforms, what drifted but can be used, what breaks it.

Each schema is compiled twice, once as it stands and once *closed*: no undocumented field, no enum value
beyond today's. A value that the closed schema accepts conforms, and that is all the work there is in the
usual case. Only where it does not are the differences listed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from .closed_schema import close_schema
from .explanations import Shift, drifts_of, first_error, iter_errors, violation_of
from .verdict import CONFORMS, ContractError, Verdict, Violation

if TYPE_CHECKING:
    import jsonschema_rs

MAX_FINDINGS = 10_000
"""Violations or drifts that are told of one answer: ten of each row on a large page."""


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
            drifts = (drift for error, shift in iter_errors(closed, value) for drift in drifts_of(error, shift))
            return Verdict(drifts=tuple(islice(drifts, MAX_FINDINGS)))
        by_place: dict[str, Violation] = {}
        for error, shift in iter_errors(as_it_stands, value):
            violation = violation_of(error, shift)
            by_place.setdefault(violation.pointer, violation)
            if len(by_place) > MAX_FINDINGS:
                # What has not been looked at is not taken to be good.
                by_place[""] = Violation("", f"at most {MAX_FINDINGS} places that break the schema", "more")
                break
        if not by_place:  # a fault of the whole that none of its parts has
            by_place[""] = violation_of(first_error(as_it_stands, value), Shift((), 0))
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
                    name: close_schema(each, self.resolve) for name, each in self.spec["components"]["schemas"].items()
                }
            }
        }
        return jsonschema_rs.Registry(
            [("urn:spec", self.spec), ("urn:closed", closed)], draft=jsonschema_rs.Draft202012
        )
