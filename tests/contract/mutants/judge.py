"""Find out which checks detect a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from attrs import evolve

from onefolio import ConfigurationError, Folio, ProviderError
from onefolio.contract.profiles import Profile
from onefolio.contract.runner import execute
from onefolio.providers.registry import known

from .server import Mutant, Switch

BUDGET = Profile("mutant", examples=1, phases=("coverage",), followed=3, pages=30)
"""The walk and "coverage" find every fault; the other phases find none that these do not."""

_WALK = evolve(BUDGET, phases=("examples",))
"""For faults that the walk finds by itself, which are all but those of the input. "examples" repeats its requests."""


class Outcome(NamedTuple):
    mutant: Mutant
    run_time: str
    """The error or drift that the library reported; empty if it reported nothing."""
    contract: str
    """The checks that failed, or the reason why the tests could not be run; empty if they passed."""
    drifts: int

    @property
    def is_noticed(self) -> bool:
        """Whether the library rejected a changed response, or reported it if no unified model reads the change."""
        return self.run_time not in (("", "drift") if self.mutant.is_read else ("",))


def judge(switch: Switch, urls: Mapping[str, str], mutant: Mutant) -> Outcome:
    """Run the library and the contract tests against a fault and return which of them detect it."""
    kind = known()[mutant.provider]
    options: dict[str, Any] = {**kind.demo_credentials(), "base_url": urls[mutant.provider]}
    connection = kind(**options)
    switch.mutant, switch.has_changed = mutant, False
    try:
        run_time = _run_time(connection, mutant)
        try:
            profile = BUDGET if mutant.kind in ("input", "additive") else _WALK
            report = execute(connection, profile, seed=1, timeout=5.0)
        except ConfigurationError as error:
            return Outcome(mutant, run_time, f"could not run: {error}", 0)
    finally:
        switch.mutant = None
    if not switch.has_changed:
        raise AssertionError(f"{mutant} changed nothing")
    checks = ", ".join(sorted({each.check for each in report.findings}))
    return Outcome(mutant, run_time, checks, len(report.drifts))


def _run_time(connection: Any, mutant: Mutant) -> str:
    drifts: list[Any] = []
    connection.rate_limit = None  # the mock has none
    with Folio(connection, retries=0, on_drift=drifts.append) as folio:
        try:
            accounts = []
            for account in folio.accounts():
                accounts.append(account)
                if len(accounts) == 3:
                    break
            for account in accounts:
                list(folio.balances(account))
                if "positions" in connection.capabilities:
                    list(folio.positions(account))
        except ProviderError as error:
            return f"{type(error).__name__}"
        snapshot = folio.snapshot()
        if snapshot.failures:
            return f"{type(snapshot.failures[0].error).__name__} in the snapshot"
    return "drift" if drifts else ""
