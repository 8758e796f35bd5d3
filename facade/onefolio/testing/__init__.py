"""Test support: Hypothesis strategies of unified models, and the parsed examples of a provider's spec.

Install it with `pip install "onefolio[testing]"`. The pytest fixtures `onefolio_mock` and `onefolio_folio` need no
import.
"""

from .._core.extras import require_extra

with require_extra("testing", "onefolio.testing"):
    from .examples import Read, read_examples
    from .models import accounts, balances, positions

__all__ = ["Read", "accounts", "balances", "positions", "read_examples"]
