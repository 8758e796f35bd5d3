"""Propose changes of a curated spec, its examples, its departures and its golden vectors."""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from onefolio_runtime import parse_pointer

from ..._core.errors import ConfigurationError
from ..._core.text import count_items
from ..._models.jsonable import to_jsonable
from ...providers.registry import provider as find_provider
from .. import findings as kinds
from ..findings import Finding, Tally
from ..inspection import MORE
from ..ledger import Ledger
from ..routes import Route, Routes
from ..rows import RowChecks
from ..shapes import HIDDEN
from .schemas import Observed
from .yaml_edits import YamlFile

_MISSING, _NULL = "the field is missing", "got null"
"""The end of the detail of a finding about an absent field, and about null."""

_REASON = "to be stated by the reviewer"


@frozen
class Proposal:
    """Changed files for a person to review.

    Attributes:
        files: the old and the new content by path; the old content of a new file is empty.
        notes: findings that no file shows, and the counts that support the others.
    """

    files: Mapping[str, tuple[str, str]] = field(repr=count_items)
    notes: tuple[str, ...] = field(repr=count_items)

    def diff(self) -> str:
        """Return the changes as a unified diff."""
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for path, (old, new) in self.files.items()
            for line in difflib.unified_diff(
                old.splitlines(keepends=True),
                new.splitlines(keepends=True),
                f"a/{path}" if old else "/dev/null",
                f"b/{path}",
            )
        )

    def write(self, folder: Path) -> None:
        """Write the new files below a folder."""
        for path, (_, new) in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(new, encoding="utf-8")


def propose(provider: str, ledger: Ledger, repository: Path) -> Proposal:
    """Return a proposal for the differences that a ledger has between a provider's responses and its curated spec.

    Args:
        provider: the provider's name.
        ledger: the ledger; acknowledged findings are left out.
        repository: the folder that contains `specs`.

    Raises:
        ConfigurationError: the provider is unknown, the folder has no spec of it, or PyYAML is not installed.
    """
    kind = find_provider(provider)
    connections = {name for name, found in ledger.connections().items() if found == provider}
    acknowledged = ledger.acknowledgements()
    shapes: dict[tuple[str, str], dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for (connection, operation, status, place, shape), count in ledger.shapes().items():
        if connection in connections:
            shapes[operation, status][place, shape] += count
    found: dict[Finding, list[Tally]] = defaultdict(list)
    for (connection, finding), tallies in ledger.findings().items():
        if connection in connections and finding.id(connection) not in acknowledged:
            found[finding] += tallies.values()
    work = _Work(provider, repository, Routes(kind.contract))
    for finding, counted in found.items():
        work.add(finding, counted, Observed(shapes[finding.operation, finding.status]))
    work.add_vectors(RowChecks(kind(**_demo(kind))))
    return work.proposal()


def _demo(kind: Any) -> dict[str, Any]:
    credentials: dict[str, Any] = kind.demo_credentials()
    return credentials


@define
class _Work:
    """A proposal that is being made."""

    provider: str
    repository: Path
    routes: Routes
    _files: dict[str, tuple[str, YamlFile]] = field(factory=dict)
    _departures: list[str] = field(factory=list)
    _notes: list[str] = field(factory=list)
    _values: dict[str, dict[tuple[str, ...], Any]] = field(factory=lambda: defaultdict(dict))
    _vectors: dict[str, str] = field(factory=dict)

    @property
    def _spec(self) -> YamlFile:
        return self._open(f"specs/{self.provider}/openapi.yaml")

    def add(self, finding: Finding, tallies: list[Tally], observed: Observed) -> None:
        """Add the changes that a finding suggests."""
        count = sum(each.count for each in tallies)
        first, last = min(each.first for each in tallies), max(each.last for each in tallies)
        counted = f"in {count} responses, {_day(first)} to {_day(last)}"
        subject = " ".join(filter(None, (finding.operation, finding.status, finding.place, finding.detail)))
        route = next((each for each in self.routes.all if each.label == finding.operation), None)
        path = parse_pointer(finding.place) if finding.place.startswith("/") else []
        is_clear = route is not None and path and HIDDEN not in path and MORE not in (finding.place, finding.detail)
        done = route is not None and is_clear and self._change(finding, route, path, observed)
        if not done:
            self._notes.append(f"no change is proposed for {finding.kind}: {subject} ({counted})")
            return
        evidence = f"{observed.evidence(finding.place)}, {counted}"
        self._notes.append(f"{finding.kind}: {subject}: {evidence}")
        entry = {
            "operation": finding.operation,
            "in": f"response {finding.status}",
            "place": finding.place,
            "rule": _rule(finding),
            "reason": _REASON,
            "evidence": evidence,
        }
        lines = [f"{name}: {_yaml_text(value)}" for name, value in entry.items()]
        self._departures += [f"  - {lines[0]}", *(f"    {line}" for line in lines[1:])]

    def _change(self, finding: Finding, route: Route, path: list[str], observed: Observed) -> bool:
        """Change the spec; return whether there is a change."""
        spec = self._spec
        *above, name = path
        response = spec.find(spec.root, "paths", route.path, route.method.lower(), "responses", finding.status)
        schema = spec.find(response, "content", "application/json", "schema")
        parent = self._below(schema, above)
        properties = spec.find(parent, "properties")
        if parent is None or properties is None:
            return False
        if finding.kind == kinds.UNDOCUMENTED_FIELD:
            return self._add_field(finding, route, path, parent, observed)
        if finding.kind == kinds.UNKNOWN_VALUE:
            values = next(
                (enum for branch in self._branches(self._below(schema, path)) if (enum := spec.find(branch, "enum"))),
                None,
            )
            if values is None or finding.detail.startswith("("):
                return False
            if finding.detail not in spec.names(values):
                spec.add_item(values, finding.detail)
            self._values[finding.operation][tuple(path)] = finding.detail
            return True
        required = spec.find(parent, "required")
        if finding.detail == _MISSING:
            return required is not None and spec.remove_item(required, name)
        return finding.detail.endswith(_NULL) and self._allow_null(properties, name)

    def _add_field(self, finding: Finding, route: Route, path: list[str], parent: Any, observed: Observed) -> bool:
        spec, name = self._spec, path[-1]
        properties = spec.find(parent, "properties")
        if not observed.shapes(finding.place):
            return False
        if name not in spec.names(properties):
            description = f"Observed, not documented; {observed.evidence(finding.place)}."
            lines = [*observed.schema(finding.place), f"description: {_yaml_text(description)}"]
            spec.add_field(properties, name, lines)
            required = spec.find(parent, "required")
            if required is not None and observed.is_required(finding.place):
                spec.add_item(required, name)
        value = observed.value(finding.place)
        self._values[finding.operation][tuple(path)] = value
        self._add_to_examples(route, finding.status, path, value)
        return True

    def _add_to_examples(self, route: Route, status: str, path: list[str], value: Any) -> None:
        """Add a field to every object of the examples that can have it, since it may be required."""
        spec = self._spec
        responses = spec.find(spec.root, "paths", route.path, route.method.lower(), "responses", status)
        examples = spec.find(responses, "content", "application/json", "examples")
        for _, example in [] if examples is None else examples.value:
            reference = spec.reference(example)
            if reference is None or reference.startswith("#"):
                continue
            file = self._open(f"specs/{self.provider}/{reference}")
            *above, name = path
            for each in file.find_all(file.root, "value", *above):
                if each.id == "mapping" and each.value and name not in file.names(each):
                    file.add_json_field(each, name, value)

    def _allow_null(self, properties: Any, name: str) -> bool:
        spec = self._spec
        node = next((value for key, value in properties.value if key.value == name), None)
        if node is None:
            return False
        for key, value in node.value:
            if key.value == "$ref":
                nullable = value.value.rpartition("/")[2]
                pointer = f"#/components/schemas/Nullable{nullable}"
                if spec.find(spec.root, "components", "schemas", f"Nullable{nullable}") is None:
                    return False
                spec.replace(value, f'"{pointer}"')
                return True
            if key.value == "type" and value.id == "scalar":
                spec.replace(value, f'[{value.value}, "null"]')
                return True
        return False

    def _below(self, schema: Any, tokens: list[str]) -> Any:
        """Return the schema at a path of a body, with the branch of each union that has it, or None."""
        node = schema
        for token in tokens:
            step = ("items",) if token == "*" else ("properties", token)  # noqa: S105  # a part of a pointer
            node = next((found for each in self._branches(node) if (found := self._spec.find(each, *step))), None)
            if node is None:
                return None
        branches = [*self._branches(node)]
        return next((each for each in branches if self._spec.find(each, "properties") is not None), branches[0])

    def _branches(self, node: Any) -> Iterator[Any]:
        """Yield a schema and its alternatives."""
        node = self._spec.resolve(node)
        yield node
        for keyword in ("allOf", "anyOf", "oneOf"):
            found = self._spec.find(node, keyword)
            for each in [] if found is None else found.value:
                yield from self._branches(each)

    def add_vectors(self, checks: RowChecks) -> None:
        """Add a golden vector for each operation whose rows have new fields or values."""
        for operation, values in self._values.items():
            route = next(each for each in self.routes.all if each.label == operation)
            vector = checks.vector(route, values)
            if vector is not None:
                capability, content = vector
                path = f"tests/vectors/{self.provider}/{capability}/observed.json"
                self._vectors[path] = json.dumps(to_jsonable(content), indent=2) + "\n"

    def proposal(self) -> Proposal:
        """Return the proposal."""
        files = {path: (old, file.text()) for path, (old, file) in self._files.items()}
        if self._departures:
            path = f"specs/{self.provider}/departures.yaml"
            file = self.repository / path
            old = file.read_text(encoding="utf-8") if file.exists() else ""
            files[path] = (old, self._with_departures(old))
        for path, content in self._vectors.items():
            file = self.repository / path
            files[path] = (file.read_text(encoding="utf-8") if file.exists() else "", content)
        return Proposal({path: both for path, both in files.items() if both[0] != both[1]}, tuple(self._notes))

    def _with_departures(self, old: str) -> str:
        """Return the content of `departures.yaml` with the new entries."""
        file = YamlFile(old)
        entries = file.find(file.root, "departures")
        if entries is None:
            return "\n".join([*old.splitlines(), "departures:", *self._departures]) + "\n"
        file.add_lines(entries, self._departures)
        return file.text()

    def _open(self, path: str) -> YamlFile:
        if path not in self._files:
            try:
                text = (self.repository / path).read_text(encoding="utf-8")
            except OSError as error:
                raise ConfigurationError(
                    f"cannot read {self.repository / path}: {error.strerror}. "
                    "Pass --repository with a checkout of onefolio."
                ) from None
            self._files[path] = (text, YamlFile(text))
        return self._files[path][1]


def _rule(finding: Finding) -> str:
    """Return the rule of the spec comparison that describes a change."""
    if finding.kind == kinds.UNDOCUMENTED_FIELD:
        return "property-added"
    if finding.kind == kinds.UNKNOWN_VALUE:
        return "enum-value-added"
    return "property-became-optional" if finding.detail == _MISSING else "became-nullable"


def _yaml_text(text: str) -> str:
    """Return a string as a YAML scalar on one line, plain if possible."""
    is_plain = text[:1].isalnum() or text.startswith("/")
    return text if is_plain and ": " not in text and " #" not in text and not text.isdigit() else json.dumps(text)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
