"""Servers of a curated spec and the names of their environments."""

from __future__ import annotations

from urllib.parse import urlsplit

from ...document import DocumentError
from ..field_names import fold_name
from ..published_spec import PublishedSpec
from ..schemas import Schema

_SANDBOX_WORDS = ("sandbox", "paper", "demo", "test", "staging", "uat")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def find_servers(published: PublishedSpec, base_url: str | None) -> tuple[list[Schema], list[str]]:
    """Return the servers with https, or on this machine, and the names of their environments.

    Raises:
        DocumentError: there is no such server.
    """
    stated: list[Schema] = [{"url": base_url}] if base_url else published.document.get("servers") or []
    servers: list[Schema] = []
    names: list[str] = []
    for each in stated:
        url = _fill_variables(each)
        if not _is_usable(url):
            continue
        name = _choose_name(each, url)
        while name in names:
            name = f"{name}-{len(names) + 1}"
        names.append(name)
        servers.append({"url": url.rstrip("/"), "description": str(each.get("description") or name), "x-name": name})
    if not servers:
        raise DocumentError(f"{published.path}: servers has no https:// address. Pass one as --base-url https://HOST.")
    return servers, names


def _fill_variables(server: Schema) -> str:
    url = str(server.get("url", ""))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    return url


def _is_usable(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.hostname or parts.query:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS)


def _choose_name(server: Schema, url: str) -> str:
    if name := fold_name(str(server.get("x-name", ""))):
        return name
    words = f"{urlsplit(url).hostname} {server.get('description', '')} {server.get('x-name', '')}".lower()
    return next((word for word in _SANDBOX_WORDS if word in words), "production")
