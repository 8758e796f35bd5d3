"""News are the changes since the accepted document: all of them, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from onefolio.drift import Level
from tests.drift.news.documents import Json, accept, news_of, published, rows, schema

OTHER = "/v1/accounts/{account_id}/orders"


def test_six_changes_are_six_news_and_an_unchanged_document_has_none(tmp_path: Path) -> None:
    old = published("clear_street")
    limit: Json = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    old["paths"][OTHER] = {"get": {"responses": {"200": {"description": "Orders"}}}}
    specs = accept("clear_street", old, tmp_path)
    unchanged = news_of("clear_street", old, tmp_path, specs)
    assert not unchanged
    assert unchanged.to_text() == ""

    new = json.loads(json.dumps(old))
    balances, position = schema(new, "AccountBalances"), schema(new, "Position")
    del balances["properties"]["equity"]
    balances["required"].remove("equity")
    position["properties"]["lots"] = {"type": "integer"}
    position["properties"]["symbol"]["type"] = ["string", "null"]
    position["properties"]["quantity"]["description"] = "The quantity in lots."
    new["paths"]["/v1/accounts"]["get"]["parameters"].append({**limit, "required": True})
    new["paths"][OTHER]["get"]["parameters"] = [limit]
    news = news_of("clear_street", new, tmp_path, specs)
    assert rows(news) == {
        ("to do", "property-removed", "response 200 /data/equity"),
        ("to do", "property-added", "response 200 /data/*/lots"),
        ("to do", "became-nullable", "response 200 /data/*/symbol"),
        ("to do", "documentation-changed", "response 200 /data/*/quantity"),
        ("to do", "required-parameter-added", "query parameter limit"),
    }
    assert [(each.operation, each.kind, each.parts) for each in news.others] == [
        (f"GET {OTHER}", "changed", ("query limit",))
    ]
    text = news.to_text()
    assert text.index("/data/equity") < text.index(OTHER)
    assert "now: The quantity in lots." in text
    assert news.worst() is Level.BREAKING


@pytest.mark.parametrize(
    ("component", "name", "changed", "expected"),
    [
        # The curated spec of Alpaca documents this field, and allows null and further statuses.
        ("Account", "effective_buying_power", {"type": "string"}, ("covered", "property-added")),
        ("Account", "account_number", {"type": "string", "nullable": True}, ("covered", "became-nullable")),
        ("Account", "cash", {"type": "string", "deprecated": True}, ("to do", "deprecated")),
        ("Account", "portfolio_value", {"type": "string", "deprecated": True}, ("covered", "deprecated")),
        ("Account", "unheard_of", {"type": "string"}, ("to do", "property-added")),
        ("Account", "multiplier", {"type": "number"}, ("covered", "type-changed")),
        ("Account", "equity", {"type": "number"}, ("to do", "type-changed")),
        ("Account", "currency", {"type": "string", "maxLength": 3}, ("covered", "constraint-tightened")),
        ("Position", "qty", {"type": "string"}, ("covered", "constraint-relaxed")),
        ("Position", "symbol", {"type": "string", "nullable": True}, ("to do", "became-nullable")),
        ("Position", "side", {"type": "string", "enum": ["long", "short", "flat"]}, ("to do", "enum-value-added")),
    ],
)
def test_a_change_is_covered_if_the_curated_spec_allows_or_documents_it(
    component: str, name: str, changed: Json, expected: tuple[str, str], tmp_path: Path
) -> None:
    new = published("alpaca")
    properties = schema(new, component)["properties"]
    properties[name] = {**changed, "description": properties.get(name, {}).get("description", "")}
    assert {(status, rule) for status, rule, _ in rows(news_of("alpaca", new, tmp_path))} == {expected}


def test_a_value_that_the_curated_spec_calls_deprecated_may_be_removed(tmp_path: Path) -> None:
    new = published("clear_street")
    for name in ("daily_total_pnl", "daily_pnl"):
        del schema(new, "AccountBalances")["properties"][name]
        schema(new, "AccountBalances")["required"].remove(name)
    assert rows(news_of("clear_street", new, tmp_path)) == {
        ("covered", "property-removed", "response 200 /data/daily_total_pnl"),
        ("to do", "property-removed", "response 200 /data/daily_pnl"),
    }


def test_one_change_at_two_places_is_one_item_with_the_places_to_do(tmp_path: Path) -> None:
    new = published("alpaca")
    schema(new, "AccountStatus")["enum"].append("FROZEN")
    (item,) = news_of("alpaca", new, tmp_path).items
    assert {place.place for place in item.change.places} == {"response 200 /status", "response 200 /crypto_status"}
    assert item.to_do == item.change.places


def test_a_departure_that_the_provider_settles_is_news(tmp_path: Path) -> None:
    new = published("alpaca")
    schema(new, "Account")["properties"]["multiplier"]["nullable"] = True
    schema(new, "Account")["properties"]["crypto_tier"] = {"type": "integer", "nullable": True}
    for name in ("usd", "asset_marginable"):  # their departures are gone, but not settled
        del schema(new, "Position")["properties"][name]
    found = {place: each.titles for each in news_of("alpaca", new, tmp_path).settled for place in each.places}
    assert found == {
        "GET /v2/account, response 200 /multiplier": ("null allowed",),
        "GET /v2/account, response 200 /crypto_tier": ("property added",),
    }


def test_a_departure_is_not_settled_by_the_removal_of_its_field(tmp_path: Path) -> None:
    old, new = published("alpaca"), published("alpaca")
    schema(old, "Account")["properties"]["daytrade_count"] = {"type": "integer"}
    news = news_of("alpaca", new, tmp_path, accept("alpaca", old, tmp_path))
    assert rows(news) == {("covered", "property-removed", "response 200 /daytrade_count")}
    assert news.settled == ()


def test_an_older_document_is_named_with_the_reason(tmp_path: Path) -> None:
    first, second = published("conduit"), published("conduit")
    second["info"]["version"] = "2025-06-01"
    schema(second, "AssetAmount")["properties"]["memo"] = {"type": "string"}
    accept("conduit", first, tmp_path)
    specs = accept("conduit", second, tmp_path)
    assert "accepted before" in news_of("conduit", first, tmp_path, specs).older
    first["info"]["version"] = "2024-11-30"
    assert "its version is 2024-11-30" in news_of("conduit", first, tmp_path, specs).older
    second["info"]["version"] = "2025-10-01"
    assert news_of("conduit", second, tmp_path, specs).older == ""
    second["info"]["version"] = "2.0"
    assert news_of("conduit", second, tmp_path, specs).older == "", "a number is not earlier than a date"


def test_a_part_that_cannot_be_compared_is_news_until_it_is_accepted(tmp_path: Path) -> None:
    new = published("alpaca")
    schema(new, "Account")["properties"]["cash"] = {"type": 5}
    schema(new, "Position")["properties"]["lots"] = {"type": "integer"}
    news = news_of("alpaca", new, tmp_path)
    assert "GET /v2/account" in news.to_text().partition("Not compared:")[2]
    assert "Not compared" in news.to_html()
    assert news.settled == ()
    assert not news_of("alpaca", new, tmp_path, accept("alpaca", new, tmp_path))


def test_json_and_html_list_what_the_text_groups(tmp_path: Path) -> None:
    new = published("alpaca")
    for name, field in schema(new, "USDPositionValues")["properties"].items():
        field["type"] = "number" if name != "qty" else "string"
    news = news_of("alpaca", new, tmp_path)
    found = json.loads(news.to_json())
    places = {place["place"] for item in found["items"] for place in item["places"]}
    assert len(places) == 10
    page = news.to_html()
    assert all(place in page for place in places)
    assert found["has_news"] is True


def test_a_read_operation_that_the_accepted_document_lacks_is_news_once_it_is_published(tmp_path: Path) -> None:
    old, new = published("alpaca"), published("alpaca")
    del old["paths"]["/v2/positions"]
    specs = accept("alpaca", old, tmp_path)
    news = news_of("alpaca", new, tmp_path, specs)
    assert not news.items
    assert "added    GET /v2/positions, which onefolio reads" in news.to_text()


def test_a_document_of_another_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"none of the operations that onefolio reads: GET /v2/account") as caught:
        news_of("alpaca", published("conduit"), tmp_path)
    assert "\n" not in str(caught.value)
