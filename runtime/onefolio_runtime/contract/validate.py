"""Validate JSON values against a spec: conforming, drifted but usable, or violating.

Each schema is compiled twice: as it is, and *closed*, without undocumented fields and unknown enum values. A value that
the closed schema accepts conforms; this is the usual case and needs one validation. All other values are validated
again for details.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from ..json_pointers import resolve_pointer
from .closed_schema import close_schema
from .error_collection import Offset, first_error, iter_errors
from .explanations import explain_drift, explain_violation
from .verdict import CONFORMS, ContractError, Verdict, Violation

if TYPE_CHECKING:
    import jsonschema_rs

MAX_FINDINGS = 10_000
"""Violations or drifts reported for one response: ten for each row of a large page."""


class Contract:
    """The bundled OpenAPI document of a generated package and the validators compiled from it.

    Args:
        package: the package that contains `openapi.json`, which is read on first use.
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

    def check(self, schema: str, value: Any) -> Verdict:
        """Validate a decoded JSON value against the component schema of that name."""
        closed_schema = self._validator(schema, closed=True)
        if closed_schema.is_valid(value):
            return CONFORMS
        open_schema = self._validator(schema, closed=False)
        if open_schema.is_valid(value):
            drifts = (
                drift for error, offset in iter_errors(closed_schema, value) for drift in explain_drift(error, offset)
            )
            return Verdict(drifts=tuple(islice(drifts, MAX_FINDINGS)))
        by_place: dict[str, Violation] = {}
        for error, offset in iter_errors(open_schema, value):
            violation = explain_violation(error, offset)
            by_place.setdefault(violation.pointer, violation)
            if len(by_place) > MAX_FINDINGS:
                # Values beyond the limit have not been validated, so the whole value is a violation.
                by_place[""] = Violation("", f"at most {MAX_FINDINGS} violations", "more")
                break
        if not by_place:  # only the value as a whole violates the schema, none of its parts
            by_place[""] = explain_violation(first_error(open_schema, value), Offset((), 0))
        return Verdict(violations=tuple(by_place.values()))

    def require(self, schema: str, value: Any) -> None:
        """Validate a value.

        Raises:
            ContractError: the value violates the component schema of that name.
        """
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
                # The regex engine matches in linear time for every input.
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
                    name: close_schema(each, self._resolve) for name, each in self.spec["components"]["schemas"].items()
                }
            }
        }
        return jsonschema_rs.Registry(
            [("urn:spec", self.spec), ("urn:closed", closed)], draft=jsonschema_rs.Draft202012
        )

    def _resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a node of the document after following its `$ref`, if it has one."""
        while "$ref" in node:
            node = resolve_pointer(self.spec, node["$ref"].removeprefix("#"))
        return node
