"""Extend griffe, which reads the code for the reference, with the `__init__` of attrs classes and records."""

from __future__ import annotations

from typing import Any

from griffe import Attribute, Class, ExprCall, ExprKeyword, Extension, Function, Parameter, ParameterKind, Parameters

_DECORATORS = {"attrs.define", "attrs.frozen"}


class AttrsClasses(Extension):
    """Add the generated `__init__` to attrs classes and records."""

    def on_class(self, *, cls: Class, **_: Any) -> None:
        """Add the method after the members of the class are loaded."""
        decorator = next((each for each in cls.decorators if each.callable_path in _DECORATORS), None)
        is_record = any(str(base) == "Record" for base in cls.bases)
        if (decorator is None and not is_record) or "__init__" in cls.members:
            return
        kind = ParameterKind.positional_or_keyword
        if is_record or (
            decorator and isinstance(decorator.value, ExprCall) and "kw_only" in _keywords(decorator.value)
        ):
            kind = ParameterKind.keyword_only
        fields = [each for each in cls.members.values() if isinstance(each, Attribute) and _is_field(each)]
        parameters = [
            Parameter(each.name.lstrip("_"), annotation=each.annotation, kind=kind, default=_default(each))
            for each in fields
        ]
        cls.set_member(
            "__init__", Function("__init__", parameters=Parameters(Parameter("self"), *parameters), returns="None")
        )


def _is_field(attribute: Attribute) -> bool:
    return attribute.annotation is not None and "ClassVar" not in str(attribute.annotation)


def _default(attribute: Attribute) -> Any:
    """Return the default of a field; None if the field is required."""
    if not isinstance(attribute.value, ExprCall) or str(attribute.value.function) != "field":
        return attribute.value
    stated = _keywords(attribute.value)
    if "factory" in stated:
        return f"{stated['factory']}()"
    return stated.get("default")


def _keywords(call: ExprCall) -> dict[str, Any]:
    return {each.name: each.value for each in call.arguments if isinstance(each, ExprKeyword)}
