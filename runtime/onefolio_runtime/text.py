"""Show strings of foreign origin without their control characters."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import category

_UNSAFE = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Unicode's categories of controls, of invisible and bidirectional characters, of surrogates, and of line ends."""


def escape_controls(text: str) -> str:
    r"""Return a string in one line, in which nothing controls a terminal or hides or reorders text.

    Control, bidirectional and invisible characters are written as in Python, such as `\x1b` and `\u202e`. All other
    characters are unchanged, backslashes included, so the result is for people and not for programs.
    """
    return _convert(text, lambda character: ascii(character)[1:-1])


def replace_controls(text: str) -> str:
    """Return a string as `escape_controls` does, but with U+FFFD for each of these characters, for aligned columns."""
    return _convert(text, lambda _: "\ufffd")


def _convert(text: str, convert: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(convert(each) if category(each) in _UNSAFE else each for each in text)
