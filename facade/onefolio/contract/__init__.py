"""Contract tests: run schemathesis and further checks against the mock, a server or the provider itself.

`run` starts the mock if necessary and returns a `Report`; `onefolio contract` prints it. Install the package with
`pip install "onefolio[contract]"`.
"""

from .report import DriftFound, Finding, Report
from .runner import run

__all__ = ["DriftFound", "Finding", "Report", "run"]
