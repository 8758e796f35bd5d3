"""Responses that no server should send, byte by byte."""

import gzip
import json
import zlib

from onefolio import ContractViolation, OnefolioError, ProviderUnavailableError, RateLimitedError, UnexpectedStatusError

PAGE = json.dumps({"data": [], "error": None, "metadata": {"request_id": "r"}}).encode()
CAP = 16 * 2**20


def response(body: bytes, *headers: str, status: str = "200 OK", length: object = None) -> bytes:
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", "X-Request-ID: the-request", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def data(text: bytes) -> bytes:
    return response(b'{"data":' + text + b',"metadata":{"request_id":"r"}}')


def metadata(text: bytes) -> bytes:
    return response(b'{"data":[],"metadata":{"request_id":"r",' + text + b"}}")


GZIP = "Content-Encoding: gzip"


def chunked(*chunks: bytes, trailer: bytes = b"") -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n" + trailer + b"\r\n"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


# A mebibyte of blanks in brotli, and a document in zstandard; no request accepts either.
BROTLI = bytes.fromhex("5bffff0f0048210200fa")
ZSTD = bytes.fromhex("28b52ffd") + b"\x00" * 20

READ: dict[str, bytes] = {
    "plain": response(PAGE),
    "gzip": response(gzip.compress(PAGE), GZIP),
    "gzip in two members": response(gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), GZIP),
    "gzip in gzip": response(gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, GZIP"),
    "x-gzip": response(gzip.compress(PAGE), "Content-Encoding: x-gzip"),
    "deflate": response(zlib.compress(PAGE), "Content-Encoding: deflate"),
    "deflate without a frame": response(raw_deflate(PAGE), "Content-Encoding: deflate"),
    "chunks": chunked(PAGE[:5], PAGE[5:]),
    "chunks and a trailer": chunked(PAGE, trailer=b"X-Checksum: 1\r\n"),
    "no length, until the end": b"HTTP/1.1 200 OK\r\n\r\n" + PAGE,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + PAGE,
    "no reason": b"HTTP/1.1 200\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE),
    "interim responses first": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + response(PAGE),
    "blanks around": response(b" \r\n\t" + PAGE + b"\n"),
    "a text type": response(PAGE, "Content-Type: text/plain"),
    "a lone surrogate, escaped": metadata(b'"x":"\\ud83d\\ude00"'),
    "a thousand undocumented fields": metadata(b",".join(b'"x%d":%d' % (n, n) for n in range(1000))),
    "an unknown encoding that is not used": response(PAGE, "Content-Encoding: x-none"),
    "an unknown charset": response(PAGE, "Content-Type: application/json; charset=nonsense"),
    "a malformed cookie": response(PAGE, "Set-Cookie: a=b; Expires=nonsense"),
    "a line end after the body": response(PAGE) + b"\r\n",
    "line feeds alone": response(PAGE).replace(b"\r\n", b"\n"),
    "a blank line first": b"\r\n" + response(PAGE),
    "a header on two lines": response(PAGE, "X-Two: a\r\n  b"),
    "a header that is no ASCII": response(PAGE, "X-Name: caf\xe9"),
    "a header without a value": response(PAGE, "X-Empty:"),
    "a header of 40,000 bytes": response(PAGE, "X-Long: " + "a" * 40_000),
    "two hundred headers": response(PAGE, *(f"X-{each}: a" for each in range(200))),
    "another protocol on offer": response(PAGE, "Upgrade: h2,h2c"),
    "a giant number in an undocumented field": metadata(b'"x":1e999999999'),
    "a tiny number in an undocumented field": metadata(b'"x":1e-999999999'),
}

REFUSED: dict[str, tuple[type[OnefolioError], bytes]] = {
    # incomplete or malformed responses
    "nothing": (ProviderUnavailableError, b""),
    "not HTTP": (ProviderUnavailableError, b"garbage\r\n\r\n"),
    "half a status line": (ProviderUnavailableError, b"HTTP/1.1 2"),
    "only an interim response": (ProviderUnavailableError, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "another protocol": (UnexpectedStatusError, b"HTTP/1.1 101 Switching\r\n\r\n"),
    "a length beyond the body": (ProviderUnavailableError, response(PAGE, length=len(PAGE) + 10)),
    "a negative length": (ProviderUnavailableError, response(PAGE, length=-5)),
    "a length that is no number": (ProviderUnavailableError, response(PAGE, length="abc")),
    "a header without end": (ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n"),
    "a malformed chunk": (
        ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a chunk cut short": (
        ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    "a chunk beyond measure": (
        ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"F" * 30 + b"\r\nab"),
    "two lengths": (ProviderUnavailableError, response(PAGE, "Content-Length: 3")),
    "a line end in a header": (ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nX: a\nb\rc\r\n\r\n" + PAGE),
    "a nul in a header": (ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n" + PAGE),
    "ten thousand headers": (
        ProviderUnavailableError, b"HTTP/1.1 200 OK\r\n" + b"X-Header: value\r\n" * 10_000 + b"\r\n" + PAGE),
    "another transfer coding": (
        ContractViolation,
        b"HTTP/1.1 200 OK\r\nX-Request-Id: the-request\r\nTransfer-Encoding: gzip\r\n\r\n" + gzip.compress(PAGE)),
    # statuses
    "a part": (UnexpectedStatusError, response(PAGE, "Content-Range: bytes 0-1/9", status="206 Partial Content")),
    "a redirect to nowhere": (UnexpectedStatusError, response(b"", status="301 Moved")),
    "a redirect with keys in it": (UnexpectedStatusError, response(b"", "Location: //u:p@127.0.0.1:1", status="307 x")),
    "a teapot": (UnexpectedStatusError, response(b"{}", status="418 Teapot")),
    "a status too low": (ProviderUnavailableError, response(PAGE, status="099 x")),
    "a status above 599": (ProviderUnavailableError, response(PAGE, status="999 x")),
    "a redirect": (UnexpectedStatusError, response(b"", "Location: http://127.0.0.1:1/", status="302 Found")),
    "no content": (UnexpectedStatusError, b"HTTP/1.1 204 No Content\r\n\r\n"),
    "not modified": (UnexpectedStatusError, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "an error that is no gzip": (ProviderUnavailableError, response(b"no", GZIP, status="503 Unavailable")),
    "an error without end": (ProviderUnavailableError, response(b" " * (CAP + 1), status="500 Oops")),
    "a wait without end": (RateLimitedError, response(b"{}", "Retry-After: " + "9" * 400, status="429 x")),
    "a wait that is no number": (RateLimitedError, response(b"{}", "Retry-After: 1e5", status="429 x")),
    "an error code without end": (
        UnexpectedStatusError, response(b'{"error":{"code":' + b"9" * 3000 + b',"message":"x"}}')),
    "a message without end": (
        UnexpectedStatusError, response(b'{"error":{"code":1,"message":"' + b"x" * 100_000 + b'"}}')),
    "an error that is a string": (UnexpectedStatusError, response(b'{"error":"boom"}')),
    # bodies
    "nothing at all": (ContractViolation, response(b"")),
    "blanks": (ContractViolation, response(b"   ")),
    "brotli, not asked for": (ContractViolation, response(BROTLI, "Content-Encoding: br")),
    "zstandard, not asked for": (ContractViolation, response(ZSTD, "Content-Encoding: zstd")),
    "no deflate": (ContractViolation, response(b"\xff\xff", "Content-Encoding: deflate")),
    "a bomb in a bomb": (
        ContractViolation, response(gzip.compress(gzip.compress(b" " * (CAP + 1))), "Content-Encoding: gzip, gzip")),
    "a bomb in deflate": (ContractViolation, response(zlib.compress(b" " * (CAP + 1)), "Content-Encoding: deflate")),
    "a hundred codings": (
        ContractViolation, response(gzip.compress(PAGE), "Content-Encoding: " + ", ".join(["gzip"] * 100))),
    "a thousand members": (ContractViolation, response(gzip.compress(b"") * 1000 + gzip.compress(PAGE), GZIP)),
    "something after a gzip": (ContractViolation, response(gzip.compress(PAGE) + b"rest", GZIP)),
    "a byte order mark": (ContractViolation, response(b"\xef\xbb\xbf" + PAGE)),
    "UTF-32": (ContractViolation, response(PAGE.decode().encode("utf-32"))),
    "Latin-1": (ContractViolation, response('{"data":"é"}'.encode("latin-1"))),
    "a half of a surrogate": (ContractViolation, metadata(b'"x":"\\ud800"')),
    "an overlong byte": (ContractViolation, response(PAGE.replace(b'"r"', b'"\xc0\xaf"'))),
    "a control character in a string": (ContractViolation, response(PAGE.replace(b'"r"', b'"\x01"'))),
    "a comma too many": (ContractViolation, response(PAGE[:-1] + b",}")),
    "a comment": (ContractViolation, response(PAGE + b"// done")),
    "single quotes": (ContractViolation, response(PAGE.replace(b'"', b"'"))),
    "a number that begins with 0": (ContractViolation, metadata(b'"total_items":007')),
    "a hexadecimal number": (ContractViolation, metadata(b'"total_items":0x1F')),
    "a number of ten thousand digits": (ContractViolation, metadata(b'"total_items":' + b"9" * 10_000)),
    "a total that is a fraction": (ContractViolation, metadata(b'"total_items":0.5')),
    "a total above the number of rows": (ContractViolation, metadata(b'"total_items":7')),
    "a total below zero": (ContractViolation, metadata(b'"total_items":-1')),
    "a string": (ContractViolation, response(b'"all is well"')),
    "a list": (ContractViolation, response(b"[]")),
    "null": (ContractViolation, response(b"null")),
    "a truth": (ContractViolation, response(b"true")),
    "a number": (ContractViolation, response(b"1e5")),
    "no rows": (ContractViolation, response(b'{"metadata":{"request_id":"r"}}')),
    "metadata that is null": (ContractViolation, response(b'{"data":[],"metadata":null}')),
    "a request id that is a number": (ContractViolation, response(b'{"data":[],"metadata":{"request_id":1}}')),
    "rows in rows": (ContractViolation, data(b"[[[]]]")),
    "a million empty rows": (ContractViolation, data(b"[" + b"{}," * 999_999 + b"{}]")),
    "HTML": (ContractViolation, response(b"<html></html>", "Content-Type: text/html")),
    "no gzip": (ContractViolation, response(b"no gzip", GZIP)),
    "half a gzip": (ContractViolation, response(gzip.compress(PAGE)[:-12], GZIP)),
    "a bomb": (ContractViolation, response(gzip.compress(b" " * (CAP + 1)), GZIP)),
    "a body without end": (ContractViolation, response(b" " * (CAP + 1))),
    "a length short of the body": (ProviderUnavailableError, response(PAGE, length=5)),
    "UTF-16": (ContractViolation, response(PAGE.decode().encode("utf-16"))),
    "bytes that are not UTF-8": (ContractViolation, response(PAGE.replace(b'"r"', b'"\xff"'))),
    "not a number": (ContractViolation, metadata(b'"x":NaN')),
    "infinity": (ContractViolation, metadata(b'"x":-Infinity')),
    "a name twice": (ContractViolation, metadata(b'"x":1,"x":2')),
    "two documents": (ContractViolation, response(PAGE + PAGE)),
    "a bottomless nest": (ContractViolation, data(b"[" * 100_000 + b"]" * 100_000)),
    "a giant total": (ContractViolation, metadata(b'"total_items":1e999999999')),
    "a giant id": (ContractViolation, data(b'[{"id":' + b"9" * 4000 + b"}]")),
    "a token that is a number": (ContractViolation, metadata(b'"next_page_token":5')),
    "a token that is an object": (ContractViolation, metadata(b'"next_page_token":{"a":1}')),
    "the same token again": (ContractViolation, metadata(b'"next_page_token":"again"')),
    "an object for the rows": (ContractViolation, data(b'{"a":1}')),
    "null for the rows": (ContractViolation, data(b"null")),
    "null for a row": (ContractViolation, data(b"[null]")),
    "a list for a row": (ContractViolation, data(b"[[]]")),
}  # fmt: skip

HEAVY = ("a bomb", "a bomb in a bomb", "a bomb in deflate", "a body without end", "an error without end",
         "a million empty rows")  # fmt: skip
"""Responses that take most of the time of the corpus."""

H11: dict[str, type[OnefolioError]] = {
    "a blank line first": ProviderUnavailableError,
    "another protocol": ProviderUnavailableError,
    "another transfer coding": ProviderUnavailableError,
    "a length short of the body": ContractViolation,
}
"""Effects on httpx and httpx2 that differ from those on aiohttp, because h11 parses these responses differently."""
