"""Find the code blocks of a page with sybil, and run each of them against a mock.

A block that is not run has a comment directly above it, `<!-- not run: the reason -->`. A console block whose last
command fails on purpose has `<!-- exits with 1 -->`.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from sybil import Document, Example, Lexeme, Region, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from onefolio._settings.file import FILE, FILE_VARIABLE
from onefolio._settings.keyring import SERVICE
from onefolio._settings.settings import Settings
from onefolio.providers.registry import known
from tests.cli.running import run as run_in_process

ROOT = Path(__file__).resolve().parents[2]
MOCK = "127.0.0.1:8400"
"""The address of the mock in the documentation."""

_SECONDS = 300
"""The time limit of a command. It only ends a command that hangs."""
_ABOVE = re.compile(r"<!-- *([^>]*?) *-->\s*\Z")
_VARIABLES = {name for kind in known().values() for name in (*kind.variables.values(), kind.base_url_variable)}
_COMPARISON = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_SMALL_CONTRACT = "tests.docs.small_contract"
# The import of the plugins that happen to be installed takes longer than a block. With CI set, hypothesis does not fail
# because a machine is slow.
_PYTEST = "CI=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python -m pytest -p onefolio.pytest_plugin -p no:cacheprovider"


class Place:
    """The working directory and the environment of the blocks of one page.

    Args:
        folder: an empty folder, the working directory.
        urls: the base URLs of a running mock, by provider.
    """

    def __init__(self, folder: Path, urls: Mapping[str, str]) -> None:
        self.folder = folder
        self.address = next(iter(urls.values())).split("/")[2]
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ONEFOLIO_")},
            **{known()[provider].base_url_variable: url for provider, url in urls.items()},
            **{kind.variables[name]: key for kind in known().values() for name, key in kind.demo_credentials().items()},
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT)]).lstrip(os.pathsep),
        }
        spec = json.dumps(next(iter(known().values())).contract.spec)
        shutil.copy(ROOT / "tests" / "docs" / "my_bank.yaml", folder)
        for name in ("OLD.yaml", "NEW.yaml"):  # JSON is valid YAML
            (folder / name).write_text(spec)
        shutil.copy(ROOT / "specs" / next(iter(known())) / "published.json", folder / "NEW.json")
        self.printed: str | None = None
        self.has_package = False
        self.stack = contextlib.ExitStack()

    def install(self, package: Path) -> None:
        """Install a package that the page has written, for all processes that it starts."""
        site = self.folder / "site-packages"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        subprocess.run([*command, "--target", site, package], check=True, capture_output=True, timeout=_SECONDS)
        self.environ["PYTHONPATH"] = f"{site}{os.pathsep}{self.environ['PYTHONPATH']}"
        self.has_package = True

    def close(self) -> None:
        """Stop the processes that the page has started."""
        self.stack.close()

    def localize(self, text: str) -> str:
        """Return a block with the mock's address, and the mock's keys in place of `"…"`."""
        text = text.replace(MOCK, self.address)
        for kind in known().values():
            for name, key in kind.demo_credentials().items():
                text = re.sub(rf'\b({name}\s*=\s*)"…"', rf'\g<1>"{key}"', text)
        return text

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Enter the working directory and the environment, and make every server of a provider the mock."""
        before, servers = dict(os.environ), {kind: dict(kind.environments) for kind in known().values()}
        with contextlib.chdir(self.folder):
            os.environ.clear()
            os.environ.update(self.environ)
            for kind in known().values():
                kind.environments.update(dict.fromkeys(kind.environments, self.environ[kind.base_url_variable]))  # type: ignore[attr-defined]
            try:
                yield
            finally:
                os.environ.clear()
                os.environ.update(before)
                for kind, environments in servers.items():
                    kind.environments.update(environments)  # type: ignore[attr-defined]


def parse(path: Path) -> list[Example]:
    """Return the blocks of a page in their order."""
    return list(Sybil([_find_blocks]).parse(path).examples())


def comment(example: Example) -> str:
    """Return the comment directly above a block; empty without one."""
    found = _ABOVE.search(example.document.text[: example.region.start])
    return found[1] if found else ""


def _find_blocks(document: Document) -> Iterable[Region]:
    lexer = RawFencedCodeBlockLexer(re.compile(r"(?P<language>[^\n]*)\n"))
    end = 0
    for region in lexer(document):
        language = region.lexemes["language"].strip()
        region.parsed = region.lexemes["source"]
        region.evaluator = _EVALUATORS.get(language, _reject_language)
        region.lexemes["follows"] = not document.text[end : region.start].strip()
        end = region.end
        yield region


def _reject_language(example: Example) -> None:
    raise AssertionError(f"no way to check a block of {example.region.lexemes['language']!r}")


def _run_python(example: Example) -> None:
    place: Place = example.namespace["place"]
    source = place.localize(example.parsed)
    if re.search(r"^(async )?def test_", source, re.MULTILINE):
        (place.folder / "test_block.py").write_text(source)
        _run_shell(place, f"{_PYTEST} -q test_block.py", 0)
        return
    if place.has_package:  # this process cannot import it
        (place.folder / "block.py").write_text(source)
        place.printed = _run_shell(place, "python block.py", 0)
        return
    example.parsed = Lexeme(source, example.parsed.offset, example.parsed.line_offset)
    with place.entered(), contextlib.redirect_stdout(io.StringIO()) as printed:
        PythonEvaluator()(example)
    place.printed = printed.getvalue()


def _check_output(example: Example) -> None:
    """Compare a block of text with the output of the Python block directly above it."""
    place: Place = example.namespace["place"]
    assert example.region.lexemes["follows"], "a block of text is the output of the block directly above it"
    _compare(example.parsed, place.printed or "")


def _run_console(example: Example) -> None:
    place: Place = example.namespace["place"]
    expected = re.fullmatch(r"exits with (\d+)", comment(example))
    steps = list(_split_commands(example.parsed))
    assert steps, "a console block has lines that begin with $"
    for number, (command, output) in enumerate(steps, 1):
        code = int(expected[1]) if expected and number == len(steps) else 0
        printed = _run_command(place, command, code)
        if output:
            _compare(output, printed)


def _split_commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block and the output below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, output = re.match(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
        yield command, output


def _run_command(place: Place, command: str, code: int) -> str:
    words = _split_words(command)
    if "--watch" in words:
        return _watch(place, words)
    if check := _CHECKS.get(words[0]):
        return check(place, words)
    local = place.localize(command)
    if words[0] == "pytest":
        return _run_shell(place, local.replace("pytest", f"{_PYTEST} -p {_SMALL_CONTRACT}", 1), code)
    if words[0] != "onefolio":
        return _run_shell(place, local, code)
    if words[1] == "mock" and "--help" not in words:
        return _start_mock(place, words)
    if words[1] == "watch" and {*words[2:3]} & {"proxy", *known()}:
        return _run_proxy(place, words)
    if words[1] == "contract":
        return _run_shell(place, local.replace("onefolio", f"python -m {_SMALL_CONTRACT}", 1), code)
    if place.has_package or "--show-completion" in words:  # the first cannot be imported, the second needs a shell
        return _run_shell(place, local, code)
    return _run_onefolio(place, _split_words(local), code)


def _split_words(command: str) -> list[str]:
    return shlex.split(command.replace("\\\n", ""), comments=True)


def _run_onefolio(place: Place, words: list[str], code: int) -> str:
    """Run a command in this process; starting Python for each would take most of the time."""
    assert not {"|", "&&", ";", "<"} & set(words), f"{words} needs a shell"
    arguments, file = words[1:], None
    if ">" in arguments:
        *arguments, _, file = arguments
    with contextlib.chdir(place.folder):
        done = run_in_process(*arguments, environ=place.environ)
    assert done.returncode == code, f"{words} exited with {done.returncode}\n{done.stdout}{done.stderr}"
    if file is None:
        return done.stdout + done.stderr
    (place.folder / file).write_text(done.stdout)
    return done.stderr


def _run_shell(place: Place, command: str, code: int) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=place.folder,
        env=place.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == code, f"{command} exited with {done.returncode}\n{done.stdout}"
    return done.stdout


def _compare(expected: str, printed: str) -> None:
    checker, pattern = doctest.OutputChecker(), expected.replace("…", "...")
    is_same = checker.check_output(pattern, printed, _COMPARISON)
    assert is_same, f"the docs state\n{expected}\nand the output is\n{printed}"


def _start_mock(place: Place, words: list[str]) -> str:
    """Start a mock with the given options on a free port; later blocks use it."""
    command = [*words, "--port", "0"]  # overrides an earlier --port
    process = subprocess.Popen(command, cwd=place.folder, env=place.environ, stdout=subprocess.PIPE, text=True)
    mock = place.stack.enter_context(process)
    place.stack.callback(mock.terminate)
    assert mock.stdout is not None
    urls = json.loads(mock.stdout.readline())
    assert set(urls) >= set(known())
    place.address = urls[next(iter(known()))].split("/")[2]
    place.environ |= {kind.base_url_variable: urls[name] for name, kind in known().items()}
    return ""


def _run_proxy(place: Place, words: list[str]) -> str:
    """Run a proxy in front of the mock for one request of an unknown operation."""
    base_url = place.environ[known()[next(each for each in words if each in known())].base_url_variable]
    command = [*words, "--port", "0", "--base-url", base_url]
    with subprocess.Popen(command, cwd=place.folder, env=place.environ, stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        (url,) = json.loads(proxy.stdout.readline()).values()
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}/unknown")
        proxy.terminate()
    (place.folder / "specs").symlink_to(ROOT / "specs")
    return ""


def _watch(place: Place, words: list[str]) -> str:
    """Start a command with `--watch`, and interrupt it after its first line."""
    with subprocess.Popen(words, cwd=place.folder, env=place.environ, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        first = watch.stdout.readline()
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=_SECONDS)
    assert (bool(first), watch.returncode) == (True, 130)
    return ""


def _check_make(place: Place, words: list[str]) -> str:
    """Check that the targets exist; their recipes have other tests."""
    subprocess.run([*words, "--dry-run", "--directory", ROOT], check=True, capture_output=True, timeout=_SECONDS)
    return ""


def _check_pip(place: Place, words: list[str]) -> str:
    """Check that the requirements are this package and its extras; install a package that the page has written."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert words[1] == "install"
    if words[2] == "-e":
        place.install(place.folder / words[3])
        return ""
    for requirement in words[2:]:
        named = re.fullmatch(rf"(?:\.|{project['name']}|\S*\.whl)(?:\[([\w,]+)\])?", requirement)
        assert named, f"{requirement} is not this package"
        assert set((named[1] or "").split(",")) <= {"", *project["optional-dependencies"]}, requirement
    return ""


def _check_keyring(place: Place, words: list[str]) -> str:
    """Check that a key is stored under a name that the settings read, without a keyring."""
    assert words[1:3] == ["set", SERVICE]
    assert words[3] in _VARIABLES
    return ""


def _export(place: Place, words: list[str]) -> str:
    """Set a variable for later blocks; a key that is written `…` is the mock's."""
    for each in words[1:]:
        name, _, value = each.partition("=")
        assert name in _VARIABLES or name.startswith(("ONEFOLIO_", "MY_BANK_")), f"nothing reads {name}"
        if value != "…":
            place.environ[name] = place.localize(value)
    return ""


def _load_toml(example: Example) -> None:
    """Load a block as `onefolio.toml` and keep it; find a part of a pyproject.toml in one that the page has written."""
    place: Place = example.namespace["place"]
    if re.match(r"\[(project|tool)\b", example.parsed):
        assert any(str(example.parsed).strip() in path.read_text() for path in place.folder.glob("*/pyproject.toml"))
        return
    file = place.folder / FILE
    file.write_text(place.localize(example.parsed))
    file.chmod(0o600)
    settings = Settings({FILE_VARIABLE: str(file)}, search=False)
    settings.options()
    assert settings.connections()


def _load_json(example: Example) -> None:
    json.loads(example.parsed)


def _load_yaml(example: Example) -> None:
    yaml.safe_load(example.parsed)


def _skip_picture(example: Example) -> None:
    """Accept a block without a language: a picture or a pattern."""


_CHECKS: Mapping[str, Callable[[Place, list[str]], str]] = {
    "make": _check_make,
    "pip": _check_pip,
    "keyring": _check_keyring,
    "export": _export,
}
_EVALUATORS: Mapping[str, Callable[[Example], Any]] = {
    "": _skip_picture,
    "console": _run_console,
    "json": _load_json,
    "python": _run_python,
    "text": _check_output,
    "toml": _load_toml,
    "yaml": _load_yaml,
}
