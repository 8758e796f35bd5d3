"""The curated specs are valid, match their examples and follow the conventions of the generator and the mock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
import pytest
from openapi_spec_validator import validate
from ruamel.yaml import YAML

from onefolio.openapi.examples import json_content
from onefolio.openapi.operations import iter_operations
from onefolio.openapi.references import resolve
from onefolio_runtime import resolve_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECS = Path(__file__).parents[2] / "specs"
PATHS = sorted(SPECS.glob("*/openapi.yaml"))
DOCUMENTS: dict[str, Any] = {path.parent.name: YAML(typ="safe").load(path) for path in PATHS}

DECIMALS = ["0", "-1.5", "122011.09751111286868", "9" * 78, "0." + "0" * 37 + "1"]
NOT_DECIMALS = ["1e5", "+1", "NaN", "", "1.", ".5", " 1", "1\n", "1,000", "--1", "\u0661", "9" * 79, "0." + "0" * 39]
MOCK_HINTS = {
    *("scale", "sequence", "label", "symbol", "request-id"),
    *("page-number", "total-items", "total-pages", "next-token", "previous-token"),
}


class Operation(NamedTuple):
    """An operation of a provider."""

    provider: str
    path: str
    parameters: list[Any]
    definition: Any

    @property
    def document(self) -> Any:
        """The document that contains it."""
        return DOCUMENTS[self.provider]

    @property
    def id(self) -> str:
        """The `operationId`."""
        return str(self.definition["operationId"])


class Body(NamedTuple):
    """The documented JSON body of a response."""

    operation: Operation
    status: str
    response: Any
    schema: str
    examples: dict[str, Path]


def operations() -> Iterator[Operation]:
    """Yield every operation with the parameters of its path item."""
    for provider, document in DOCUMENTS.items():
        for path, method, item in iter_operations(document):
            listed = [*item.get("parameters", []), *item[method].get("parameters", [])]
            yield Operation(provider, path, [resolve(document, parameter) for parameter in listed], item[method])


def bodies() -> Iterator[Body]:
    """Yield the body of every documented response."""
    for operation in operations():
        for status, listed in operation.definition["responses"].items():
            response = resolve(operation.document, listed)
            content = json_content(response)
            examples = {
                name: SPECS / operation.provider / example["$ref"] for name, example in content["examples"].items()
            }
            yield Body(operation, status, response, content["schema"]["$ref"].rpartition("/")[2], examples)


def subschemas(schema: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield a schema and the schemas inside of it with their places; references are not followed."""
    yield where, schema
    for keyword in ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"):
        if isinstance(schema.get(keyword), dict):
            yield from subschemas(schema[keyword], f"{where}/{keyword}")
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for index, item in enumerate(schema.get(keyword, [])):
            yield from subschemas(item, f"{where}/{keyword}/{index}")
    for keyword in ("properties", "patternProperties", "dependentSchemas", "$defs"):
        for name, item in schema.get(keyword, {}).items():
            yield from subschemas(item, f"{where}/{keyword}/{name}")


def component_schemas() -> Iterator[tuple[str, Any]]:
    """Yield every schema of the components, nested ones included."""
    for provider, document in DOCUMENTS.items():
        for name, schema in document["components"]["schemas"].items():
            yield from subschemas(schema, f"{provider}: {name}")


def validator(provider: str, schema: str) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of a component schema, with format validation."""
    registry = jsonschema_rs.Registry([("urn:spec", DOCUMENTS[provider])], draft=jsonschema_rs.Draft202012)
    reference = {"$ref": f"urn:spec#/components/schemas/{schema}"}
    return jsonschema_rs.Draft202012Validator(reference, registry=registry, validate_formats=True)


def load(path: Path) -> Any:
    """Return the JSON value in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


OPERATIONS = list(operations())
BODIES = list(bodies())
EXAMPLES = [(body, name, path) for body in BODIES for name, path in body.examples.items()]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.parent.name)
def test_document_is_valid_openapi(path: Path) -> None:
    validate(DOCUMENTS[path.parent.name], base_uri=path.as_uri())


@pytest.mark.parametrize(
    ("body", "name", "path"), EXAMPLES, ids=[f"{b.operation.id}-{b.status}-{name}" for b, name, _ in EXAMPLES]
)
def test_example_matches_its_response(body: Body, name: str, path: Path) -> None:
    example = load(path)
    assert path.stem == name
    assert example.keys() == {"summary", "value"}
    validator(body.operation.provider, body.schema).validate(example["value"])


def test_every_example_file_is_referenced() -> None:
    assert {path for _, _, path in EXAMPLES} == set(SPECS.glob("*/examples/*"))


@pytest.mark.parametrize("body", BODIES, ids=lambda body: f"{body.operation.id}-{body.status}")
def test_every_body_has_an_example(body: Body) -> None:
    assert body.examples


@pytest.mark.parametrize("provider", DOCUMENTS)
def test_decimals_are_plain(provider: str) -> None:
    schemas = DOCUMENTS[provider]["components"]["schemas"]
    decimals = [name for name, schema in schemas.items() if schema.get("format") == "decimal"]
    assert decimals
    for name in decimals:
        check = validator(provider, name)
        unsigned = not schemas[name]["pattern"].startswith("^-?")
        also_rejected, also_accepted = ({"-1.5"}, {""}) if unsigned else (set[str](), set[str]())
        accepted = {text for text in [*DECIMALS, *NOT_DECIMALS] if check.is_valid(text)}
        assert accepted == {*DECIMALS, *also_accepted} - also_rejected, name
        assert not check.is_valid(1.5), name


def test_decimals_are_components() -> None:
    written = {where for where, schema in component_schemas() if schema.get("format") == "decimal"}
    assert not [where for where in written if "/" in where]


def test_objects_are_named_components() -> None:
    inline = [
        where
        for where, schema in component_schemas()
        if "/" in where and ("properties" in schema or "object" in schema.get("type", ""))
    ]
    assert not inline


def test_schemas_have_no_title() -> None:
    assert not [where for where, schema in component_schemas() if "title" in schema]


def test_undocumented_fields_are_allowed() -> None:
    assert not [where for where, schema in component_schemas() if schema.get("additionalProperties") is False]


def test_required_fields_are_described() -> None:
    missing = [
        f"{where}: {name}"
        for where, schema in component_schemas()
        for name in schema.get("required", [])
        if name not in schema["properties"]
    ]
    assert not missing


def test_enums_are_open() -> None:
    """An enum is the first branch of a union; the second branch is any other string."""
    closed = {where for where, schema in component_schemas() if "enum" in schema or "const" in schema}
    opened = {
        f"{where}/anyOf/0"
        for where, schema in component_schemas()
        if [*schema.get("anyOf", [])][1:] == [{"type": "string"}] and schema["anyOf"][0].get("type") == "string"
    }
    assert opened
    assert closed == opened


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_statuses_are_documented(operation: Operation) -> None:
    expected = {"200", "401", "403", "429", "5XX"}
    expected |= {"400"} if operation.parameters else set()
    expected |= {"404"} if any(parameter["in"] == "path" for parameter in operation.parameters) else set()
    assert expected <= operation.definition["responses"].keys()


def test_paged_operations_link_to_their_next_page() -> None:
    paged = [op for op in OPERATIONS if any(parameter["name"] == "page_token" for parameter in op.parameters)]
    assert paged
    for operation in paged:
        assert operation.definition["responses"]["200"]["links"]["NextPage"]["operationId"] == operation.id


def test_the_first_example_of_a_listing_is_its_last_page() -> None:
    tokens: dict[str, list[Any]] = {}
    for body in BODIES:
        for link in body.response.get("links", {}).values():
            if link["operationId"] == body.operation.id:
                pointer = link["parameters"]["page_token"].removeprefix("$response.body#")
                tokens[body.operation.id] = [
                    resolve_pointer(load(path)["value"], pointer) for path in body.examples.values()
                ]
    assert tokens
    for name, found in tokens.items():
        assert not found[0], name
        assert any(found[1:]), f"{name}: no example has a next page, so the link is not tested"


def test_links_name_operations_and_parameters() -> None:
    by_id = {(operation.provider, operation.id): operation for operation in OPERATIONS}
    links = [(body, link) for body in BODIES for link in body.response.get("links", {}).values()]
    assert links
    for body, link in links:
        target = by_id[body.operation.provider, link["operationId"]]
        assert link["parameters"].keys() <= {parameter["name"] for parameter in target.parameters}


def test_mock_hints_are_known() -> None:
    hints = [(where, schema["x-mock"]) for where, schema in component_schemas() if "x-mock" in schema]
    assert hints
    for where, hint in hints:
        known = hint in MOCK_HINTS if isinstance(hint, str) else hint.keys() == {"sum", "by"}
        assert known, f"{where}: {hint}"
