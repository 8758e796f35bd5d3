"""The documented error bodies of a spec, and bodies derived from them for undocumented statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from ..openapi.examples import examples, response_schema
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .templates import Template, TemplateBuilder, envelope_slot

_MESSAGES = frozenset(("message", "detail"))
"""Fields that contain the reason of an error in plain language."""


class ErrorBodies:
    """The error bodies of one spec.

    Args:
        spec: the provider's spec.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._builder = TemplateBuilder(spec, envelope_slot)
        self._parameters = {parameter.name for operation in spec.operations for parameter in operation.parameters}

    def for_operation(
        self, operation: Operation, status: int, reason: str | None = None, parameter: str = ""
    ) -> Template:
        """Return the first documented error body of an operation with a status, or a derived one.

        Args:
            operation: the operation.
            status: HTTP status of the error.
            reason: message that replaces the message of the example.
            parameter: name of the invalid parameter, which replaces the name in the example.
        """
        response = operation.responses.get(str(status))
        if response is None:
            return self.for_status(status)
        body = examples(response)[0]
        if reason is not None:
            body = _replace_scalars(
                body,
                lambda name, old: reason if name in _MESSAGES else parameter if old in self._parameters else old,
            )
        return self._builder.build(body, response_schema(response))

    def for_status(self, status: int) -> Template:
        """Return an error body with a status: any operation's documented one, or one derived from a 401."""
        for operation in self._spec.operations:
            if str(status) in operation.responses:
                return self.for_operation(operation, status)
        operation = self._spec.operations[0]
        wanted, documented = HTTPStatus(status), HTTPStatus.UNAUTHORIZED
        response = operation.responses[str(documented.value)]
        body = _replace_scalars(
            examples(response)[0],
            lambda name, old: wanted.phrase if name in _MESSAGES else _replace_code(old, documented, wanted),
        )
        return self._builder.build(body, response_schema(response))


def _replace_code(code: Any, documented: HTTPStatus, wanted: HTTPStatus) -> Any:
    """Return an error code with one status replaced by another, as a number or by name."""
    if type(code) is int and str(code).startswith(str(documented.value)):
        return int(str(wanted.value) + str(code)[3:])
    return wanted.name if code == documented.name else code


def _replace_scalars(value: Any, replace: Callable[[str, Any], Any], name: str = "") -> Any:
    """Return a JSON value with each scalar replaced by the result of `replace(name, scalar)`."""
    if isinstance(value, Mapping):
        return {key: _replace_scalars(item, replace, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace_scalars(item, replace, name) for item in value]
    return replace(name, value)
