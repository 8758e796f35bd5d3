"""For tests of code that uses onefolio: Hypothesis strategies of unified models, and the examples of a provider's spec.

Needs `onefolio[testing]`.

The pytest fixtures `onefolio_mock` and `onefolio_folio` are there without an import once this is installed.
"""

from .._core.extras import require_extra

with require_extra("testing", "onefolio.testing"):
    from .examples import Read, read_examples
    from .models import accounts, balances, positions

__all__ = ["Read", "accounts", "balances", "positions", "read_examples"]
