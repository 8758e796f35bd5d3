"""News of a published document: its changes since the document that was accepted last."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from onefolio_runtime import hide_arguments

from ..._core.addresses import show_address
from ..._core.errors import ComparisonError
from ...openapi.decoding import decode_document
from ...openapi.documents import Document, make_document, read_document
from ...openapi.errors import DocumentError
from .accepted import AcceptedDocument, find_accepted, path_of, save_accepted
from .comparison import PublishedDocument, compare_news, cut_document
from .departures import load_departures
from .fetch import download
from .report import News, NewsItem, SettledDeparture

__all__ = [
    "AcceptedDocument", "FetchedDocument", "News", "NewsItem", "PublishedDocument", "SettledDeparture",
    "accept_document", "fetch_document", "fetch_published", "find_accepted", "find_news", "read_published",
]  # fmt: skip


@frozen
class FetchedDocument:
    """A downloaded OpenAPI document.

    Args:
        document: the document.
        changed: the day of its last change, as `YYYY-MM-DD`; None if the server does not state it.
        sha256: the hash of its bytes.
    """

    document: Document
    changed: str | None
    sha256: str

    @property
    def value(self) -> Mapping[str, Any]:
        """The JSON value of the document."""
        value: Mapping[str, Any] = self.document.value
        return value


@hide_arguments
def read_published(provider: str, path: str | os.PathLike[str]) -> PublishedDocument:
    """Return the published document in a file, cut to the operations that onefolio reads.

    Args:
        provider: the provider's name.
        path: the file; OpenAPI 3.0 or 3.1, JSON or YAML.

    Raises:
        ComparisonError: the file cannot be read, is malformed, or has none of these operations.
        ConfigurationError: the provider is unknown, or the file is YAML and PyYAML is not installed.
    """
    try:
        document = read_document(path)
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except (DocumentError, OSError) as error:
        raise ComparisonError(str(error)) from None
    return cut_document(provider, document, show_address(os.fspath(path)), sha256=digest)


@hide_arguments
def fetch_published(provider: str, address: str) -> PublishedDocument:
    """Download the published document of a provider; see `read_published`.

    Args:
        provider: the provider's name.
        address: an `https` address. No credentials are sent.

    Raises:
        ComparisonError: the document cannot be downloaded, is malformed, or has none of these operations.
        ConfigurationError: the provider is unknown, the address is not allowed, or PyYAML is not installed.
    """
    downloaded = fetch_document(address)
    return cut_document(
        provider, downloaded.document, show_address(address), changed=downloaded.changed, sha256=downloaded.sha256
    )


@hide_arguments
def fetch_document(address: str) -> FetchedDocument:
    """Download an OpenAPI document.

    Args:
        address: an `https` address. No credentials are sent.

    Raises:
        ComparisonError: the document cannot be downloaded, or is malformed.
        ConfigurationError: the address is not allowed, or the document is YAML and PyYAML is not installed.
    """
    downloaded = download(address)
    name = show_address(address)
    try:
        content = downloaded.content.decode("utf-8-sig")
        document = make_document(decode_document(content, is_json=False, name=name), name)
    except UnicodeDecodeError:
        raise ComparisonError(f"{name}: the encoding is not UTF-8") from None
    except DocumentError as error:
        raise ComparisonError(str(error)) from None
    return FetchedDocument(document, downloaded.changed, hashlib.sha256(downloaded.content).hexdigest())


def find_news(provider: str, new: PublishedDocument, accepted: AcceptedDocument) -> News:
    """Return the news of a published document since the accepted one.

    Args:
        provider: the provider's name.
        new: the new document.
        accepted: the document that was accepted last.

    Raises:
        ComparisonError: a document is malformed.
    """
    return compare_news(provider, accepted, new, load_departures(provider))


def accept_document(provider: str, new: PublishedDocument, *, specs: Path | None = None) -> Path:
    """Store a published document as the accepted one, and return the file.

    Args:
        provider: the provider's name.
        new: the document.
        specs: the folder of `PROVIDER/published.json`; by default the user's folder for data of programs.

    Raises:
        ConfigurationError: the file cannot be written.
        ComparisonError: the document that was accepted before cannot be read.
    """
    path = path_of(provider, specs)
    previous = find_accepted(provider, specs)
    save_accepted(new.accept(previous, datetime.now(UTC).date().isoformat()), path)
    return path
