"""Decode JSON and YAML documents with exact numbers and without duplicate names."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn

from .._core.extras import require_extra
from .._core.strict_json import reject_duplicate_names
from .errors import DocumentError

_MAX_DEPTH = 500
"""Levels of nesting in a YAML document."""

_MAX_MERGED = 500_000
"""Fields that the merge keys of a YAML document copy."""

_TAG = "tag:yaml.org,2002:"

_CORE_SCHEMA = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "float": (r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+0123456789.")),
    "merge": (r"<<", ["<"]),
}
"""The pattern of plain scalars of each type, and their first characters. All other plain scalars are strings."""


class _LimitError(Exception):
    """A YAML document exceeds a limit; the message states which one."""


def decode_document(content: str, *, is_json: bool, name: str) -> Any:
    """Return the JSON value of a document.

    Args:
        content: the document.
        is_json: whether the document must be JSON; otherwise it may also be YAML.
        name: the name of the document in error messages.

    Raises:
        DocumentError: the document is not valid JSON or YAML, repeats a name, is nested too deeply, or has merge keys
            that copy too many fields.
        ConfigurationError: the document is YAML and PyYAML is not installed.
    """
    try:
        if is_json or content.lstrip().startswith("{"):
            return _decode_json(content)
        return _decode_yaml(content)
    except RecursionError:
        raise DocumentError(f"{name} is nested too deeply") from None
    except _LimitError as error:
        raise DocumentError(f"{name}: {error}") from None
    except ValueError as error:
        raise DocumentError(f"{name} is neither JSON nor YAML: {' '.join(str(error).split())}") from None


def _decode_json(content: str) -> Any:
    return json.loads(
        content, parse_float=Decimal, parse_constant=_reject_constant, object_pairs_hook=reject_duplicate_names
    )


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _decode_yaml(content: str) -> Any:
    with require_extra("drift", "reading YAML"):
        import yaml  # type: ignore[import-untyped]  # it has no types of its own
    try:
        _check_depth(content)
        return yaml.load(content, Loader=_yaml_loader())  # noqa: S506  # a safe loader with fewer types
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _check_depth(content: str) -> None:
    """Raise RecursionError for deep nesting: the C loader is recursive and would end the process."""
    import yaml

    depth = 0
    for event in yaml.parse(content, Loader=_yaml_loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _identity(key: Any) -> object:
    return key.value if isinstance(key.value, str) else id(key)


@cache
def _yaml_loader() -> Any:
    """Return a loader that accepts only the types of JSON: names, dates and `no` are strings."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the class depends on libyaml
        yaml_implicit_resolvers: dict[str, Any] = {}
        merged = 0

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  # PyYAML's
            if not isinstance(node, yaml.MappingNode):
                return dict(super().construct_mapping(node, deep=deep))
            names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            reject_duplicate_names([(name, None) for name in names])
            self.flatten_mapping(node)
            return {str(key.value): self.construct_object(value, deep=deep) for key, value in node.value}

        def flatten_mapping(self, node: Any) -> None:
            """Merge other mappings; keep a name of several of them once, because nested merges would multiply it."""
            merges = any(key.tag == f"{_TAG}merge" for key, _ in node.value)
            super().flatten_mapping(node)
            if merges:
                node.value = list({_identity(key): (key, value) for key, value in node.value}.values())
                self.merged += len(node.value)
                if self.merged > _MAX_MERGED:
                    raise _LimitError(f"its merge keys (<<) repeat more than {_MAX_MERGED} fields")

        def construct_number(self, node: Any) -> int | Decimal:
            return int(node.value) if re.fullmatch(r"[-+]?\d+", node.value) else Decimal(node.value)

    for kind, (pattern, first) in _CORE_SCHEMA.items():
        Loader.add_implicit_resolver(_TAG + kind, re.compile(rf"(?:{pattern})\Z"), first)
    Loader.add_constructor(f"{_TAG}float", Loader.construct_number)
    return Loader
