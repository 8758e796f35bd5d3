"""Insert deliberate faults between the mock and the contract tests: `python -m tests.contract.mutants [--sample N]`.

For each fault, print what detected it: the library's contract (calls and a snapshot of a folio) and the checks of
`onefolio contract`.
"""

from .faults import all_mutants
from .judge import BUDGET, judge
from .server import Mutant, Switch

__all__ = ["BUDGET", "Mutant", "Switch", "all_mutants", "judge"]
