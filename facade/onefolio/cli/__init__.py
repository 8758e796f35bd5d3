"""The command line, `onefolio`."""

from __future__ import annotations

import sys
import warnings


def main() -> None:
    """Run the command line and exit: 0 done, 1 a provider's failure, 2 wrong use or configuration, 130 interrupted."""
    from .._core.errors import OnefolioError, ProviderError
    from .commands import app
    from .program import print_message

    code = 0
    warnings.showwarning = _print_warning  # type: ignore[assignment]  # it needs no more than the message
    try:
        app(prog_name="onefolio")
    except OnefolioError as error:
        code = 1 if isinstance(error, ProviderError) else 2
        print_message(str(error))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _print_warning(message: Warning | str, *_: object) -> None:
    """Print a warning as a person reads it, without the line of code that it came from."""
    print(f"onefolio: {message}", file=sys.stderr)
