"""Judge every fault, or a sample; print each outcome and the totals."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import time

from onefolio.mock import app, running

from .faults import all_mutants
from .judge import Outcome, judge
from .server import Switch


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Judge every fault, or a sample; print each outcome and the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="number of faults to judge, selected at random")
    parser.add_argument("--only", default="", help="judge the faults whose name contains this string")
    options = parser.parse_args(arguments)
    mutants = [each for each in all_mutants() if options.only in str(each)]
    if options.sample:
        mutants = random.Random(1).sample(mutants, min(options.sample, len(mutants)))
    started, outcomes = time.monotonic(), []
    switch = Switch(app(accounts=25, positions=7))
    with running(switch) as urls:
        for mutant in mutants:
            outcome = judge(switch, urls, mutant)
            outcomes.append(outcome)
            _print(_line(outcome))
    return _summary(outcomes, time.monotonic() - started)


def _line(outcome: Outcome) -> str:
    label = "breaking" if outcome.mutant.is_breaking else "additive"
    contract = outcome.contract or (f"{outcome.drifts} drifts" if outcome.drifts else "-")
    return f"{label:9}{outcome.mutant.kind:9}{outcome.mutant!s:76} library: {outcome.run_time or '-':36} {contract}"


def _summary(outcomes: list[Outcome], seconds: float) -> int:
    breaking = [each for each in outcomes if each.mutant.is_breaking]
    additive = [each for each in outcomes if not each.mutant.is_breaking]
    detected = [each for each in breaking if each.contract]
    responses = [each for each in breaking if each.mutant.kind == "response"]
    noticed = [each for each in responses if each.is_noticed]
    quiet = [each for each in additive if not each.contract and each.drifts]
    _print(f"\n{len(outcomes)} mutants in {seconds:.0f} s")
    _print(f"contract tests: {len(detected)} of {len(breaking)} breaking faults detected")
    _print(
        f"library: {len(noticed)} of {len(responses)} changed responses rejected, or reported if no model reads them"
    )
    _print(f"additive: {len(quiet)} of {len(additive)} reported as drift alone")
    for each in breaking:
        if not each.contract:
            _print(f"not detected by the contract tests: {each.mutant}")
    for each in responses:
        if each not in noticed:
            _print(f"not noticed by the library: {each.mutant}")
    for each in additive:
        if each not in quiet:
            _print(f"not drift alone: {each.mutant}: {each.contract or 'nothing reported'}")
    good = len(detected) >= 0.95 * len(breaking) and len(noticed) == len(responses) and len(quiet) == len(additive)
    return 0 if good else 1


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
