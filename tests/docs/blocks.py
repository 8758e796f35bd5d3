"""The code blocks of a page, each with what runs it: sybil finds them, the mock answers them.

A block that is not run has a comment right above it, `<!-- not run: the reason -->`; a console block whose last command
fails on purpose has `<!-- exits with 1 -->`.
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

ROOT = Path(__file__).resolve().parents[2]
MOCK = "127.0.0.1:8400"
"""Where the mock listens in the docs."""

_SECONDS = 120
_ABOVE = re.compile(r"<!-- *([^>]*?) *-->\s*\Z")
_VARIABLES = {name for kind in known().values() for name in (*kind.variables.values(), kind.base_url_variable)}
_SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Place:
    """Where the blocks of one page run.

    Args:
        folder: an empty one, the working directory.
        urls: a running mock's base URLs by provider.
    """

    def __init__(self, folder: Path, urls: Mapping[str, str]) -> None:
        self.folder = folder
        self.address = next(iter(urls.values())).split("/")[2]
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ONEFOLIO_")},
            **{known()[provider].base_url_variable: url for provider, url in urls.items()},
            **{kind.variables[name]: key for kind in known().values() for name, key in kind.demo_credentials().items()},
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        spec = json.dumps(next(iter(known().values())).contract.spec)
        shutil.copy(ROOT / "tests" / "docs" / "my_bank.yaml", folder)
        for name in ("OLD.yaml", "NEW.yaml", "NEW.json"):  # JSON is YAML, too
            (folder / name).write_text(spec)
        self.printed: str | None = None
        self.stack = contextlib.ExitStack()

    def install(self, package: Path) -> None:
        """Have a package that the page has written, as pip would install it: its modules and its metadata."""
        site = self.folder / "site-packages"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        subprocess.run([*command, "--target", site, package], check=True, capture_output=True, timeout=_SECONDS)
        self.environ["PYTHONPATH"] = str(site)

    def close(self) -> None:
        """Stop what the page has started."""
        self.stack.close()

    def here(self, text: str) -> str:
        """Return a block's text as it is run: the mock's address, and its keys where the text has `"…"`."""
        text = text.replace(MOCK, self.address)
        for kind in known().values():
            for name, key in kind.demo_credentials().items():
                text = re.sub(rf'\b({name}\s*=\s*)"…"', rf'\g<1>"{key}"', text)
        return text

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Be there: the working directory, the environment, and every environment of a provider the mock."""
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
    """Return the blocks of a page, in their order."""
    return list(Sybil([_blocks]).parse(path).examples())


def comment(example: Example) -> str:
    """Return the comment right above a block, or nothing."""
    found = _ABOVE.search(example.document.text[: example.region.start])
    return found[1] if found else ""


def _blocks(document: Document) -> Iterable[Region]:
    lexer = RawFencedCodeBlockLexer(re.compile(r"(?P<language>[^\n]*)\n"))
    end = 0
    for region in lexer(document):
        language = region.lexemes["language"].strip()
        region.parsed = region.lexemes["source"]
        region.evaluator = _EVALUATORS.get(language, _unknown)
        region.lexemes["follows"] = not document.text[end : region.start].strip()
        end = region.end
        yield region


def _unknown(example: Example) -> None:
    raise AssertionError(f"no way to check a block of {example.region.lexemes['language']!r}")


def _python(example: Example) -> None:
    place: Place = example.namespace["place"]
    source = place.here(example.parsed)
    if re.search(r"^(async )?def test_", source, re.MULTILINE):
        (place.folder / "test_block.py").write_text(source)
        _run(place, "python -m pytest -q -p no:cacheprovider test_block.py", 0)
        return
    if "PYTHONPATH" in place.environ:  # this process does not know what the page has installed
        (place.folder / "block.py").write_text(source)
        place.printed = _run(place, "python block.py", 0)
        return
    example.parsed = Lexeme(source, example.parsed.offset, example.parsed.line_offset)
    with place.entered(), contextlib.redirect_stdout(io.StringIO()) as printed:
        PythonEvaluator()(example)
    place.printed = printed.getvalue()


def _output(example: Example) -> None:
    """Hold a block of text against what the Python block right above it printed."""
    place: Place = example.namespace["place"]
    assert example.region.lexemes["follows"], "a block of text is what the block right above it prints"
    _same(example.parsed, place.printed or "")


def _console(example: Example) -> None:
    place: Place = example.namespace["place"]
    expected = re.fullmatch(r"exits with (\d+)", comment(example))
    steps = list(_commands(example.parsed))
    assert steps, "a console block has lines that begin with $"
    for number, (command, output) in enumerate(steps, 1):
        code = int(expected[1]) if expected and number == len(steps) else 0
        words = shlex.split(command, comments=True)
        check = _CHECKS.get(words[0])
        if words[:2] == ["onefolio", "mock"] and "--help" not in words:
            check = _mock
        if "--watch" in words:
            check = _watch
        printed = check(place, words) if check else _run(place, place.here(command), code)
        if output:
            _same(output, printed)


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block and the output that stands below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, output = re.match(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
        yield command, output


def _same(expected: str, printed: str) -> None:
    checker, wanted = doctest.OutputChecker(), expected.replace("…", "...")
    assert checker.check_output(wanted, printed, _SAME), f"the docs say\n{expected}\nand it printed\n{printed}"


def _run(place: Place, command: str, code: int) -> str:
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


def _mock(place: Place, words: list[str]) -> str:
    """Start a mock with the options that are stated, on a free port; the blocks that follow talk to it."""
    command = [*words, "--port", "0"]  # the last one counts
    process = subprocess.Popen(command, cwd=place.folder, env=place.environ, stdout=subprocess.PIPE, text=True)
    mock = place.stack.enter_context(process)
    place.stack.callback(mock.terminate)
    assert mock.stdout is not None
    urls = json.loads(mock.stdout.readline())
    assert set(urls) >= set(known())
    place.address = urls[next(iter(known()))].split("/")[2]
    place.environ |= {kind.base_url_variable: urls[name] for name, kind in known().items()}
    return ""


def _watch(place: Place, words: list[str]) -> str:
    """Start a command that reads again and again, and end it as a person does, when something has come."""
    with subprocess.Popen(words, cwd=place.folder, env=place.environ, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        first = watch.stdout.readline()
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=_SECONDS)
    assert (bool(first), watch.returncode) == (True, 130)
    return ""


def _make(place: Place, words: list[str]) -> str:
    """Check that the targets are there; what they do has tests of its own."""
    subprocess.run([*words, "--dry-run", "--directory", ROOT], check=True, capture_output=True, timeout=_SECONDS)
    return ""


def _pip(place: Place, words: list[str]) -> str:
    """Check that what is installed is this package, with extras that it has; install what the page has written."""
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


def _keyring(place: Place, words: list[str]) -> str:
    """Check that a key is kept under the names that the settings look for; there is no keyring here."""
    assert words[1:3] == ["set", SERVICE]
    assert words[3] in _VARIABLES
    return ""


def _export(place: Place, words: list[str]) -> str:
    """Set a variable for the blocks that follow; a key that is written "…" is the mock's."""
    for each in words[1:]:
        name, _, value = each.partition("=")
        assert name in _VARIABLES or name.startswith(("ONEFOLIO_", "MY_BANK_")), f"nothing reads {name}"
        if value != "…":
            place.environ[name] = place.here(value)
    return ""


def _toml(example: Example) -> None:
    """Load a block as `onefolio.toml`, and leave it there; a part of a pyproject.toml is in one that was written."""
    place: Place = example.namespace["place"]
    if re.match(r"\[(project|tool)\b", example.parsed):
        assert any(str(example.parsed).strip() in path.read_text() for path in place.folder.glob("*/pyproject.toml"))
        return
    file = place.folder / FILE
    file.write_text(place.here(example.parsed))
    file.chmod(0o600)
    settings = Settings({FILE_VARIABLE: str(file)}, search=False)
    settings.options()
    assert settings.connections()


def _json(example: Example) -> None:
    json.loads(example.parsed)


def _yaml(example: Example) -> None:
    yaml.safe_load(example.parsed)


def _picture(example: Example) -> None:
    """A block without a language is a drawing, or a form that something has."""


_CHECKS: Mapping[str, Callable[[Place, list[str]], str]] = {
    "make": _make,
    "pip": _pip,
    "keyring": _keyring,
    "export": _export,
}
_EVALUATORS: Mapping[str, Callable[[Example], Any]] = {
    "": _picture,
    "console": _console,
    "json": _json,
    "python": _python,
    "text": _output,
    "toml": _toml,
    "yaml": _yaml,
}
