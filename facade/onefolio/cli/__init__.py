"""The command line, `onefolio`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit: 0 done, 1 a provider's failure, 2 wrong use or configuration, 130 interrupted."""
    from .._errors import OnefolioError, ProviderError
    from ._app import app
    from ._program import say

    code = 0
    try:
        app(prog_name="onefolio")
    except OnefolioError as error:
        code = 1 if isinstance(error, ProviderError) else 2
        say(str(error))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
