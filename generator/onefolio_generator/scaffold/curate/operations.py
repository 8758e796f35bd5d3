"""Operation objects of a curated spec, with their responses and links."""

from __future__ import annotations

from ...references import encode_pointer
from ..schemas import Schema, is_integer_parameter
from ..select_operations import SelectedOperation, Selection
from ..text import to_one_line, to_sentence
from .errors import response_name
from .parameters import make_parameters


def make_operation(selected: SelectedOperation, examples: list[str], selection: Selection) -> Schema:
    """Return the operation object of a selected operation; `examples` are the names of its examples."""
    node = selected.operation.node
    summary = to_one_line(node.get("summary") or f"List {selected.capability}")
    parameters = list(make_parameters(selected))
    operation: Schema = {
        "operationId": selected.operation.id,
        "tags": [selected.capability.capitalize()],
        "summary": summary,
        "description": to_sentence(node.get("description") or summary),
        "x-mock": {"rows": list(selected.rows.path) if selected.rows.is_list else None},
    }
    if parameters:
        operation["parameters"] = parameters
    statuses = ["401", "403", "429", "5XX"]
    statuses += ["400"] if parameters else []
    statuses += ["404"] if selected.account is not None else []
    operation["responses"] = {
        "200": _make_success(selected, examples, selection),
        **{status: {"$ref": f"#/components/responses/{response_name(status)}"} for status in sorted(statuses)},
    }
    return operation


def _make_success(selected: SelectedOperation, examples: list[str], selection: Selection) -> Schema:
    content = {
        "schema": selected.response,
        "examples": {name: {"$ref": f"examples/{name}.json"} for name in examples},
    }
    success: Schema = {"description": "The response.", "content": {"application/json": content}}
    if links := _make_links(selected, selection):
        success["links"] = links
    return success


def _make_links(selected: SelectedOperation, selection: Selection) -> Schema:
    links: Schema = {}
    paging = selected.paging
    if (
        paging is not None
        and paging.by == "token"
        and paging.next is not None
        and not is_integer_parameter(paging.parameter)
    ):
        links["NextPage"] = _make_link(selected, paging.parameter, list(paging.next))
    if selected.capability == "accounts":
        index = ["0"] if selected.rows.is_list else []
        path = [*selected.rows.path, *index, *selected.id_match.native.path]
        for capability, other in selection.items():
            if capability != "accounts" and other.account is not None:
                links[capability.capitalize()] = _make_link(other, other.account, path)
    return links


def _make_link(target: SelectedOperation, parameter: Schema, path: list[str]) -> Schema:
    expression = f"$response.body#{encode_pointer(path)}"
    return {"operationId": target.operation.id, "parameters": {parameter["name"]: expression}}
