"""Passwords and tokens in the addresses that a program passes appear in no message, context or variable of a frame."""

import traceback
from collections.abc import Callable
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


def required() -> None:
    pytest.importorskip("adbc_driver_postgresql")


CALLS: dict[str, Callable[[], object]] = {
    **{f"base_url={each}": lambda url=each: alpaca(base_url=url) for each in BASE_URLS},
    **{
        f"{kind.__name__}.from_env, {each}": lambda kind=kind, url=each: kind.from_env(
            {**dict.fromkeys(Alpaca.variables.values(), "demo-key-1"), Alpaca.base_url_variable: url}
        )
        for kind in (Folio, AsyncFolio)
        for each in BASE_URLS[:3]
    },
    **{f"proxy={each}": lambda url=each: read(proxy=url) for each in PROXIES},
    **{f"httpx, proxy={each}": lambda url=each: read(proxy=url, http="httpx") for each in PROXIES},
    **{f"redis={each}": lambda url=each: read(redis=url) for each in REDISES},
    "no connection": lambda: Folio(proxy=PROXIES[0], redis=REDISES[0]),
    "a wrong option": lambda: AsyncFolio(alpaca(), retries=-1, proxy=PROXIES[0], redis=REDISES[0]),
    **{f"open_store({each})": lambda url=each: (required(), open_store(url).times()) for each in STORES},
    **{f"reconcile({each})": lambda url=each: (required(), reconciliation.compare(url, "other")) for each in STORES},
    **{f"drift({each})": lambda url=each: drift.compare(url, "alpaca") for each in DOCUMENTS},
    **{f"contract({each})": lambda url=each: contract.run("alpaca", base_url=url) for each in BASE_URLS[:3]},
}


@pytest.mark.parametrize("name", CALLS)
def test_no_password_of_an_address_is_shown(
    name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in Alpaca.variables.values():
        monkeypatch.setenv(variable, "demo-key-1")
    with pytest.raises(OnefolioError) as caught:
        CALLS[name]()
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
