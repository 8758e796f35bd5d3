"""The process of a command: its exit code, its errors, its standard streams and Ctrl-C.

The modules of the commands are imported here, after Ctrl-C and the streams are handled.
"""

from __future__ import annotations

import signal
import warnings
from typing import Any

from .._start import end_process, set_interrupt_handler
from .streams import Streams, is_closed_pipe

_CLOSED_PIPE = 141
"""128 and the number of SIGPIPE, by which other programs end."""


def run() -> int:
    """Run the command line and return its exit code.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed during a command.
    """
    streams = Streams()
    # A program that has redirected the streams calls the command line from inside, and handles Ctrl-C itself.
    if streams.are_ours:
        set_interrupt_handler(end_process)
    from .commands import app
    from .program import print_message

    if streams.are_ours:
        set_interrupt_handler(signal.default_int_handler)
    warnings.showwarning = _print_warning  # type: ignore[assignment]  # only the message is printed
    try:
        code = _exit_code(app, streams)
    finally:
        if streams.are_ours:
            set_interrupt_handler(end_process)
    error = streams.flush()
    if error is None:
        return code
    if is_closed_pipe(error):
        return _CLOSED_PIPE
    print_message(f"cannot write to standard output: {error.strerror}")
    return 2


def _exit_code(app: Any, streams: Streams) -> int:
    """Run a command; return its exit code, after its error was printed."""
    from .._core.errors import OnefolioError, ProviderError
    from .program import Interrupted, print_message

    try:
        app(prog_name="onefolio")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except OnefolioError as error:
        print_message(str(error))
        return 1 if isinstance(error, ProviderError) else 2
    except OSError as error:
        if streams.error is None:
            place = f"{error.filename}: " if error.filename else ""
            print_message(f"{place}{error.strerror or error}")
        return 2
    except Interrupted:
        raise KeyboardInterrupt from None
    return 0


def _print_warning(message: Warning | str, *_: object) -> None:
    """Print a warning without the line of code that raised it."""
    from .program import print_message

    print_message(str(message))
