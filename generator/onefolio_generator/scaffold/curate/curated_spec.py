"""The curated spec of a provider, assembled from its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from ..field_matching import FieldMatch
from ..field_names import Capability
from ..normalize import Normalizer
from ..published_spec import PublishedSpec
from ..schemas import Components, Schema
from ..select_operations import OMIT, Selection, select_operations
from .amounts import drop_amounts_without_unit, note_unknown_unit, note_unread_currencies
from .components import collect_components
from .embedded_balances import EmbeddedBalances, find_embedded_balances
from .errors import STATUSES, ErrorShape, example_name, find_error_schema, make_error_body, make_responses
from .examples import add_examples
from .mock_hints import add_hints, add_scale_hints
from .operations import make_operation
from .security import Security, find_security
from .servers import find_servers


@frozen
class CuratedSpec:
    """A curated spec and the facts that an adapter needs.

    Attributes:
        document: the OpenAPI document; it refers to its examples as files.
        examples: the example bodies by the names of their files.
        components: the components of the document.
        selection: the operations that are read.
        embedded: the balances in the response with the accounts; None if they have an operation or are missing.
        credentials: the names of the credentials.
        environments: the names of the servers.
        error: the form of error bodies.
        has_unknown_unit: whether the unit of the balances is unknown.
        notes: points for the reviewer.
    """

    document: Schema
    examples: dict[str, Any]
    components: Components
    selection: Selection
    embedded: EmbeddedBalances | None
    credentials: list[str]
    environments: list[str]
    error: ErrorShape
    has_unknown_unit: bool
    notes: list[str]

    @property
    def balance_matches(self) -> list[FieldMatch]:
        """The unified fields that are read from a balance, whichever response has it."""
        return _balance_matches(self.selection, self.embedded)

    @property
    def balance_row(self) -> Schema | None:
        """The component of a balance's row, as a reference; None where there are no balances."""
        if "balances" in self.selection:
            return self.selection["balances"].rows.schema
        return self.embedded.rows.schema if self.embedded else None


def curate(
    published: PublishedSpec, name: str, stated: Mapping[Capability, str | None], base_url: str | None = None
) -> CuratedSpec:
    """Curate a published document.

    Args:
        published: the document.
        name: the name of the provider.
        stated: the ids of the operations that list accounts, balances and positions; without one, it is guessed.
        base_url: the address of the server; by default those of the document.

    Raises:
        DocumentError: the document cannot be used.
    """
    normalizer = Normalizer(published)
    components = normalizer.components
    selection = select_operations(normalizer, stated)
    embedded = None
    if "balances" not in selection and stated.get("balances") != OMIT:
        embedded = find_embedded_balances(components, selection["accounts"].rows)
    security = find_security(published, name, selection["accounts"].operation)
    notes = _prepare_schemas(components, selection, embedded)
    unit_notes = note_unknown_unit(_balance_matches(selection, embedded))
    notes += [*unit_notes, *note_unread_currencies(components, selection, embedded)]
    error_component, error = find_error_schema(normalizer, selection)
    examples: dict[str, Any] = {}
    paths = {
        each.operation.path: {"get": make_operation(each, add_examples(components, each, examples), selection)}
        for each in selection.values()
    }
    for status in STATUSES:
        examples[example_name(status)] = make_error_body(components, error_component, status, error)
    servers, environments = find_servers(published, base_url)
    document = _assemble(
        published,
        selection,
        servers=servers,
        security=security,
        paths=paths,
        responses=make_responses(error_component),
    )
    document["components"]["schemas"] = collect_components(components, document)
    return CuratedSpec(
        document,
        examples,
        components,
        selection,
        embedded,
        security.credentials,
        environments,
        error,
        has_unknown_unit=bool(unit_notes),
        notes=[note for each in selection.values() for note in each.notes] + notes + normalizer.notes,
    )


def _prepare_schemas(components: Components, selection: Selection, embedded: EmbeddedBalances | None) -> list[str]:
    """Drop amounts without a unit, add the hints for the fields that remain, and return notes about the former."""
    notes: list[str] = []
    for each in selection.values():
        each.matches = drop_amounts_without_unit(each.capability, each.matches, notes)
        add_hints(components, each)
    if embedded is not None:
        add_scale_hints(components, embedded.rows.schema, embedded.matches)
    return notes


def _assemble(
    published: PublishedSpec,
    capabilities: Iterable[Capability],
    *,
    servers: list[Schema],
    security: Security,
    paths: Schema,
    responses: Schema,
) -> Schema:
    info = published.document.get("info") or {}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": str(info.get("title") or "API"),
            "version": str(info.get("version") or "1"),
            "summary": "The part of the API that onefolio reads.",
            "description": "Derived from the published document by `onefolio provider new`, for review by a person.",
        },
        "servers": servers,
        "security": security.requirement,
        "tags": [{"name": each.capitalize(), "description": f"Operations for {each}."} for each in capabilities],
        "paths": paths,
        "components": {"securitySchemes": security.schemes, "responses": responses, "schemas": {}},
    }


def _balance_matches(selection: Selection, embedded: EmbeddedBalances | None) -> list[FieldMatch]:
    if "balances" in selection:
        return selection["balances"].matches
    return embedded.matches if embedded else []
