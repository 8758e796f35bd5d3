"""Formatting of generated code with ruff."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .document import DocumentError

SETTINGS = Path(__file__).with_name("format_code.toml")


def format_code(folder: Path, *, canonical: bool = False) -> None:
    """Sort and prune the imports of all Python files below a folder, then format them.

    The code is the same with every recent version of ruff; its layout may differ between versions.

    Args:
        folder: the folder.
        canonical: whether to discard line breaks that the formatter keeps otherwise, so that code that differs in its
            layout only becomes the same; for comparisons.

    Raises:
        DocumentError: a file is not valid Python, or ruff is not installed.
    """
    options = ["--config", "format.skip-magic-trailing-comma=true"] if canonical else []
    # An explicit --config keeps ruff from reading the settings of the project around the folder.
    for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "--config", str(SETTINGS), *options, str(folder)],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise DocumentError(f"ruff cannot format the generated code: {done.stderr.strip()}. Report this as a bug.")
