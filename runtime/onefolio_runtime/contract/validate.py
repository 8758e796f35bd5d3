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
from typing import TYPE_CHECKING, Any, cast

from ..json_pointers import resolve_pointer
from ..slices import Sliced, finish
from .closed_schema import close_schema
from .error_collection import MAX_PART_SIZE, PART_SIZE, Part, divide, iter_errors, size, split, whole
from .explanations import explain_drift, explain_violations
from .lists import has_list, is_divisible
from .verdict import CONFORMS, ContractError, Drift, Verdict, Violation

if TYPE_CHECKING:
    import jsonschema_rs

MAX_FINDINGS = 50_000
"""Violations or drifts found in one response: a few for each row of the largest page."""

_ERRORS_PER_SLICE = 100


class Contract:
    """The bundled OpenAPI document of a generated package and the validators compiled from it.

    Args:
        package: the package that contains `openapi.json`, which is read on first use.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._validators: dict[tuple[str, bool], jsonschema_rs.Draft202012Validator] = {}
        self._lists: dict[str, bool] = {}

    def __repr__(self) -> str:
        return f"Contract({self.package!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Contract, (self.package,)  # compiled validators cannot be copied

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The OpenAPI document, examples included."""
        text = resources.files(self.package).joinpath("openapi.json").read_text(encoding="utf-8")
        return cast("dict[str, Any]", json.loads(text))

    def check(self, schema: str, value: Any) -> Verdict:
        """Validate a decoded JSON value against the component schema of that name."""
        return CONFORMS if self.conforms(schema, value) else finish(self.check_in_slices(schema, value))

    def conforms(self, schema: str, value: Any) -> bool:
        """Return whether a value has neither violations nor drift."""
        return self._validator(schema, closed=True).is_valid(value)

    def check_in_slices(self, schema: str, value: Any, *, is_large: bool = False) -> Sliced[Verdict]:
        """Return the same as `check`, in slices.

        Args:
            schema: name of the component schema.
            value: the decoded JSON value.
            is_large: whether validating the whole value would be a long slice.
        """
        closed, opened = self._validator(schema, closed=True), self._validator(schema, closed=False)
        drifted: list[Part] = []
        violating: list[Part] = []
        oversized: dict[str, Violation] = {}
        for part in split(value) if is_large and self._is_divisible else [whole(value)]:
            yield
            if closed.is_valid(part.value):
                continue
            invalid = []
            for some in divide(part) if self._is_divisible else [part]:
                yield
                if some.size > PART_SIZE and size(some.value, MAX_PART_SIZE) > MAX_PART_SIZE:
                    violation = Violation(some.pointer, f"at most {MAX_PART_SIZE} values in one row", "more")
                    if not some.has_rows:
                        return Verdict((violation,))
                    oversized[some.pointer] = violation
                    invalid.append(some.without_rows())
                elif not closed.is_valid(some.value):
                    invalid.append(some)
            for some in invalid or [part]:
                yield
                found = drifted if opened.is_valid(some.value) else violating
                found.append(some)
                if some.is_too_large and some.has_rows:
                    # Its only known error may be in the row, and the values around the row are used in any case.
                    found.append(some.without_rows())
        violations = {**oversized, **(yield from _violations(opened, violating))}
        if "" in violations:
            return Verdict(tuple(violations.values()))
        drifts = yield from _drifts(closed, [*drifted, *violating], violations)
        return Verdict(tuple(violations.values()), drifts) if violations or drifts else CONFORMS

    def has_list(self, schema: str) -> bool:
        """Return whether a component schema is a list, or an object with a list among its fields."""
        if schema not in self._lists:
            self._lists[schema] = has_list(self.spec["components"]["schemas"][schema], self._resolve)
        return self._lists[schema]

    def require(self, schema: str, value: Any) -> None:
        """Validate a value.

        Raises:
            ContractError: the value violates the component schema of that name.
        """
        if violations := self.check(schema, value).violations:
            raise ContractError(violations)

    @cached_property
    def _is_divisible(self) -> bool:
        """Whether a list is valid if each of its items is."""
        return is_divisible(self.spec["components"]["schemas"], self._resolve)

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


def _violations(validator: jsonschema_rs.Draft202012Validator, parts: list[Part]) -> Sliced[dict[str, Violation]]:
    """Return the violations by their pointers, the first of each."""
    found: dict[str, Violation] = {}
    for part in parts:
        for number, (error, offset) in enumerate(iter_errors(validator, part)):
            if number % _ERRORS_PER_SLICE == 0:
                yield
            for violation, says_more in explain_violations(error, offset):
                if says_more or violation.pointer not in found:
                    found[violation.pointer] = violation
            if len(found) > MAX_FINDINGS:
                # Values beyond the limit have not been explained, so the whole value is a violation.
                found[""] = Violation("", f"at most {MAX_FINDINGS} violations", "more")
                return found
        if part.is_too_large:
            # Only one of its errors is known, so no part of it can be used.
            found.setdefault(part.pointer, Violation(part.pointer, "a smaller value, or a valid one", "errors in it"))
    return found


def _drifts(
    validator: jsonschema_rs.Draft202012Validator, parts: list[Part], violations: Mapping[str, Violation]
) -> Sliced[tuple[Drift, ...]]:
    """Return the drift of parts. The closed schema finds it among the violations, which are left out."""
    found: dict[tuple[str, str], Drift] = {}
    for part in parts:
        for number, (error, offset) in enumerate(iter_errors(validator, part)):
            if number % _ERRORS_PER_SLICE == 0:
                yield
            for drift in explain_drift(error, offset):
                if not _is_inside(drift.pointer, violations):
                    found.setdefault((drift.pointer, drift.kind), drift)
                if len(found) == MAX_FINDINGS:
                    return tuple(found.values())
    return tuple(found.values())


def _is_inside(pointer: str, violations: Mapping[str, Violation]) -> bool:
    """Return True if a pointer is that of a violation or leads into one."""
    if not violations:
        return False
    parents = [at for at, character in enumerate(pointer) if character == "/"]
    return pointer in violations or any(pointer[:at] in violations for at in parents)
