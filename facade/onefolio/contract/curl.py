"""Write requests as shell commands that repeat them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from .scenario import RecordedRequest

_OF_THE_RUN = {"x-schemathesis-testcaseid", "host"}
"""Headers that identify the run and do not affect the response."""

_DEFAULTS = {
    "accept": re.compile(re.escape("*/*")),
    "accept-encoding": re.compile(r"gzip, deflate.*"),
    "connection": re.compile("keep-alive"),
    "user-agent": re.compile(r"schemathesis/.*"),
}
"""Values of headers that the run adds to every request. `curl` sends values of its own instead."""

_NEEDS_ANSI_C = re.compile(r"[^ -~]")
_SPECIAL_IN_DOUBLE_QUOTES = re.compile(r'[\\"$`]')


def curl_command(request: RecordedRequest, in_shell: Mapping[str, str]) -> str:
    """Return a request as a `curl` command that takes the keys from their variables.

    It is one line for bash and zsh, and sends the recorded method, URL and headers, characters outside of ASCII
    included.

    Args:
        request: the request, without keys.
        in_shell: for each replacement of a key, the expression with which a shell makes the key.
    """
    arguments = ["curl", "-i", *_options(request.method, _keys_pattern(in_shell).sub("", request.url))]
    for name, values in request.headers.items():
        default = _DEFAULTS.get(name.lower())
        for value in values:
            if name.lower() in _OF_THE_RUN or (default and default.fullmatch(value)):
                continue
            # With a colon and no value, curl removes a header.
            arguments += ["-H", _quote(f"{name}: {value}" if value else f"{name};", in_shell)]
    return " ".join([*arguments, _quote(request.url, in_shell)])


def _options(method: str, url: str) -> Iterator[str]:
    if method == "HEAD":
        yield "--head"  # with `-X HEAD`, curl waits for a body
    elif method != "GET":
        yield from ("-X", shlex.quote(method))
    if re.search(r"[\[\]{}]", url):
        yield "--globoff"
    if re.search(r"/(\.|%2e)+(/|$)", url.partition("?")[0], re.IGNORECASE):
        yield "--path-as-is"


def _keys_pattern(in_shell: Mapping[str, str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(in_shell, key=len, reverse=True)))
    return re.compile(f"({names})" if names else "(?!)")


def _quote(text: str, in_shell: Mapping[str, str]) -> str:
    """Return a text as one argument in which the shell expands the variables of keys and nothing else."""
    pieces = _keys_pattern(in_shell).split(text)
    if len(pieces) == 1:
        return _quote_literally(text)
    if _NEEDS_ANSI_C.search(text) or "!" in text:  # an interactive shell expands `!` in double quotes
        quoted = (f'"{in_shell[each]}"' if each in in_shell else _quote_literally(each) for each in pieces if each)
        return "".join(quoted)
    literals = (
        in_shell[each] if each in in_shell else _SPECIAL_IN_DOUBLE_QUOTES.sub(r"\\\g<0>", each) for each in pieces
    )
    # `$NAME` is easier to read. `${NAME}` is necessary before a character that continues the name, or, in zsh, an index
    # or a modifier.
    return re.sub(r"(?<!\\)\$\{(\w+)\}(?![\w:\[])", r"$\1", '"' + "".join(literals) + '"')


def _quote_literally(text: str) -> str:
    if not _NEEDS_ANSI_C.search(text):
        return f'"{text}"' if re.fullmatch(r"[^\\\"$`!]*", text) else shlex.quote(text)
    try:
        content = text.encode("latin-1")  # as headers are sent
    except UnicodeEncodeError:
        content = text.encode("utf-8", "surrogatepass")
    escaped = (chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\'" else f"\\{byte:03o}" for byte in content)
    return f"$'{''.join(escaped)}'"
