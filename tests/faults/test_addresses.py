"""Passwords and tokens in the addresses that a program passes appear in no message, context or variable of a frame."""

import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from onefolio import Alpaca, AsyncFolio, Folio, OnefolioError, contract, drift, reconciliation
from onefolio.stores.opening import open_store

PASSWORD = "S3CR3T-pass-w0rd"

BASE_URLS = [
    *(
        f"https://user:{PASSWORD}{rest}"
        for rest in ("/pw@host", "@host", "@[::1", "@host:x", "?@host", "#@host", "\n@host")
    ),
    f"https://host/?token={PASSWORD}",
    f"https://host/#{PASSWORD}",
    f"https://host:{PASSWORD}",
    f"https://[{PASSWORD}]",
    f"https://[{PASSWORD}",
    f"https://us er:{PASSWORD}@host",
    f"https://user:{PASSWORD}\u2100@host",
    f"user:{PASSWORD}@host",
    f"//user:{PASSWORD}@host",
    f"https//user:{PASSWORD}@host",
    f"https:/user:{PASSWORD}@host",
    f"https:\\\\user:{PASSWORD}@host",
    f"http://user:{PASSWORD}@example.com",
    f"ftp://user:{PASSWORD}@host",
    f"https://user:{PASSWORD}@host/{PASSWORD}",
    f"https://{PASSWORD}@host",
    f"https://host:99999/?{PASSWORD}",
]

PROXIES = [
    f"http://user:{PASSWORD}@[::1",
    f"socks5://user:{PASSWORD}@host",
    f"user:{PASSWORD}",
    f"http://user:{PASSWORD}/x@host",
    f"http://user:{PASSWORD}@host:99999",
    f"http://user:{PASSWORD}@127.0.0.1:1",
    f"http://us er:{PASSWORD} y@127.0.0.1:1",
]

REDISES = [f"http://user:{PASSWORD}@host", f"redis://user:{PASSWORD}@[host", f"redis://user:x@host:{PASSWORD}"]

STORES = [
    f"postgresql://user:{PASSWORD}/x@host/db",
    f"postgres:/user:{PASSWORD}@host/db",
    f"mysql://user:{PASSWORD}@host/db",
    f"postgresql://user:{PASSWORD}@[::1/db",
    f"postgresql://user:{PASSWORD}@127.0.0.1:1/db",
    f"postgresql://127.0.0.1:1/db?password={PASSWORD}",
    f"://user:{PASSWORD}@host",
]

DOCUMENTS = [
    f"https://user:{PASSWORD}@host/spec.json",
    f"https://host/spec?token={PASSWORD}",
    f"//user:{PASSWORD}@host/s",
]


def alpaca(**options: Any) -> Alpaca:
    return Alpaca(key_id="demo-key", secret_key="demo-secret", rate_limit=None, **options)


def read(**options: Any) -> None:
    connection = Alpaca(key_id="demo-key", secret_key="demo-secret")
    with Folio(connection, retries=0, timeout=5, **options) as folio:
        list(folio.accounts())


def open_from_env(kind: type[Folio] | type[AsyncFolio], url: str) -> None:
    kind.from_env({**dict.fromkeys(Alpaca.variables.values(), "demo-key-1"), Alpaca.base_url_variable: url})


def read_store(url: str) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    open_store(url).times()


def reconcile(url: str) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    reconciliation.compare(url, "other")


def calls() -> Iterator[Callable[[], object]]:
    """Yield calls with an address that contains the password, all of which fail."""
    yield from (partial(alpaca, base_url=each) for each in BASE_URLS)
    yield from (partial(contract.run, "alpaca", base_url=each) for each in BASE_URLS[:3])
    yield from (partial(open_from_env, kind, each) for kind in (Folio, AsyncFolio) for each in BASE_URLS[:3])
    yield from (partial(read, proxy=each, http=http) for each in PROXIES for http in ("aiohttp", "httpx"))
    yield from (partial(read, redis=each) for each in REDISES)
    for kind in (Folio, AsyncFolio):
        yield partial(kind, proxy=PROXIES[0], redis=REDISES[0])
        yield partial(kind, alpaca(), retries=-1, proxy=PROXIES[0], redis=REDISES[0])
    yield from (partial(call, each) for call in (read_store, reconcile) for each in STORES)
    yield from (partial(drift.compare, each, "alpaca") for each in DOCUMENTS)


@pytest.mark.parametrize("call", list(calls()))
def test_no_password_of_an_address_is_shown(
    call: Callable[[], object], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in Alpaca.variables.values():
        monkeypatch.setenv(variable, "demo-key-1")
    with pytest.raises(OnefolioError) as caught:
        call()
    shown = [caplog.text]
    left: list[BaseException | None] = [caught.value]
    while left:
        error = left.pop()
        if error is None:
            continue
        left += [error.__cause__, error.__context__]
        shown += [str(error), repr(error), repr(vars(error))]
        for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack:
            if "/tests/" not in frame.filename:
                shown.append(f"{frame.name}: {frame.locals}")
    assert [text for text in shown if PASSWORD in text] == []
