"""Two OpenAPI documents compared: what changed for who reads the answers, and how much it can harm them.

`compare` returns a `Comparison`; `onefolio drift` is the same on the command line. YAML and the HTML page need
`pip install "onefolio[drift]"`.
"""

from .._core.errors import ComparisonError
from .comparison import compare
from .report import Change, Comparison
from .rules import RULES, Level, Rule

__all__ = ["RULES", "Change", "Comparison", "ComparisonError", "Level", "Rule", "compare"]
