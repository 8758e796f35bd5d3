"""Build sdist and wheel, and use the wheel in an empty environment outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

COMMANDS = {
    "mock": ("mock", "--port", "0"),
    "contract": ("contract", "alpaca"),
    "store": ("snapshot", "--out", "snapshots"),
    "report": ("drift", "alpaca", "alpaca", "--format", "html"),
}
"""Maps an extra to a command that needs it."""

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return 0 if the wheel works with its declared dependencies alone, without any extra and with the mock."""
    base_python = sys.argv[1]
    uv = (sys.executable, "-m", "uv")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        # build makes the wheel from the sdist, so a file that the sdist lacks fails here.
        _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, str(ROOT), cwd=place)
        wheel, sdist = next(place.glob("*.whl")), next(place.glob("*.tar.gz"))
        _run(sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist), cwd=place)
        _run(*uv, "venv", "--quiet", "--python", base_python, "env", cwd=place)
        python = str(place / "env" / "bin" / "python")
        # Only declared dependencies are installed, in the pinned versions: a missing declaration fails here.
        pins = ("--constraints", str(ROOT / "requirements" / "run.txt"))
        install = (*uv, "pip", "install", "--quiet", "--python", python, *pins)
        _run(*install, str(wheel), cwd=place)
        _run(python, "-m", "onefolio", "--help", cwd=place)
        for extra, command in COMMANDS.items():
            _check_missing_extra(python, *command, extra=extra, cwd=place)
        _run(*install, f"onefolio[mock] @ {wheel.as_uri()}", cwd=place)
        _run(*uv, "pip", "check", "--python", python, cwd=place)
        shutil.copy(ROOT / "scripts" / "demo.py", place / "demo.py")
        _run(python, "demo.py", cwd=place)
    return 0


def _check_missing_extra(python: str, *command: str, extra: str, cwd: Path) -> None:
    """Check that a command without its extra names the extra and prints no traceback."""
    done = subprocess.run(
        [python, "-m", "onefolio", *command], cwd=cwd, env=_environ(), check=False, capture_output=True, text=True
    )
    print("$ onefolio", *command, f"-> {done.returncode}: {done.stderr.strip()}", flush=True)
    if done.returncode != 2 or f"onefolio[{extra}]" not in done.stderr or "Traceback" in done.stderr:
        raise SystemExit(f"expected exit code 2 and a message that names onefolio[{extra}], without a traceback")


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def _run(*command: str, cwd: Path) -> None:
    print("$", *command, flush=True)
    subprocess.run(command, cwd=cwd, env=_environ(), check=True)


if __name__ == "__main__":
    sys.exit(main())
