"""The command line, `onefolio`."""

from __future__ import annotations

import sys

from .._start import INTERRUPTED


def main() -> None:
    """Run the command line and exit.

    The exit code is 0 after success, 1 after a provider's failure or a finding, 2 after wrong use or configuration and
    if the output cannot be written, 130 after an interrupt, and 141 if the reader of the output has ended.
    """
    try:
        from .process import run

        code = run()
    except KeyboardInterrupt:
        code = INTERRUPTED
        if sys.stderr is not None:
            print("onefolio: interrupted", file=sys.stderr)
    sys.exit(code)
