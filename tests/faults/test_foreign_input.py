"""Generated headers, settings and arguments: a value is used, or one of the library's own errors is raised."""

import string
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from math import inf, nan
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import Account, ConfigurationError, Folio, OnefolioError, ProviderError, RateLimit, open_store
from onefolio._connections.requested_waits import LONGEST_WAIT, parse_reset_time, parse_retry_after
from onefolio._settings.file import find_file
from onefolio._settings.options import OPTIONS
from onefolio.providers.registry import known
from tests.scripted import Script, connect

NOW = datetime(2026, 11, 20, tzinfo=UTC).timestamp()

DIGITS = st.builds(
    lambda digit, count: digit * count, st.sampled_from("0123456789٣²"), st.sampled_from([1, 9, 400, 5000])
)
NUMBERS = DIGITS | st.builds(
    "{}{}{}".format, st.sampled_from(["-", "+", "0x", "1e", "1.", " "]), DIGITS, st.sampled_from(["", " ", ".5"])
)
DATES = st.datetimes(timezones=st.just(UTC)).map(lambda time: format_datetime(time, usegmt=True))


def error_of(call: Callable[[], object]) -> str | None:
    """Return the message of the library's own error, or None."""
    try:
        call()
    except OnefolioError as error:
        return str(error)
    return None


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """Return a text with one part replaced by another."""
    text, part = draw(texts), draw(DIGITS | st.text(string.printable, max_size=3))
    start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 5))
    return text[:start] + part + text[start + length :]


HEADERS = NUMBERS | DATES | damaged(DATES) | st.text(st.characters(max_codepoint=0xFF), max_size=20)


@given(HEADERS)
def test_every_stated_wait_is_finite(value: str) -> None:
    for wait in (parse_retry_after(value, NOW), parse_reset_time(value, NOW)):
        assert wait is None or 0 <= wait <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("9" * 400, LONGEST_WAIT),
        ("9" * 5000, LONGEST_WAIT),
        ("Fri, 20 Nov 2026 00:00:05 GMT", 5.0),
        ("Fri, 20 Nov 2026 00:00:05", 5.0),
        ("Fri, 20 Nov 2026 00:00:05 -0000", 5.0),
        ("Thu, 19 Nov 2026 00:00:00 GMT", 0.0),
        ("Fri, 01 Jan 9999 00:00:00 GMT", LONGEST_WAIT),
        ("Fri, 01 Jan 0001 00:00:00 +2359", 0.0),
        *(
            (text, None)
            for text in ("", "-1", "1.5", "1e9", "inf", "nan", "3, 4", "٣", "²", "Fri, 01 Jan 99999 00:00:00")
        ),
    ],
)
def test_a_stated_wait_is_read_exactly_or_not_at_all(value: str, wait: float | None) -> None:
    assert parse_retry_after(value, NOW) == wait


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("provider", known())
def test_no_wait_that_a_response_asks_for_raises_another_error(provider: str, status: int) -> None:
    headers: dict[str, str] = {}
    script = Script(
        lambda _: httpx.Response(status, headers=[(name.encode(), text.encode()) for name, text in headers.items()])
    )
    with Folio(connect(provider), retries=1, deadline=0.05, http=script.transport) as folio:

        @given(st.sampled_from(["Retry-After", "X-RateLimit-Reset"]), NUMBERS | damaged(DATES))
        def read(name: str, value: str) -> None:
            headers.clear()
            headers[name] = "9" + value  # not a wait that ends within the deadline
            with pytest.raises(ProviderError) as caught:
                list(folio.accounts())
            wait = getattr(caught.value, "retry_after", None)
            assert wait is None or 0 <= wait <= LONGEST_WAIT

        read()


@pytest.mark.parametrize("wait", [inf, nan, -inf, -1.0, 1e300])
def test_the_wait_of_any_adapter_is_bounded(wait: float, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect("conduit")
    monkeypatch.setattr(type(connection), "retry_after", lambda *_: wait)
    script = Script(lambda _: httpx.Response(429))
    with Folio(connection, retries=0, http=script.transport) as folio, pytest.raises(ProviderError) as caught:
        list(folio.accounts())
    assert 0 <= getattr(caught.value, "retry_after", -1) <= LONGEST_WAIT


# Settings

KIND = known()["conduit"]
KEYS = {"CONDUIT_API_KEY": "demo-api-key", "CONDUIT_API_SECRET": "demo-api-secret"}

TOML_VALUES = (
    st.sampled_from(
        [
            *(
                "true",
                "inf",
                "-inf",
                "nan",
                "1.5",
                "-1",
                "1e400",
                "1e-400",
                "[]",
                "[1]",
                "{}",
                "1979-05-27",
                "07:32:00",
            ),
            *("9" * 20, "9" * 400, "9" * 5000, "0x" + "f" * 5000, "-0b" + "1" * 20000, "'3'", "''", "'\\ud800'"),
            *(
                "0000-00-00",
                "1" * 4300,
                "[" * 5000 + "]" * 5000,
                "{a=" * 3000 + "1" + "}" * 3000,
                "'''" + "x" * 9999 + "'''",
            ),
        ]
    )
    | NUMBERS
)
TEXTS = NUMBERS | st.sampled_from(
    ["inf", "nan", "-inf", "1_0", "\udcff", "a\nb", "\x1b[31m", "x" * 9999, "true", "1e400"]
)


@given(st.sampled_from([*OPTIONS]), TOML_VALUES)
def test_a_setting_in_a_file_is_used_or_named_in_an_error(tmp_path_factory: Any, option: str, value: str) -> None:
    file: Path = tmp_path_factory.getbasetemp() / "settings.toml"
    file.write_text(f"{option} = {value}\n", encoding="utf-8")
    file.chmod(0o600)
    message = error_of(lambda: Folio.from_env({**KEYS, "ONEFOLIO_CONFIG": str(file)}).close())
    if message is not None:
        assert str(file) in message
        assert option in message or "not valid TOML" in message
        assert len(message) < 500


@given(st.sampled_from([*OPTIONS]), TEXTS)
def test_a_setting_in_a_variable_is_used_or_named_in_an_error(option: str, value: str) -> None:
    variable = f"ONEFOLIO_{option.upper()}"
    message = error_of(lambda: Folio.from_env({**KEYS, variable: value}).close())
    assert message is None or variable in message


ARGUMENTS = st.sampled_from(
    [
        True,
        None,
        inf,
        -inf,
        nan,
        1.5,
        "3",
        "",
        b"x",
        [],
        {},
        (),
        (1,),
        (1, "2"),
        (1, nan),
        10**5000,
        -(10**5000),
        object(),
    ]
)
CALLBACKS = ("ssl_context", "on_drift", "on_failure", "on_event")


@given(st.sampled_from([*OPTIONS, *CALLBACKS]), ARGUMENTS)
def test_an_argument_is_used_or_named_in_an_error(option: str, value: Any) -> None:
    options: dict[str, Any] = {option: value}
    message = error_of(lambda: Folio(connect("conduit"), **options).close())
    assert message is None or option in message


@given(st.sampled_from(["environment", "base_url", "name", "rate_limit", "api_key", "api_secret"]), ARGUMENTS)
def test_an_argument_of_a_connection_is_used_or_named_in_an_error(argument: str, value: Any) -> None:
    message = error_of(lambda: connect("conduit", **{argument: value}))
    assert message is None or argument in message or "CONDUIT_BASE_URL" in message


@given(ARGUMENTS, ARGUMENTS)
def test_a_rate_limit_is_valid_or_an_error(requests: Any, seconds: Any) -> None:
    message = error_of(lambda: Folio(connect("conduit", rate_limit=RateLimit(requests, seconds))).close())
    assert message is None or "RateLimit(" in message


def test_a_setting_of_a_table_is_named_in_an_error(tmp_path: Path) -> None:
    file = tmp_path / "onefolio.toml"
    for entry, value in [("rate_limit", "9" * 400), ("rate_limit", "0x" + "f" * 5000), ("provider", "0x" + "f" * 5000)]:
        provider = "" if entry == "provider" else "provider = 'conduit'\n"
        file.write_text(f"[second]\n{provider}{entry} = {value}\n")
        file.chmod(0o600)
        with pytest.raises(ConfigurationError, match=rf"(?s)\[second\].*{entry}"):
            Folio.from_env({"ONEFOLIO_CONFIG": str(file)})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "too many digits"),
        (b"#" + b"x" * 2**20, "larger than"),
        ("a = 1".encode("utf-16"), "not valid TOML"),
        (b"\0", "not valid TOML"),
        (b"a = 0000-00-00", "not valid TOML"),
        (b'"' + b"x" * 10000 + b'" = 1\n"' + b"x" * 10000 + b'" = 1', "not valid TOML"),
    ],
)
def test_a_file_that_is_not_a_settings_file_is_one_error(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "onefolio.toml"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        Folio.from_env({"ONEFOLIO_CONFIG": str(file)})
    assert str(file) in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_path_with_a_null_character_is_one_error() -> None:
    with pytest.raises(ConfigurationError, match="ONEFOLIO_CONFIG"):
        Folio.from_env({"ONEFOLIO_CONFIG": "a\0b"})


@pytest.mark.parametrize("identifier", ["9" * 5000, "x", "", "-1", "٣"])
def test_an_account_id_that_is_not_a_number_is_an_error(identifier: str) -> None:
    account = Account(provider="clear_street", connection="clear_street", id=identifier)
    with Folio(connect("clear_street")) as folio:
        for read in (folio.balances, folio.positions):
            with pytest.raises(ConfigurationError, match="is not a number") as caught:
                read(account)
            assert len(str(caught.value)) < 200


@pytest.mark.parametrize("http", ["aiohttp", "httpx", "httpx2"])
@pytest.mark.parametrize("proxy", ["http://user:\udcff@127.0.0.1:1", "127.0.0.1:1#\udcff", "a\nb", " ", "http://\0"])
def test_a_proxy_with_unreadable_characters_is_an_error(proxy: str, http: Any) -> None:
    folio = Folio(connect("conduit", base_url="https://127.0.0.1:1"), proxy=proxy, http=http)
    with folio, pytest.raises(ConfigurationError, match="proxy="):
        list(folio.accounts())


@pytest.mark.parametrize("path", ["a\0b", "a\udcffb.duckdb", "a\0b.duckdb"])
def test_a_path_of_a_store_with_invalid_characters_is_an_error(path: str) -> None:
    with pytest.raises(ConfigurationError, match="invalid characters"):
        open_store(path).check()


def test_a_user_without_a_home_has_no_file_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("posixpath.expanduser", lambda path: path)  # as for a user without an entry in passwd
    assert find_file({}, search=True) is None
