"""For tests of code that uses onefolio: Hypothesis strategies of unified models. Needs `onefolio[testing]`.

The pytest fixtures `onefolio_mock` and `onefolio_folio` are there without an import once this is installed.
"""

from ._models import accounts, balances, positions

__all__ = ["accounts", "balances", "positions"]
