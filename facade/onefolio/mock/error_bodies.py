"""The error bodies of a spec, and what is made of them where it documents none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from ..openapi.examples import examples, response_schema
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .templates import Template, Writer, envelope_slot

_MESSAGES = frozenset(("message", "detail"))
"""Fields that hold the reason, for people."""


class Errors:
    """The error bodies of one spec."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._writer = Writer(spec, envelope_slot)
        self._parameters = {each.name for operation in spec.operations for each in operation.parameters}

    def documented(self, operation: Operation, status: int, reason: str | None = None, field: str = "") -> Template:
        """Return the first example of an operation's answer with a status; one like it where there is none.

        Args:
            operation: the operation asked for.
            status: the HTTP status.
            reason: a message to put in place of the example's.
            field: the parameter that is wrong, to be put in place of the example's.
        """
        response = operation.responses.get(str(status))
        if response is None:
            return self.like_others(status)
        body = examples(response)[0]
        if reason is not None:
            body = _changed(
                body,
                lambda name, old: reason if name in _MESSAGES else field if old in self._parameters else old,
            )
        return self._writer.template(body, response_schema(response))

    def like_others(self, status: int) -> Template:
        """Return a body with a status that need not be documented: another operation's, or one made from its 401."""
        for operation in self._spec.operations:
            if str(status) in operation.responses:
                return self.documented(operation, status)
        operation = self._spec.operations[0]
        wanted, known = HTTPStatus(status), HTTPStatus.UNAUTHORIZED
        response = operation.responses[str(known.value)]
        body = _changed(
            examples(response)[0],
            lambda name, old: wanted.phrase if name in _MESSAGES else _code(old, known, wanted),
        )
        return self._writer.template(body, response_schema(response))


def _code(old: Any, known: HTTPStatus, wanted: HTTPStatus) -> Any:
    """Return an error code with the one status put in place of the other, in number or word."""
    if type(old) is int and str(old).startswith(str(known.value)):
        return int(str(wanted.value) + str(old)[3:])
    return wanted.name if old == known.name else old


def _changed(value: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """Return a JSON value with every scalar replaced by what `change` makes of its name and itself."""
    if isinstance(value, Mapping):
        return {key: _changed(item, change, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, change, name) for item in value]
    return change(name, value)
