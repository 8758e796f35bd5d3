"""What is written, put in order and in place: as a whole or not at all."""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SETTINGS = Path(__file__).parent / "tidy.toml"


def tidy(folder: Path) -> None:
    """Sort the imports of the Python files below a folder, leave out those that nothing needs, and format."""
    for verb in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *verb, "--no-cache", "--config", str(SETTINGS), str(folder)],
            check=True,
            capture_output=True,
            text=True,
        )


def replace(target: Path, fresh: Path) -> None:
    """Put the fresh folder in the target's place; an interruption leaves one of the two whole."""
    target.parent.mkdir(exist_ok=True)
    incoming, outgoing = (target.with_name(f".{target.name}.{word}") for word in ("new", "old"))
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(fresh, incoming)
    if target.exists():
        target.rename(outgoing)
    incoming.rename(target)
    shutil.rmtree(outgoing, ignore_errors=True)


def differences(target: Path, fresh: Path) -> list[str]:
    """Return a diff of each file that is not the same in both folders."""
    names = sorted({path.relative_to(folder) for folder in (target, fresh) for path in files(folder)})
    different = [name for name in names if _bytes(target / name) != _bytes(fresh / name)]
    found = []
    for name in different:
        there, wanted = (_bytes(folder / name).decode().splitlines(keepends=True) for folder in (target, fresh))
        found.append("".join(difflib.unified_diff(there, wanted, f"committed/{name}", f"generated/{name}")))
    return found


def files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without what Python compiles."""
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
