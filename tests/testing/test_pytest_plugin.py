"""What users get for their own tests: fixtures, chosen answers, strategies of models."""

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


def test_the_folio_reads_the_running_mock(onefolio_folio: Folio) -> None:
    snapshot = onefolio_folio.snapshot()
    assert snapshot.complete
    assert {account.provider for account in snapshot.accounts} == set(known())


@pytest.mark.onefolio_mock(accounts=12)
def test_the_marker_says_how_much_is_served(onefolio_folio: Folio) -> None:
    counts = {name: len(list(onefolio_folio.accounts(name))) for name in onefolio_folio.connections}
    assert sorted(set(counts.values())) == [1, 12]


def test_an_operation_is_answered_with_a_fault_and_then_as_before(
    onefolio_mock: RunningMock, onefolio_folio: Folio
) -> None:
    name, kind = next(iter(known().items()))
    operation = next(iter(kind.contract.spec["paths"].values()))["get"]["operationId"]
    onefolio_mock.answers.answer(
        operation, status=503, body={"message": "out"}, headers={"X-Request-ID": "r1"}, times=2
    )
    with (
        Folio.from_env(onefolio_mock.environ, retries=0) as impatient,
        pytest.raises(ProviderUnavailableError) as failed,
    ):
        list(impatient.accounts(name))
    assert (failed.value.message, failed.value.request_id) == ("out", "r1")
    assert list(onefolio_folio.accounts(name)), "the second fault is tried again"


class Elsewhere(known()["clear_street"]):  # type: ignore[misc]  # its operations are called as another's are
    provider = "elsewhere"
    title = "Elsewhere"
    base_url_variable = "ELSEWHERE_BASE_URL"


@pytest.mark.parametrize(("chosen", "failed"), [("elsewhere", {"elsewhere"}), (None, {"elsewhere", "clear_street"})])
def test_a_fault_is_of_one_provider_or_of_all_whose_operation_is_called_so(
    chosen: str | None, failed: set[str], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setitem(known(), "elsewhere", Elsewhere)
    onefolio_mock: RunningMock = request.getfixturevalue("onefolio_mock")
    onefolio_mock.answers.answer("getAccounts", status=400, times=1, provider=chosen)
    with Folio.from_env(onefolio_mock.environ) as folio:
        assert {failure.connection for failure in folio.snapshot().failures} == failed
    with pytest.raises(ConfigurationError, match="no operation 'getAccounts' of alpaca; available: "):
        onefolio_mock.answers.answer("getAccounts", provider="alpaca")


def test_an_answer_is_changed_on_its_way(onefolio_mock: RunningMock, onefolio_folio: Folio) -> None:
    for name, kind in known().items():
        operation = kind.from_environ({}, defaults=kind.demo_credentials())
        assert operation is not None
        reading = operation.accounts()

        def change(body: dict[str, object], rows: tuple[str, ...] = reading.rows) -> object:
            row = body
            for step in rows:
                row = row[step][0]  # type: ignore[index]  # a JSON body
            row["brand_new"] = 1
            return body

        onefolio_mock.answers.change(reading.request(None).operation.id, change)
        changed = next(iter(onefolio_folio.accounts(name))).raw
        assert changed is not None
        assert changed["brand_new"] == 1
        onefolio_mock.answers.reset()
        as_before = next(iter(onefolio_folio.accounts(name))).raw
        assert as_before is not None
        assert "brand_new" not in as_before
    assert {report.kind for report in onefolio_folio.drifts} == {"undocumented field"}


def test_an_unknown_operation_is_refused(onefolio_mock: RunningMock) -> None:
    with pytest.raises(ConfigurationError, match="no operation"):
        onefolio_mock.answers.answer("nothing")


@given(account=accounts(), balance=balances(), position=positions())
def test_models_are_drawn(account: Account, balance: Balance, position: Position) -> None:
    assert account.provider in known()
    assert account.raw is not None
    assert balance.short_market_value is None or balance.short_market_value <= 0
    assert position.quantity is None or isinstance(position.quantity, Decimal)


@pytest.mark.parametrize("provider", known())
def test_models_of_one_provider_are_drawn(provider: str) -> None:
    @given(account=accounts(provider))
    def of_one(account: Account) -> None:
        assert account.provider == provider

    of_one()
    if "positions" not in known()[provider].capabilities:
        with pytest.raises(ConfigurationError, match="has positions"):
            positions(provider)


def test_a_foreign_project_has_the_fixtures_without_an_import(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(onefolio_folio):\n    assert list(onefolio_folio.accounts())\n")
    result = pytester.runpytest_subprocess("--strict-markers", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_without_hypothesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith("onefolio.testing")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[testing\]"'):
        importlib.import_module("onefolio.testing")
