"""The ways in which servers, proxies and report formats write a string: escapers of many languages and formats."""

import html
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

Encoder = Callable[[str], str]


def escaping(characters: str, form: str, base: Encoder = lambda text: text) -> Encoder:
    """Return an encoder that writes some characters in a form of their code, after those of another encoder."""
    pattern = re.compile(f"[{re.escape(characters)}]")
    return lambda text: pattern.sub(lambda match: form.format(ord(match[0])), base(text))


def inner(text: str) -> str:
    """Return a string as it is inside of JSON: Python, JavaScript, Ruby, Jackson, serde."""
    return json.dumps(text)[1:-1]


def percent(unreserved: str, *, plus: bool = False, form: str = "%{:02X}") -> Encoder:
    """Return an encoder for URLs that keeps letters, digits and some other characters."""

    def encode(text: str) -> str:
        codes = (each if each.isalnum() or each in unreserved else form.format(ord(each)) for each in text)
        return "".join("+" if plus and each == form.format(32) else each for each in codes)

    return encode


def every(form: str) -> Encoder:
    """Return an encoder that writes every character as its code."""
    return lambda text: "".join(form.format(ord(each)) for each in text)


def dotnet(text: str) -> str:
    """System.Text.Json, whose default encoder writes the characters of HTML and `+` as codes, also the quote."""
    codes = "\"&'+<>`"
    return "".join(f"\\u{ord(each):04X}" if each in codes else "\\\\" if each == "\\" else each for each in text)


def owasp_html(text: str) -> str:
    """ESAPI's encodeForHTML: everything except letters and digits."""
    return "".join(each if each.isalnum() else f"&#x{ord(each):x};" for each in text)


def named_html(text: str) -> str:
    """Names of HTML 5 wherever there is one."""
    names = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", "+": "plus", "/": "sol", "=": "equals"}
    names |= {"\\": "bsol", ":": "colon", ".": "period", ",": "comma", "%": "percnt", "$": "dollar", "_": "lowbar"}
    return "".join(f"&{names[each]};" if each in names else each for each in text)


def alternating(*encoders: Encoder) -> Encoder:
    """Return an encoder that writes each character with the next of several encoders."""
    return lambda text: "".join(encoders[index % len(encoders)](each) for index, each in enumerate(text))


JSON: Mapping[str, Encoder] = {
    "as it is in JSON": inner,
    "PHP": lambda text: inner(text).replace("/", "\\/"),
    "PHP with JSON_HEX_*": escaping("<>&'\"", "\\u{:04X}", lambda text: text.replace("\\", "\\\\").replace("/", "\\/")),
    "System.Text.Json": dotnet,
    "Newtonsoft with EscapeHtml": escaping("<>&'", "\\u{:04x}", lambda text: inner(text).replace('\\"', "\\u0022")),
    "Go": escaping("<>&", "\\u{:04x}", inner),
    "Rails": escaping("<>&", "\\u{:04x}", inner),
    "Gson": escaping("<>&='", "\\u{:04x}", inner),
    "every code, lower case": every("\\u{:04x}"),
    "every code, upper case": every("\\u{:04X}"),
    "codes and characters": alternating(every("\\u{:04X}"), inner, every("\\u{:04x}")),
    "JSON in JSON": lambda text: inner(json.dumps(text)),
    "PHP in PHP": lambda text: inner(inner(text).replace("/", "\\/")).replace("/", "\\/"),
    "JSON in JSON in JSON": lambda text: inner(json.dumps(json.dumps(text))),
    ".NET in Go": escaping("<>&", "\\u{:04x}", lambda text: inner(dotnet(text))),
    "codes of codes": lambda text: every("\\u{:04x}")(every("\\u{:04X}")(text)),
}  # fmt: skip
"""Encoders whose results are the inside of a JSON string. `json.loads` returns the text, or one that contains it."""

TEXT: Mapping[str, Encoder] = {
    "plain": lambda text: text,
    "encodeURIComponent": percent("-_.!~*'()"),
    "encodeURI": percent("-_.!~*'();/?:@&=+$,#"),
    "JavaScript's escape": percent("@*_+-./"),
    "JavaScript's escape, long": every("%u{:04X}"),
    "PHP's urlencode": percent("-_.", plus=True),
    "Python's quote": lambda text: quote(text, safe=""),
    "Python's quote_plus": quote_plus,
    ".NET's HttpUtility": percent("-_.!*()", plus=True, form="%{:02x}"),
    "every character in percent": every("%{:02x}"),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent three times": lambda text: quote(quote(quote(text, safe=""), safe=""), safe=""),
    "Python's html": html.escape,
    "PHP's htmlspecialchars": lambda text: html.escape(text).replace("&#x27;", "&#039;"),
    "Go's html": lambda text: html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    "ESAPI": owasp_html,
    "names of HTML 5": named_html,
    "every number of HTML": every("&#{};"),
    "every number of HTML, long": every("&#{:07d};"),
    "every code of XML": every("&#x{:X};"),
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "HTML in a URL": lambda text: quote(html.escape(text), safe=""),
    "JSON in a URL": lambda text: quote(json.dumps(text), safe=""),
    "JSON in a URL, lower case": lambda text: percent("-_.", form="%{:02x}")(json.dumps(text)),
    "JSON in HTML": lambda text: html.escape(json.dumps(text)),
    "Python": repr,
    "Python in Python": lambda text: repr(repr(text)),
    "JavaScript, hexadecimal": every("\\x{:02x}"),
    "JavaScript, code points": every("\\u{{{:x}}}"),
    "a shell": lambda text: text.replace("'", "'\\''"),
    "a shell with backslashes": lambda text: re.sub(r"([^A-Za-z0-9])", r"\\\1", text),
    "quoted-printable": percent("-_.!*()/", form="={:02X}"),
    "a mix": alternating(every("\\u{:04X}"), every("%{:02x}"), every("&#{};"), lambda text: text),
}
"""Encoders for text, logs, URLs, HTML and source code."""
