"""Sources of keys and options: the environment, one file, the keyring; and the settings that are rejected."""

import os
import stat
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from onefolio import ConfigurationError, Folio, RateLimit
from onefolio._settings.settings import Settings
from onefolio.providers.registry import known

CANARY = "c4n4ry"
KINDS = [pytest.param(kind, id=name) for name, kind in known().items()]


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    """Provide an empty keyring, working directory and environment."""
    before, empty = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(empty)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in [*os.environ]:
        if name.startswith("ONEFOLIO_") or any(
            name in (*k.variables.values(), k.base_url_variable) for k in known().values()
        ):
            monkeypatch.delenv(name)
    yield empty
    keyring.set_keyring(before)


def write(text: str, path: str = "onefolio.toml", mode: int = 0o600) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def section(kind: Any, **more: str) -> str:
    values = {**dict.fromkeys(kind.variables, f"{CANARY}-file"), **more}
    return f"[{kind.provider}]\n" + "".join(f'{name} = "{value}"\n' for name, value in values.items())


def keys(connection: Any) -> set[str]:
    return set(connection.credentials.secrets())


@pytest.mark.parametrize("kind", KINDS)
def test_the_environment_precedes_the_file_and_the_file_the_keyring(
    kind: Any, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in kind.variables.values():
        ring.set_password("onefolio", variable, f"{CANARY}-ring")
    (found,) = [each for each in Settings(os.environ).connections() if each.provider == kind.provider]
    assert keys(found) == {f"{CANARY}-ring"}
    write(section(kind, base_url="https://file.example"))
    (found,) = Settings(os.environ).connections()
    assert (keys(found), found.base_url) == ({f"{CANARY}-file"}, "https://file.example")
    for variable in kind.variables.values():
        monkeypatch.setenv(variable, f"{CANARY}-env")
    (found,) = Settings(os.environ).connections()
    assert keys(found) == {f"{CANARY}-env"}
    assert found.base_url in {url.rstrip("/") for url in kind.environments.values()}, "not the file's server"
    with Folio.from_env() as folio:
        assert folio.connections == (kind.provider,)


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_the_file_and_the_keyring_are_sent_to_the_server_of_the_environment(
    kind: Any, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kind.base_url_variable, "https://env.example")
    for variable in kind.variables.values():
        ring.set_password("onefolio", variable, CANARY)
    assert [each.base_url for each in Settings(os.environ).connections()] == ["https://env.example"]
    write(section(kind, base_url="https://file.example"))
    assert [each.base_url for each in Settings(os.environ).connections()] == ["https://env.example"]


def test_a_file_contains_several_connections_and_options_of_the_folio(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = list(known().values())
    others = section(kinds[0]).replace(
        f"[{kinds[0].provider}]", f'[second]\nprovider = "{kinds[0].provider}"\nrate_limit = 1000'
    )
    third = others.replace("[second]", "[third]").replace("1000", "false")
    write("deadline = 7\nretries = 1\n" + "".join(map(section, kinds)) + others + third)
    settings = Settings(os.environ)
    assert [each.name for each in settings.connections()] == [*known(), "second", "third"]
    assert [each.rate_limit for each in settings.connections()[-2:]] == [RateLimit(1000), None]
    assert settings.options() == {"deadline": 7.0, "retries": 1}
    monkeypatch.setenv("ONEFOLIO_DEADLINE", "8.5")
    assert Settings(os.environ).options()["deadline"] == 8.5
    with Folio.from_env() as folio:
        assert folio.connections == (*known(), "second", "third")


def test_only_one_file_is_read_in_the_documented_order(tmp_path: Path) -> None:
    kind = next(iter(known().values()))
    user_file = write(section(kind), str(tmp_path / "config/onefolio/onefolio.toml"))
    assert Settings(os.environ).file == user_file
    write(section(kind))
    assert Settings(os.environ).file == Path("onefolio.toml")
    named = write(section(kind), "other.toml")
    assert Settings({**os.environ, "ONEFOLIO_CONFIG": str(named)}).file == named
    assert Settings({}, search=False).file is None
    with pytest.raises(ConfigurationError, match=r"missing\.toml"):
        Settings({"ONEFOLIO_CONFIG": "missing.toml"})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666])
def test_a_file_that_others_can_read_or_write_is_rejected(mode: int) -> None:
    file = write(section(next(iter(known().values()))), mode=mode)
    assert stat.S_IMODE(file.stat().st_mode) == mode
    with pytest.raises(ConfigurationError, match="chmod 600"):
        Folio.from_env()


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a device without end"])
@pytest.mark.parametrize("is_searched", [True, False])
def test_a_settings_file_that_is_not_regular_is_rejected(
    kind: str, is_searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("onefolio.toml" if is_searched else "other.toml")
    match kind:
        case "a pipe":
            os.mkfifo(path, 0o600)
        case "a folder":
            path.mkdir()
        case _:
            path.symlink_to("/dev/zero")
    if not is_searched:
        monkeypatch.setenv("ONEFOLIO_CONFIG", str(path))
    with pytest.raises(
        ConfigurationError, match=f"{path.name} cannot be read: it is not a regular file|Is a directory"
    ):
        Folio.from_env()


def test_a_settings_file_of_many_megabytes_is_rejected() -> None:
    path = Path("onefolio.toml")
    path.touch(0o600)
    os.truncate(path, 2**40)
    with pytest.raises(ConfigurationError, match="larger than 1 MiB"):
        Folio.from_env()


def test_a_file_of_another_user_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    write(section(next(iter(known().values()))))
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    if Path("onefolio.toml").stat().st_uid == 0:
        os.chown("onefolio.toml", 4243, -1)
    with pytest.raises(ConfigurationError, match="another user"):
        Folio.from_env()


WRONG = {
    "invalid TOML": f'{{key}} = "{CANARY}',
    "a key is a number": f"[{{provider}}]\n{{key}} = 5\nx = '{CANARY}'",
    "an unknown entry": f'[{{provider}}]\n{{key}} = "{CANARY}"\nnonsense = "1"',
    "an unknown provider": f'[unknown]\nkey = "{CANARY}"',
    "a string instead of a table": f'{{provider}} = "{CANARY}"',
    "an option that is not a number": f'deadline = "{CANARY}"\n',
    "no key": f'[{{provider}}]\nname = "{CANARY}"\n',
    "a key with a space": f'[{{provider}}]\n{{key}} = "{CANARY} "\n',
    "an invalid rate limit": f'[{{provider}}]\nrate_limit = "{CANARY}"\n',
    "a server without TLS": '[{provider}]\n{keys}\nbase_url = "http://example.com"',
    "an unknown environment": '[{provider}]\n{keys}\nenvironment = "moon"',
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", WRONG)
def test_an_error_names_the_invalid_entry_and_contains_no_key(kind: Any, name: str) -> None:
    every = "\n".join(f'{key} = "{CANARY}"' for key in kind.variables)
    write(
        WRONG[name]
        .replace("{provider}", kind.provider)
        .replace("{keys}", every)
        .replace("{key}", next(iter(kind.variables)))
    )
    with pytest.raises(ConfigurationError) as caught:
        Folio.from_env()
    assert CANARY not in str(caught.value) or name == "no key"
    ours = [
        frame
        for frame in traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
        if "tests/settings" not in frame.filename
    ]
    assert not [frame for frame in ours if CANARY in str(frame.locals)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_variable_of_a_traceback_contains_a_rejected_key(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def ours(error: BaseException) -> str:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        return str([frame.locals for frame in shown.stack if "tests/settings" not in frame.filename])

    good = dict.fromkeys(kind.variables, CANARY)
    for invalid in ({"environment": "moon"}, {"base_url": "http://example.com"}, {next(iter(good)): f"{CANARY}\n"}):
        with pytest.raises(ConfigurationError) as rejected:
            kind(**{**good, **invalid})
        assert CANARY not in ours(rejected.value) + str(rejected.value)
    with pytest.raises(TypeError) as unknown:
        kind(**good, nonsense=1)
    assert CANARY not in ours(unknown.value) + str(unknown.value)
    for name in kind.variables.values():
        monkeypatch.setenv(name, f"{CANARY} ")
    with pytest.raises(ConfigurationError) as from_env:
        Folio.from_env()
    assert CANARY not in ours(from_env.value) + str(from_env.value)


def test_a_locked_keyring_is_ignored(monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring) -> None:
    def refuse(*_: object) -> None:
        raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(ring, "get_password", refuse)
    with pytest.raises(ConfigurationError, match="no provider's variables are set"):
        Folio.from_env()


FIRST, OTHER = list(known().values())[:2]
MISTAKES = {
    "a duplicate provider": (section(FIRST) + section(FIRST), ["twice", "line", "name of its own"]),
    "a duplicate name": ("[a]\n[a]\n", ["twice", "line", "name of its own"]),
    "the name of another provider": (
        section(FIRST, provider=OTHER.provider),
        [f"[{FIRST.provider}] is reserved", "Use another name"],
    ),
    "a name in the table": (
        section(FIRST, name="mine"),
        [f"[{FIRST.provider}] has unknown entries: name", "the name of its table"],
    ),
    "an unknown entry": (
        section(FIRST, nonsense="x"),
        [f"[{FIRST.provider}] has unknown entries: nonsense", "available: ", *FIRST.variables],
    ),
    "an unknown option": ("deadlin = 5\n" + section(FIRST), ["deadlin is not an option", "deadline"]),
    "the name of an option for a connection": (
        section(FIRST, provider=FIRST.provider).replace(f"[{FIRST.provider}]", "[deadline]"),
        ["deadline is an option"],
    ),
    "an unknown provider": ('[second]\nprovider = "x"\n', ["[second] has provider = 'x'", *known()]),
    "a connection without a provider": ("[second]\n", ["[second] is not a provider", *known()]),
    "a key that is a number": (section(FIRST).replace(f'"{CANARY}-file"', "5"), ["must be a string in quotes"]),
    "an option that is a boolean": ("deadline = true\n" + section(FIRST), ["deadline must be a number"]),
    "an empty table": (f"[{FIRST.provider}]\n", [f"[{FIRST.provider}]", *list(FIRST.variables)[:1]]),
    "no connection": ("deadline = 5\n", ["has no connection"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_an_error_names_the_file_the_entry_and_the_remedy(name: str) -> None:
    text, parts = MISTAKES[name]
    file = write(text, "mine.toml")
    with pytest.raises(ConfigurationError) as caught:
        Folio.from_env({"ONEFOLIO_CONFIG": str(file)})
    assert [each for each in [str(file), *parts] if each not in str(caught.value)] == []
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_table_is_an_error_even_if_the_keys_come_from_another_source(kind: Any) -> None:
    half = f'[{kind.provider}]\n{list(kind.variables)[-1]} = ""\n'
    local = {kind.base_url_variable: "http://127.0.0.1:8400/x"}
    keys = dict.fromkeys(kind.variables.values(), CANARY)
    for text, part in ((half, f"[{kind.provider}] has no "), (section(kind, nonsense="1"), "nonsense")):
        file = str(write(text, "mine.toml"))
        for environ in (local, keys, {**local, **keys}):
            with pytest.raises(ConfigurationError) as caught:
                Settings({"ONEFOLIO_CONFIG": file, **environ}, demo=True).connections()
            assert [each for each in (file, part) if each not in str(caught.value)] == []
    file = str(write(section(kind), "mine.toml"))
    (found,) = Settings({"ONEFOLIO_CONFIG": file, **local}, demo=True).connections()
    assert found.base_url == local[kind.base_url_variable]


def test_the_error_states_the_mocks_keys_if_only_its_address_is_set() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Folio.from_env({FIRST.base_url_variable: "http://127.0.0.1:8400/x"})
    keys = FIRST.demo_credentials()
    stated = [f"{variable}={keys[name]}" for name, variable in FIRST.variables.items()]
    assert [each for each in stated if each not in str(caught.value)] == []
    assert not any(f"{variable}=" in str(caught.value) for variable in OTHER.variables.values())
