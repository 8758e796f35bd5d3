"""The `match` case that recognizes an error body."""

from __future__ import annotations

from attrs import frozen

from ..curate import CuratedSpec
from .expressions import quote


@frozen
class ErrorCase:
    """The case of an error body.

    Attributes:
        pattern: its pattern, which binds `message` and `rest`.
        code: the expression of the error's code.
        success_fields: fields of successful responses, which no error has; empty if the pattern alone is enough.
    """

    pattern: str
    code: str
    success_fields: list[str]


def make_error_case(curated: CuratedSpec) -> ErrorCase:
    """Return the case of a spec's error bodies."""
    error = curated.error
    pattern = f"{{{quote(error.message)}: str(message), **rest}}"
    if error.is_list:
        pattern = f"[{pattern}, *_]"
    for name in reversed(error.path):
        pattern = f"{{{quote(name)}: {pattern}}}"
    code = f"_text(rest.get({quote(error.code)}))" if error.code else "None"
    return ErrorCase(pattern, code, [] if error.path else _find_success_fields(curated))


def _find_success_fields(curated: CuratedSpec) -> list[str]:
    targets = [curated.components.target(each.response) for each in curated.selection.values()]
    names = dict.fromkeys(name for target in targets for name in target.get("properties", {}))
    return [name for name in names if name not in (curated.error.message, curated.error.code)]
