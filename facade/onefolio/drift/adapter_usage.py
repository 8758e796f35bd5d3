"""Find the fields and parameters of a document that the adapters of this library use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

from .._core.json_paths import FieldPath
from ..openapi.documents import Document
from ..providers.field_usage import FieldUsage, field_usage
from ..providers.registry import known
from .operation_comparison import OperationComparison, Root
from .operations import hosts_of, operation_template
from .pairs import Pair

UsedFields: TypeAlias = Mapping[tuple[int, str | None], list[str]]
"""The pointers at which an adapter uses a pair, by its id(), or a property of it, by its name."""


def find_usage(document: Document, compared: list[OperationComparison]) -> dict[int, FieldUsage]:
    """Return the fields and parameters that adapters use of each operation, by its id().

    A document belongs to a provider if it has a server of it, or, on other hosts such as proxies, all operations.
    """
    found: dict[int, FieldUsage] = {}
    hosts = hosts_of(document)
    for provider, connection in known().items():
        used = {operation_template(*operation): usage for operation, usage in field_usage(provider).items()}
        own = {id(each): usage for each in compared if (usage := used.get(each.old.full_template))}
        provider_hosts = {urlsplit(url).hostname for url in connection.environments.values()}
        if hosts & provider_hosts or len(own) == len(used):
            found.update(own)
    return found


def find_used_fields(root: Root, usage: FieldUsage) -> UsedFields:
    """Return the pairs and properties below a root that an adapter uses, and the pointers at which it does.

    The pairs must have been compared, since the comparison finds the pairs below.
    """
    found: dict[tuple[int, str | None], dict[str, None]] = {}
    for path in _used_paths(root, usage):
        pairs, pointer = _with_branches([root.pair]), ""
        for step in (*path, None):
            for pair in pairs:
                found.setdefault((id(pair), None), {})[pointer] = None
                if step is not None:
                    found.setdefault((id(pair), step), {})[f"{pointer}/{step}"] = None
            pairs = _with_branches(child for pair in pairs for name, child in pair.children if name == step)
            pointer = f"{pointer}/{step}"
    return {key: list(pointers) for key, pointers in found.items()}


def _used_paths(root: Root, usage: FieldUsage) -> Iterable[FieldPath]:
    if root.status is not None:
        return usage.answers.get(root.status) or usage.answers.get(f"{root.status[0]}XX") or ()
    return ((),) if root.parameter in usage.parameters else ()


def _with_branches(pairs: Iterable[Pair]) -> list[Pair]:
    """Return pairs and the pairs of their union branches."""
    found = {id(pair): pair for pair in pairs}
    waiting = list(found.values())
    for pair in waiting:
        for step, child in pair.children:
            if not step and id(child) not in found:
                found[id(child)] = child
                waiting.append(child)
    return waiting
