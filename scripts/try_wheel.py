"""Build what is released and use it as a stranger would: in an empty environment, outside of the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NOT_CORE = ("hatchling", "editables", "uvicorn", "httptools")
"""What is pinned for `make demo` and comes with no core."""
WANTS = {
    "mock": ("mock", "--port", "0"),
    "contract": ("contract", "alpaca"),
    "store": ("snapshot", "--out", "snapshots"),
    "report": ("drift", "alpaca", "alpaca", "--format", "html"),
}
"""By the extra: a command that needs it."""

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return 0 where wheel and sdist are sound and the installed wheel says what it lacks, and reads its own mock."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        # The wheel is made of the sdist, so that one has all it needs.
        _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, str(ROOT), where=place)
        wheel, sdist = next(place.glob("*.whl")), next(place.glob("*.tar.gz"))
        _run(sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist), where=place)
        _run(os.environ.get("PYTHON") or sys.executable, "-m", "venv", "env", where=place)
        python = str(place / "env" / "bin" / "python")
        # The pinned versions, and the wheel with what it says it needs: a missing dependency fails here.
        constraints = str(ROOT / "requirements" / "run.txt")
        _run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", constraints, where=place)
        _run(python, "-m", "pip", "uninstall", "--quiet", "--yes", *NOT_CORE, where=place)
        _run(python, "-m", "pip", "install", "--quiet", str(wheel), where=place)
        _run(python, "-m", "onefolio", "--help", where=place)
        for extra, command in WANTS.items():
            _refused(python, *command, saying=f"onefolio[{extra}]", where=place)
        _run(python, "-m", "pip", "install", "--quiet", f"{wheel}[mock]", where=place)
        _run(python, "-m", "pip", "check", where=place)
        shutil.copy(ROOT / "scripts" / "demo.py", place / "demo.py")
        _run(python, "demo.py", where=place)
    return 0


def _refused(python: str, *command: str, saying: str, where: Path) -> None:
    """Run a command that lacks something, and see that it says what, without a traceback."""
    done = subprocess.run(
        [python, "-m", "onefolio", *command], cwd=where, env=_environ(), check=False, capture_output=True, text=True
    )
    print("$ onefolio", *command, f"-> {done.returncode}: {done.stderr.strip()}", flush=True)
    if done.returncode != 2 or saying not in done.stderr or "Traceback" in done.stderr:
        raise SystemExit(f"it should have said that it needs {saying}")


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def _run(*command: str, where: Path) -> None:
    print("$", *command, flush=True)
    subprocess.run(command, cwd=where, env=_environ(), check=True)


if __name__ == "__main__":
    sys.exit(main())
