"""Compare two OpenAPI documents from an API consumer's point of view."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from onefolio_runtime import hide_arguments

from .._core.addresses import show_address
from .._core.errors import ComparisonError
from ..openapi.documents import Document, make_document, read_document
from ..openapi.errors import DocumentError
from ..providers.field_usage import FieldUsage
from ..providers.registry import known
from .adapter_usage import find_usage, find_used_fields
from .change_collector import ChangeCollector
from .omissions import Omissions
from .operation_comparison import OperationComparison, Root, compare_operations
from .places import ChangedPairs, find_changed_pairs
from .report import Comparison
from .schema_comparison import SchemaComparer

Source: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]


@hide_arguments
def compare(old: Source, new: Source) -> Comparison:
    """Compare two OpenAPI documents over the operations of the old one.

    A part that is malformed, or that is not compared, is listed in the result as long as other operations can be
    compared completely.

    Args:
        old: a path, the name of a provider for its curated spec, or the document itself; OpenAPI 3.0 or 3.1, JSON or
            YAML.
        new: the same for the new document.

    Raises:
        ComparisonError: a document cannot be read, or no operation can be compared because a document is malformed or
            has a reference without a target.
        ConfigurationError: a document is YAML and PyYAML is not installed.
    """
    try:
        return _compare(_open(old), _open(new))
    except DocumentError as error:
        raise ComparisonError(str(error)) from None
    except RecursionError:
        raise ComparisonError("one of the documents is nested too deeply") from None


def _open(source: Source) -> Document:
    if isinstance(source, Mapping):
        return make_document(source, "the document")
    if isinstance(source, str) and source in known():
        return make_document(known()[source].contract.spec, f"the curated spec of {source}")
    if not Path(source).exists():
        raise ComparisonError(
            f"{show_address(os.fspath(source))} is neither a file nor a known provider (known: {', '.join(known())})"
        )
    return read_document(source)


def _compare(old: Document, new: Document) -> Comparison:
    schemas, collector, omissions = SchemaComparer(), ChangeCollector(), Omissions()
    compared, added = compare_operations(old, new, schemas, omissions)
    usage = find_usage(old, compared)
    for operation in compared:
        _collect_operation(collector, operation, usage.get(id(operation)))
    for root, sharing in _shared_roots(compared):
        reached = [pair for pair, _ in schemas.walk(root.pair)]
        for error in (error for pair in reached for error in pair.errors):
            omissions.add_malformed(error, [operation.old.label for operation in sharing])
        changed = find_changed_pairs(reached)
        for operation in sharing:
            if used := usage.get(id(operation)):
                _collect_schemas(collector, changed, root, [operation.old.label], used)
        if labels := [operation.old.label for operation in sharing if id(operation) not in usage]:
            _collect_schemas(collector, changed, root, labels, None)
    omissions.check(operation.old.label for operation in compared)
    return Comparison(
        old=_title(old),
        new=_title(new),
        operations=len(compared),
        new_operations=tuple(operation.label for operation in added),
        used_by=tuple(sorted({each.provider for each in usage.values()})),
        changes=collector.changes(),
        not_compared=omissions.all(),
    )


def _shared_roots(compared: list[OperationComparison]) -> list[tuple[Root, list[OperationComparison]]]:
    """Return the schemas of all operations; operations with the same schema at the same place share it."""
    roots: dict[tuple[int, str], tuple[Root, list[OperationComparison]]] = {}
    for operation in compared:
        for root in operation.roots:
            roots.setdefault((id(root.pair), root.place), (root, []))[1].append(operation)
    return list(roots.values())


def _collect_operation(collector: ChangeCollector, operation: OperationComparison, usage: FieldUsage | None) -> None:
    for place, difference in operation.differences:
        is_used = usage is not None and (difference.name is None or difference.name in usage.parameters)
        used_by = [usage.provider] if usage and is_used else []
        collector.add(difference, "response", [operation.old.label], [place], used_by=used_by)


def _collect_schemas(
    collector: ChangeCollector,
    changed: ChangedPairs,
    root: Root,
    operations: list[str],
    usage: FieldUsage | None,
) -> None:
    """Add the differences of the pairs below a root; those that an adapter uses have its pointers."""
    used = find_used_fields(root, usage) if usage else {}
    for pair, paths in changed.paths:
        for difference in pair.differences:
            used_at = used.get((id(pair), difference.name), [])
            suffix = f"/{difference.name}" if difference.name else ""
            pointers = dict.fromkeys([*used_at, *(f"{path}{suffix}" for path in paths)])
            collector.add(
                difference,
                pair.direction,
                operations,
                [f"{root.place} {pointer}".strip() for pointer in pointers],
                used_by=[usage.provider] if usage and used_at else [],
                used_at=used_at,
                more_places=not changed.are_complete,
            )


def _title(document: Document) -> str:
    version = document.root.child("info").get("version")
    return f"{document.name} (version {version})" if version else document.name
