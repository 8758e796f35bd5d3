"""The contract as a test: schemathesis over a provider's spec, against the mock, a server or the provider itself.

`run` starts what is needed and returns a `Report`; `onefolio contract` is the same on the command line. It needs
`pip install "onefolio[contract]"`.
"""

from .report import DriftFound, Finding, Report
from .runner import run

__all__ = ["DriftFound", "Finding", "Report", "run"]
