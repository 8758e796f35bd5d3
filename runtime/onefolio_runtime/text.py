"""Show strings of foreign origin without their control characters."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls of terminals, the line ends of logs, the 8-bit CSI and OSC
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, bidirectional, line ends
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # further invisible characters, such as tags
    "\ud800-\udfff"  # surrogates, which no encoding can write
    "]"
)


def escape_controls(text: str) -> str:
    r"""Return a string in one line, in which nothing controls a terminal or hides or reorders text.

    Control, bidirectional and invisible characters are written as in Python, such as `\x1b` and `\u202e`. All other
    characters are unchanged, backslashes included, so the result is for people and not for programs.
    """
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return ascii(match[0])[1:-1]


def replace_controls(text: str) -> str:
    """Return a string as `escape_controls` does, but with U+FFFD for each of these characters, for aligned columns."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub("\ufffd", text)
