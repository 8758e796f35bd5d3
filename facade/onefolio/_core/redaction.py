"""Remove keys from strings of foreign origin. A server may repeat a request, including its keys, in a response."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from onefolio_runtime import SMALL, Sliced

MASK = "…"

_NUL = b"\0"
"""Occurs between the characters of UTF-16 and UTF-32."""

_MARKERS = (b"\\", b"%", b"&", b"=", b"+", _NUL)
"""Every encoding contains one of these."""

_MIN_LENGTH = 8
"""Length from which a secret is masked. A shorter string also occurs in text that is not a secret."""

_PART_LENGTH = 13
"""Length from which a part of a secret is masked in text that is shown."""

_SEPARATOR = "\x1e"
"""Occurs in no secret."""

_PIECE = 2**16
"""Bytes of a body in which secrets are replaced at once."""

_LONGEST_ENCODING = 64
"""Bytes of an encoded character up to which slices are not cut inside of it."""

_MAX_DECODED = 2**16
"""Characters of a text in which parts are found in their encodings as well."""


class Redactor:
    """Replaces secrets in text and bytes, in whatever way JSON, URLs or HTML encode them.

    Args:
        secrets: the secrets, or for each secret its replacement; `MASK` by default.
        shortest: length from which a secret is replaced.
    """

    __slots__ = ("_keys",)

    def __init__(self, secrets: Iterable[str] | Mapping[str, str], *, shortest: int = _MIN_LENGTH) -> None:
        replacements = secrets if isinstance(secrets, Mapping) else dict.fromkeys(secrets, MASK)
        # Replace the longest first, because one secret may be a prefix of another.
        ordered = sorted((each for each in replacements if len(each) >= shortest), key=len, reverse=True)
        keys = _Keys([_Key(secret, replacements[secret]) for secret in ordered])
        # In a closure, because tools that walk over fields would show a field.
        self._keys: Callable[[], _Keys] = lambda: keys

    def text(self, text: str) -> str:
        """Return a string that is shown, with every secret masked, and every part of more than 12 characters."""
        keys = self._keys()
        may_be_encoded = keys.may_be_encoded(text.encode("utf-8", "surrogatepass"))
        return keys.mask_parts(keys.mask(text, may_be_encoded=may_be_encoded), may_be_encoded=may_be_encoded)

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Return `text` of each of many strings; ten times as fast, because they are searched together."""
        masked = self.text(_SEPARATOR.join(texts)).split(_SEPARATOR)
        # A string of foreign origin may contain the separator.
        return masked if len(masked) == len(texts) else [self.text(each) for each in texts]

    def content(self, content: bytes) -> bytes:
        """Return bytes, such as a response body, with every secret masked.

        JSON stays valid. A number that contains a secret becomes invalid, not another number.
        """
        keys = self._keys()
        may_be_encoded = keys.may_be_encoded(content)
        if not may_be_encoded and not any(key.raw in content for key in keys.all):
            return content
        # A pattern of strings serves both, and Latin-1 has a character for each byte.
        text = keys.mask(content.decode("latin-1"), may_be_encoded=may_be_encoded, in_bytes=True)
        return text.encode("latin-1")

    def content_in_slices(self, content: bytes) -> Sliced[bytes]:
        """Return the same as `content`, in slices: a body of many megabytes may consist of escapes."""
        if len(content) <= SMALL or not _has_marker(content):
            return self.content(content)
        pieces = []
        start = 0
        while start < len(content):
            yield
            end = self._cut(content, start, start + _PIECE)
            pieces.append(self.content(content[start:end]))
            start = end
        return b"".join(pieces)

    def _cut(self, content: bytes, start: int, wanted: int) -> int:
        """Return the place of a cut that divides no secret, near the wanted place, or the end of the body."""
        if wanted >= len(content):
            return len(content)
        keys = self._keys()
        first, last = max(start, wanted - keys.longest_form), wanted + keys.longest_form
        around = content[first:last]
        redacted = self.content(around)

        def divides_nothing(end: int) -> bool:
            return self.content(content[first:end]) + self.content(content[end:last]) == redacted and end > start

        if divides_nothing(wanted):
            return wanted
        # Where secret follows secret, a cut behind one of them divides none.
        ends = sorted((first + each for each in keys.ends(around)), key=lambda each: abs(each - wanted))
        return next(filter(divides_nothing, ends), len(content))

    def shown_content(self, content: bytes) -> bytes:
        """Return bytes that are shown, such as those of a report, masked as by `text`."""
        keys = self._keys()
        text = self.content(content).decode("utf-8", "surrogateescape")
        shown = keys.mask_parts(text, may_be_encoded=keys.may_be_encoded(content))
        return shown.encode("utf-8", "surrogateescape")


def _has_marker(content: bytes) -> bool:
    """Return False if a body contains no encoded character at all."""
    return any(marker in content for marker in _MARKERS)


class _Key:
    """One secret. Its pattern is compiled when a text may contain it."""

    def __init__(self, secret: str, replacement: str) -> None:
        self.secret = secret
        self.raw = secret.encode()
        self.replacement = replacement
        self.replacement_in_bytes = replacement.encode().decode("latin-1")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        # Most bodies contain no marker, so that a program may never need the patterns.
        from .encodings import key_pattern

        return re.compile(key_pattern(self.secret) if self.secret.isascii() else re.escape(self.secret))

    def mask(self, text: str, *, in_bytes: bool) -> str:
        """Replace the secret so that no backslash before or after it is left without its escape."""
        replacement = self.replacement_in_bytes if in_bytes else self.replacement
        return _replace(text, _spans(text, self.pattern), replacement)

    @cached_property
    def without_backslashes(self) -> str:
        return self.secret.replace("\\", "")

    @cached_property
    def smallest_part(self) -> int:
        """The number of characters other than backslashes that a part of 13 characters has at least."""
        starts = range(max(1, len(self.secret) - _PART_LENGTH + 1))
        return min(len(self.secret[start : start + _PART_LENGTH].replace("\\", "")) for start in starts)

    @cached_property
    def samples(self) -> list[tuple[int, str]]:
        """Strings of which each part contains one, with their places in the secret."""
        size = (self.smallest_part + 1) // 2
        text = self.without_backslashes
        return [(at, text[at : at + size]) for at in range(0, len(text) - size + 1, size)] if size > 2 else []


class _Keys:
    """All secrets of a redactor."""

    def __init__(self, keys: list[_Key]) -> None:
        self.all = keys

    @cached_property
    def longest_form(self) -> int:
        """The maximum length of an encoded secret in bytes."""
        return _LONGEST_ENCODING * max((len(each.secret) for each in self.all), default=1)

    def ends(self, content: bytes) -> list[int]:
        """Return the places behind all secrets in a body."""
        text = content.decode("latin-1")
        return [end for key in self.all for _, end in _spans(text, key.pattern)]

    @cached_property
    def _escapes(self) -> list[tuple[bytes, re.Pattern[bytes]]]:
        from .encodings import escape_patterns

        patterns = escape_patterns("".join(each.secret for each in self.all))
        return [(marker.encode(), re.compile(pattern.encode())) for marker, pattern in patterns.items()]

    def may_be_encoded(self, content: bytes) -> bool:
        """Return False if no character of a secret is encoded in a body; this is the usual case, and found quickly."""
        if not _has_marker(content):
            return False
        return _NUL in content or any(marker in content and escape.search(content) for marker, escape in self._escapes)

    def mask(self, text: str, *, may_be_encoded: bool, in_bytes: bool = False) -> str:
        """Mask whole secrets.

        Args:
            text: a string, or bytes as Latin-1.
            may_be_encoded: whether `may_be_encoded` is true for it.
            in_bytes: whether the text consists of bytes.
        """
        for key in self.all:
            if may_be_encoded or key.secret in text:
                text = key.mask(text, in_bytes=in_bytes)
        if may_be_encoded and "\\u00" in text:
            from .encodings import resolve_codes

            # An encoding may itself be written as codes. The text is kept unless it contains one.
            resolved = resolve_codes(text)
            for key in self.all if resolved != text else ():
                if key.pattern.search(resolved):
                    text = resolved = key.mask(resolved, in_bytes=in_bytes)
        return text

    def mask_parts(self, text: str, *, may_be_encoded: bool) -> str:
        """Mask the parts of secrets."""
        if may_be_encoded and len(text) <= _MAX_DECODED:
            from .encodings import read_characters

            characters = list(read_characters(text))
            found = self._parts("".join(each.value for each in characters))
            text = _replace(text, ((characters[start].start, characters[end - 1].end) for start, end in found), MASK)
        return _replace(text, self._parts(text), MASK)

    def _parts(self, text: str) -> list[tuple[int, int]]:
        """Return the places of all parts of secrets in a text without backslashes, in order."""
        found = []
        for key in self.all:
            for at, sample in key.samples:
                place = text.find(sample)
                while place >= 0:
                    start, end = _extend(text, place, key.without_backslashes, at, len(sample))
                    if end - start >= key.smallest_part:
                        found.append((start, end))
                    place = text.find(sample, max(place + 1, end - len(sample) + 1))
        return sorted(found)


def _extend(text: str, place: int, secret: str, at: int, size: int) -> tuple[int, int]:
    """Return the place of the longest part of a secret around a common string of a text and the secret."""
    start, end = place, place + size
    back, ahead = at, at + size
    while start and back and text[start - 1] == secret[back - 1]:
        start, back = start - 1, back - 1
    while end < len(text) and ahead < len(secret) and text[end] == secret[ahead]:
        end, ahead = end + 1, ahead + 1
    return start, end


def _spans(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of the matches, with all backslashes before and an even number of those at the end."""
    for match in pattern.finditer(text):
        start, end = match.span()
        while start and text[start - 1] == "\\":
            start -= 1
        last = end
        while last > match.start() and text[last - 1] == "\\":
            last -= 1
        yield start, end - (end - last) % 2


def _replace(text: str, spans: Iterable[tuple[int, int]], replacement: str) -> str:
    """Replace ordered, possibly overlapping places in a text."""
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        if start >= done:
            pieces += [text[done:start], replacement]
        done = max(done, end)
    return "".join([*pieces, text[done:]]) if pieces else text
