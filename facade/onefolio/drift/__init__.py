"""Compare two OpenAPI documents from an API consumer's point of view.

`compare` returns a `Comparison`; the command `onefolio drift` does the same. YAML documents and the HTML report need
`pip install "onefolio[drift]"`.
"""

from .._core.errors import ComparisonError
from .comparison import compare
from .report import Change, Comparison, Omission, Place
from .rules import RULES, Level, Rule

__all__ = ["RULES", "Change", "Comparison", "ComparisonError", "Level", "Omission", "Place", "Rule", "compare"]
