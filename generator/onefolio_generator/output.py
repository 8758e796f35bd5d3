"""Comparison and replacement of generated folders."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator
from pathlib import Path


def replace_folder(target: Path, fresh: Path) -> None:
    """Replace a folder by a copy of another one; an interruption leaves a whole copy of the old or the new one."""
    target.parent.mkdir(exist_ok=True)
    incoming, outgoing = (target.with_name(f".{target.name}.{suffix}") for suffix in ("new", "old"))
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(fresh, incoming)
    if target.exists():
        target.rename(outgoing)
    incoming.rename(target)
    shutil.rmtree(outgoing, ignore_errors=True)


def diff_folders(target: Path, fresh: Path) -> list[str]:
    """Return a unified diff for each file that differs between two folders, missing files included."""
    names = sorted({path.relative_to(folder) for folder in (target, fresh) for path in find_files(folder)})
    different = [name for name in names if _read_bytes(target / name) != _read_bytes(fresh / name)]
    return [_diff_file(target, fresh, name) for name in different]


def find_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without Python's caches."""
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _diff_file(target: Path, fresh: Path, name: Path) -> str:
    old, new = (_read_bytes(folder / name).decode().splitlines(keepends=True) for folder in (target, fresh))
    return "".join(difflib.unified_diff(old, new, f"committed/{name}", f"generated/{name}"))


def _read_bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
