"""The ways in which JSON, URLs, HTML, XML, source code and mail write a character of printable ASCII.

Each character of a key may be written in another way, and several times over: JSON in JSON, a URL in a URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape
from html.entities import html5
from typing import NamedTuple

_PERCENT = r"%(?:25)*"
_SEMICOLON = rf"(?:;|{_PERCENT}3[bB])?"
_ALIASES = {" ": [r"\+"], "'": [r"'(?:\\*(?:'|u0027)){2}"]}
"""Further forms: of a blank in a URL, of an apostrophe in a shell (`'\\''`)."""

_ENOUGH = 8
"""Characters of a key that are searched without the backslashes before them, which is faster."""

_MAX_DOUBLINGS = 16
"""Each level of JSON in JSON doubles the backslashes before the first character of a key."""


@cache
def _entity_names() -> dict[str, list[str]]:
    """Return the names of HTML entities by character."""
    names: dict[str, list[str]] = {}
    for name, character in html5.items():
        if name.endswith(";") and len(character) == 1:
            names.setdefault(character, []).append(name[:-1])
    return names


def _hexadecimal(character: str) -> str:
    """Return the pattern of a character's code in two digits of either case."""
    digits = f"{ord(character):02x}"
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _entity(character: str) -> str:
    """Return the pattern of an HTML entity without its first `&`, which may be one itself (`&amp;#43;`)."""
    code = rf"(?:#|{_PERCENT}23)(?:0*{ord(character)}|[xX]0*{_hexadecimal(character)})"
    return f"(?:amp;|#38;|#x26;)*(?:{'|'.join([code, *_entity_names().get(character, ())])}){_SEMICOLON}"


def _codes(character: str) -> list[str]:
    """Return the patterns of a character's escapes with backslashes, without the backslashes."""
    code = _hexadecimal(character)
    return [rf"u(?:00{code}|\{{{code}\}})", f"x{code}"]


def _escapes(character: str) -> list[str]:
    """Return the patterns of a character's escapes without backslashes."""
    code = _hexadecimal(character)
    return [rf"{_PERCENT}(?:u00)?{code}", f"={code}"]


def _any_of(alternatives: Iterable[str]) -> str:
    """Return the pattern of alternatives.

    Each of them begins with another literal, or differs soon after it, so that a search is quick and takes linear time.
    """
    return f"(?:{'|'.join(alternatives)})"


_AMPERSAND = rf"(?:&|u0026|{_PERCENT}26)"

_CODED_BACKSLASH = _any_of(_codes("\\"))

_BACKSLASH = [r"\\", *_codes("\\"), *_escapes("\\"), _AMPERSAND + _entity("\\")]

_NOISE = _any_of([r"\0", "u0000", *_BACKSLASH]) + "*"
"""Between two characters: the backslashes of their escapes, at any depth of nesting, and the NULs of UTF-16."""


def _first(character: str) -> str:
    """Return the pattern of a key's first character."""
    codes, entity = _any_of(_codes(character)), _entity(character)
    backslashes = [rf"\\{_CODED_BACKSLASH}?", *_escapes("\\"), "&" + _entity("\\")]
    entities = [ampersand + entity for ampersand in ("&", r"\\u0026", f"{_PERCENT}26")]
    coded = [backslash + codes for backslash in backslashes]
    return _any_of([re.escape(character), *coded, *_escapes(character), *entities, *_ALIASES.get(character, ())])


def _next(character: str) -> str:
    """Return the pattern of a further character, after its backslashes."""
    escapes = [*_codes(character), *_escapes(character), _AMPERSAND + _entity(character)]
    return _NOISE + _any_of([re.escape(character), *escapes, *_ALIASES.get(character, ())])


def key_pattern(key: str) -> str:
    """Return the pattern of a key, each character of which may be encoded in any way.

    Args:
        key: printable ASCII.
    """
    if len(stripped := key.lstrip("\\")) >= _ENOUGH:
        key = stripped
    pattern = ""
    for backslashes, character in re.findall(r"(\\*)([^\\]?)", key):
        # An exact number, because two unlimited repetitions of one character would take quadratic time.
        count = len(backslashes)
        if pattern or not count:
            pattern += rf"(?:\0*{_any_of(_BACKSLASH)}){{{count}}}" if count else ""
        else:
            pattern = rf"(?:\0?{_any_of(_BACKSLASH)}){{{count},{_MAX_DOUBLINGS * count}}}"
        if character:
            pattern += _next(character) if pattern else _first(character)
    return pattern + (_any_of(_BACKSLASH) + "*" if key.endswith("\\") else "")


_RESOLVABLE = r"(?:25|23|3[0-9bBdD]|[46][1-9a-fA-F]|[57][0-9aA]|7[bBdD])"
"""Codes of the characters of which encodings consist, such as letters, digits and `%`. Encoders rarely use them."""

_ENTITY_START = r"(?:#|%|amp|[a-zA-Z]+[;%])"


def escape_patterns(keys: str) -> dict[str, str]:
    """Return patterns by the character that each begins with; one occurs wherever a key is encoded, except in UTF-16.

    Args:
        keys: the keys, one after another.
    """
    codes = "|".join(map(_hexadecimal, sorted({*keys, "\\"})))
    punctuation = re.escape("".join(sorted(each for each in {*keys} if not each.isalnum())))
    raw = f"[{punctuation}]|" if punctuation else ""
    found = {
        "\\": rf"\\(?:{raw}u00(?:00|{codes}|{_RESOLVABLE})|u0026{_ENTITY_START}|u\{{|x[2-7])",
        "%": rf"{_PERCENT}(?:(?:u00)?(?:{codes})|26)",
        "=": f"=(?:{codes})",
        "&": f"&{_ENTITY_START}",
    }
    return found | ({"+": r"\+"} if " " in keys else {})


_CODE_OF_ENCODING = re.compile(rf"\\u00({_RESOLVABLE})")


def resolve_codes(text: str) -> str:
    r"""Return JSON with the same value, in which no character of an encoding is written as `\u0041`.

    An encoding may itself be written so: `\u0025\u0032B` is `%2B`, which is `+`.
    """

    def resolve(match: re.Match[str]) -> str:
        start = place = match.start()
        while place and text[place - 1] == "\\":
            place -= 1
        # After an odd number of backslashes, this one is itself escaped.
        return match[0] if (start - place) % 2 else chr(int(match[1], 16))

    return _CODE_OF_ENCODING.sub(resolve, text)


class Character(NamedTuple):
    """A character and its place in a string, escapes and preceding backslashes included."""

    value: str
    start: int
    end: int


_CODE = r"([2-7][0-9a-fA-F])"

_READ = re.compile(
    rf"[\\\0]*(?:(?<=\\)(?:u(?:00{_CODE}|\{{{_CODE}\}})|x{_CODE})|{_PERCENT}(?:u00)?{_CODE}|={_CODE}"
    r"|(?P<entity>&(?:amp;|#38;|#x26;)*(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});?)|(?P<raw>.)|\Z)",
    re.DOTALL,
)


def read_characters(text: str) -> Iterator[Character]:
    """Yield the characters of a string with their encodings resolved, without backslashes and NULs."""
    for match in _READ.finditer(text):
        if match["raw"]:
            yield Character(match["raw"], *match.span())
        elif match["entity"]:
            for value in unescape(unescape(match["entity"])):
                yield Character(value, *match.span())
        elif match.lastindex:
            yield Character(chr(int(match[match.lastindex], 16)), *match.span())
