"""The command line, `onefolio`."""

from __future__ import annotations

import sys
import warnings


def main() -> None:
    """Run the command line and exit.

    The exit code is 0 after success, 1 after a provider's failure or a finding, 2 after wrong use or configuration,
    and 130 after an interrupt.
    """
    from .._core.errors import OnefolioError, ProviderError
    from .commands import app
    from .program import print_message

    code = 0
    warnings.showwarning = _print_warning  # type: ignore[assignment]  # only the message is printed
    try:
        app(prog_name="onefolio")
    except OnefolioError as error:
        code = 1 if isinstance(error, ProviderError) else 2
        print_message(str(error))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _print_warning(message: Warning | str, *_: object) -> None:
    """Print a warning without the line of code that raised it."""
    from .program import print_message

    print_message(str(message))
