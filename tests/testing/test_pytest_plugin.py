"""Test support for users: fixtures, chosen responses and strategies of models."""

import importlib
import sys
from decimal import Decimal

import pytest
from hypothesis import given

from onefolio import Account, Balance, ConfigurationError, Folio, Position, ProviderUnavailableError
from onefolio.providers.registry import known
from onefolio.pytest_plugin import RunningMock
from onefolio.testing import accounts, balances, positions

pytest_plugins = ["pytester"]


def test_the_folio_is_connected_to_the_mock(onefolio_folio: Folio) -> None:
    snapshot = onefolio_folio.snapshot()
    assert snapshot.complete
    assert {account.provider for account in snapshot.accounts} == set(known())


@pytest.mark.onefolio_mock(accounts=12)
def test_the_marker_sets_the_amount_of_data(onefolio_folio: Folio) -> None:
    counts = {name: len(list(onefolio_folio.accounts(name))) for name in onefolio_folio.connections}
    assert sorted(set(counts.values())) == [1, 12]


def test_a_fault_is_returned_a_limited_number_of_times(onefolio_mock: RunningMock, onefolio_folio: Folio) -> None:
    name, kind = next(iter(known().items()))
    operation = next(iter(kind.contract.spec["paths"].values()))["get"]["operationId"]
    onefolio_mock.answers.answer(
        operation, status=503, body={"message": "out"}, headers={"X-Request-ID": "r1"}, times=2
    )
    with (
        Folio.from_env(onefolio_mock.environ, retries=0) as folio,
        pytest.raises(ProviderUnavailableError) as raised,
    ):
        list(folio.accounts(name))
    assert (raised.value.message, raised.value.request_id) == ("out", "r1")
    assert list(onefolio_folio.accounts(name)), "the second fault is retried"


class Elsewhere(known()["clear_street"]):  # type: ignore[misc]  # its operations have the same ids
    provider = "elsewhere"
    title = "Elsewhere"
    base_url_variable = "ELSEWHERE_BASE_URL"


@pytest.mark.parametrize(("chosen", "failed"), [("elsewhere", {"elsewhere"}), (None, {"elsewhere", "clear_street"})])
def test_a_fault_is_for_one_provider_or_for_all_that_have_the_operation(
    chosen: str | None, failed: set[str], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setitem(known(), "elsewhere", Elsewhere)
    onefolio_mock: RunningMock = request.getfixturevalue("onefolio_mock")
    onefolio_mock.answers.answer("getAccounts", status=400, times=1, provider=chosen)
    with Folio.from_env(onefolio_mock.environ) as folio:
        assert {failure.connection for failure in folio.snapshot().failures} == failed
    with pytest.raises(ConfigurationError, match="no operation 'getAccounts' of alpaca; available: "):
        onefolio_mock.answers.answer("getAccounts", provider="alpaca")


def test_a_body_is_changed(onefolio_mock: RunningMock, onefolio_folio: Folio) -> None:
    for name, kind in known().items():
        connection = kind.from_environ({}, defaults=kind.demo_credentials())
        assert connection is not None
        resource = connection.accounts()

        def change(body: dict[str, object], rows: tuple[str, ...] = resource.rows_path) -> object:
            row = body
            for step in rows:
                row = row[step][0]  # type: ignore[index]  # a JSON body
            row["brand_new"] = 1
            return body

        onefolio_mock.answers.change(resource.request(None).operation.id, change)
        changed = next(iter(onefolio_folio.accounts(name))).raw
        assert changed is not None
        assert changed["brand_new"] == 1
        onefolio_mock.answers.reset()
        as_before = next(iter(onefolio_folio.accounts(name))).raw
        assert as_before is not None
        assert "brand_new" not in as_before
    assert {report.kind for report in onefolio_folio.drifts} == {"undocumented field"}


def test_an_unknown_operation_raises_an_error(onefolio_mock: RunningMock) -> None:
    with pytest.raises(ConfigurationError, match="no operation"):
        onefolio_mock.answers.answer("nothing")


@given(account=accounts(), balance=balances(), position=positions())
def test_strategies_draw_models(account: Account, balance: Balance, position: Position) -> None:
    assert account.provider in known()
    assert account.raw is not None
    assert balance.short_market_value is None or balance.short_market_value <= 0
    assert position.quantity is None or isinstance(position.quantity, Decimal)


@pytest.mark.parametrize("provider", known())
def test_strategies_draw_models_of_one_provider(provider: str) -> None:
    @given(account=accounts(provider))
    def check(account: Account) -> None:
        assert account.provider == provider

    check()
    if "positions" not in known()[provider].capabilities:
        with pytest.raises(ConfigurationError, match="has positions"):
            positions(provider)


def test_another_project_can_use_the_fixtures_without_an_import(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(onefolio_folio):\n    assert list(onefolio_folio.accounts())\n")
    result = pytester.runpytest_subprocess("--strict-markers", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith("onefolio.testing")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[testing\]"'):
        importlib.import_module("onefolio.testing")
