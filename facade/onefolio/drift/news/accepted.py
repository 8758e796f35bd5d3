"""The published document of a provider that was accepted last, and where it is stored.

It is an OpenAPI document: the published one, cut to the operations that are read, with an extension that states its
source, date and hash.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import msgspec
from attrs import field, frozen

from ..._core.errors import ComparisonError, ConfigurationError
from ..._core.text import count_items
from ...openapi.decoding import decode_document
from ...openapi.documents import make_document
from ...openapi.errors import DocumentError
from ...providers import registry
from ..canonical import canonical
from .fingerprints import Fingerprints

EXTENSION: Final = "x-accepted"
"""The member of the stored document that states its source, date and hash."""

FILE: Final = "published.json"

_VERSION: Final = re.compile(r"v?\d+([.-]\d+)*")
_DATE: Final = re.compile(r"v?\d{4}[.-]\d{2}[.-]\d{2}")


@frozen
class EarlierDocument:
    """A document that was accepted before.

    Args:
        sha256: the hash of the cut document.
        version: its version.
        retrieved: the day on which it was retrieved from its source, as `YYYY-MM-DD`.
    """

    sha256: str
    version: str
    retrieved: str


@frozen
class AcceptedDocument:
    """The published document that was accepted last.

    Args:
        document: the JSON value of the cut document.
        source: the address or the file that it was read from.
        retrieved: the day on which it was retrieved from its source, as `YYYY-MM-DD`.
        accepted: the day on which it was accepted.
        source_sha256: the hash of the whole file; None if it is unknown.
        earlier: the documents that were accepted before, the last one first.
        other_operations: the fingerprints of the operations that are not read; None if they are unknown.
    """

    document: Mapping[str, Any] = field(repr=count_items)
    source: str
    retrieved: str
    accepted: str
    source_sha256: str | None = None
    earlier: tuple[EarlierDocument, ...] = field(default=(), repr=count_items)
    other_operations: Fingerprints | None = field(default=None, repr=count_items)

    @property
    def sha256(self) -> str:
        """The hash of the cut document; it does not depend on the order of names."""
        return hash_document(self.document)

    @property
    def version(self) -> str:
        """The version that the document states; empty without one."""
        return str(self.document.get("info", {}).get("version", ""))

    def is_newer(self, other: AcceptedDocument) -> bool:
        """Return True if this document was accepted after another one, or on the same day."""
        return self.accepted >= other.accepted

    def reason_older(self, document: Mapping[str, Any], retrieved: str | None) -> str:
        """Return the reason why another document is older than this one; empty if it is not.

        Args:
            document: the cut document.
            retrieved: the day of its last change, as `YYYY-MM-DD`; None if it is unknown.
        """
        digest = hash_document(document)
        if digest == self.sha256:
            return ""
        for each in self.earlier:
            if each.sha256 == digest:
                return f"it was accepted before (version {each.version}, retrieved on {each.retrieved})"
        version = str(document.get("info", {}).get("version", ""))
        if is_lower_version(version, self.version):
            return f"its version is {version}, and that of the accepted document is {self.version}"
        if retrieved is not None and retrieved < self.retrieved:
            return f"it was changed on {retrieved}, and the accepted document was retrieved on {self.retrieved}"
        return ""

    def encode(self) -> bytes:
        """Return the document as JSON, with its source, date and hash."""
        stated = {
            "source": self.source,
            "retrieved": self.retrieved,
            "accepted": self.accepted,
            "sha256": self.sha256,
            "source_sha256": self.source_sha256,
            "earlier": [
                {"sha256": each.sha256, "version": each.version, "retrieved": each.retrieved} for each in self.earlier
            ],
            "other_operations": self.other_operations,
        }
        content = msgspec.json.Encoder(decimal_format="number").encode({EXTENSION: stated, **self.document})
        return msgspec.json.format(content, indent=1) + b"\n"


def hash_document(document: Mapping[str, Any]) -> str:
    """Return the hash of a JSON value, independent of the order of names and the notation of numbers."""
    return hashlib.sha256(canonical(dict(document)).encode()).hexdigest()


def is_lower_version(version: str, other: str) -> bool:
    """Return True if both versions are dates or both are numbers, such as `2.0.1`, and the first one is lower."""
    if not (_VERSION.fullmatch(version) and _VERSION.fullmatch(other)):
        return False
    if bool(_DATE.match(version)) is not bool(_DATE.match(other)):
        return False  # a provider that changes its way of counting
    first, second = ([int(part) for part in re.findall(r"\d+", each)] for each in (version, other))
    return first < second


def decode_accepted(content: str, name: str) -> AcceptedDocument:
    """Return the accepted document in a file.

    Args:
        content: the file's content.
        name: the file's name, for messages.

    Raises:
        ComparisonError: the file was not written by `--accept`, or was changed since.
    """
    try:
        value = dict(make_document(decode_document(content, is_json=True, name=name), name).value)
        stated = msgspec.convert(value.pop(EXTENSION, None), _Stated)
        accepted = AcceptedDocument(
            document=value,
            source=stated.source,
            retrieved=stated.retrieved,
            accepted=stated.accepted,
            source_sha256=stated.source_sha256,
            earlier=tuple(stated.earlier),
            other_operations=stated.other_operations,
        )
    except (DocumentError, msgspec.ValidationError) as error:
        raise ComparisonError(f"{name} is not an accepted document: {error}. Store one with --accept.") from None
    if accepted.sha256 != stated.sha256:
        raise ComparisonError(
            f"{name} was changed after it was accepted: its sha256 differs. Accept the document again."
        )
    return accepted


class _Stated(msgspec.Struct):
    """The extension of a stored document."""

    source: str
    retrieved: str
    accepted: str
    sha256: str
    source_sha256: str | None = None
    earlier: list[EarlierDocument] = []
    other_operations: dict[str, dict[str, str]] | None = None


def find_accepted(provider: str, specs: Path | None = None) -> AcceptedDocument | None:
    """Return the published document that was accepted last for a provider, or None if there is no such document.

    Args:
        provider: the provider's name.
        specs: a folder with `PROVIDER/published.json`; by default the user's folder and the installed package, of
            which the document that was accepted last is returned.

    Raises:
        ConfigurationError: the provider is unknown.
        ComparisonError: the file cannot be read.
    """
    packaged = _read_packaged(provider)
    path = path_of(provider, specs)
    own = decode_accepted(_read(path), str(path)) if path.exists() else None
    if own is None or (specs is None and packaged is not None and not own.is_newer(packaged)):
        return packaged
    return own


def path_of(provider: str, specs: Path | None = None) -> Path:
    """Return the file in which an accepted document of a provider is stored.

    Args:
        provider: the provider's name.
        specs: the folder; by default the user's folder for data of programs.
    """
    return (_user_folder() if specs is None else specs) / provider / FILE


def save_accepted(accepted: AcceptedDocument, path: Path) -> None:
    """Write an accepted document; an interruption leaves the old file unchanged.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    incoming = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_bytes(accepted.encode())
        incoming.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"cannot write {path}: {error.strerror}. Select another folder with --specs."
        ) from None


def _user_folder() -> Path:
    variable, default = ("LOCALAPPDATA", "AppData/Local") if os.name == "nt" else ("XDG_DATA_HOME", ".local/share")
    stated = os.environ.get(variable)
    return (Path(stated) if stated else Path.home() / default) / "onefolio" / "specs"


def _read_packaged(provider: str) -> AcceptedDocument | None:
    file = resources.files(registry.provider(provider).contract.package).joinpath(FILE)
    return decode_accepted(file.read_text(encoding="utf-8"), f"{FILE} of {provider}") if file.is_file() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ComparisonError(f"cannot read {path}: {error}") from None
