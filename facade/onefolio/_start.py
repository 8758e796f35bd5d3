"""Ctrl-C while the command line starts.

`python -m onefolio` and the installed command import this package before a line of the command line runs. This module
is imported first and imports nothing large.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import NoReturn

INTERRUPTED = 130
"""The exit code: 128 and the number of SIGINT, as shells report it."""


def is_command_line() -> bool:
    """Return whether this process was started as the command line, and not by a program that uses the library."""
    if sys.argv[:1] == ["-m"]:  # Python still searches the module; the name of the module precedes the arguments
        return sys.orig_argv[-len(sys.argv)] in {"onefolio", "-monefolio"}
    return os.path.basename(sys.argv[0] if sys.argv else "").partition(".")[0] == "onefolio"


def set_interrupt_handler(handler: signal._HANDLER) -> None:
    """Set the function that Ctrl-C calls, unless a shell has started the process with Ctrl-C ignored."""
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if not is_ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)


def end_process(*_: object) -> NoReturn:
    """End the process at once, where there is nothing to close or to remove.

    An exception would be raised inside of an import or of a finalizer, which may discard or replace it.
    """
    try:
        os.write(2, b"onefolio: interrupted\n")
    finally:
        os._exit(INTERRUPTED)


def _print_exception(kind: type[BaseException], error: BaseException, trace: object) -> None:
    if issubclass(kind, KeyboardInterrupt):
        end_process()
    sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]  # its type is not public


if is_command_line():
    set_interrupt_handler(end_process)
    sys.excepthook = _print_exception
