"""Build the wheel and use it as a stranger would: in an empty environment, outside of the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return 0 where the installed wheel reads its own mock."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, str(ROOT), where=place)
        wheel = next(place.glob("*.whl"))
        _run(os.environ.get("PYTHON") or sys.executable, "-m", "venv", "env", where=place)
        python = str(place / "env" / "bin" / "python")
        # The pinned versions, and the wheel with what it says it needs: a missing dependency fails here.
        constraints = str(ROOT / "requirements" / "run.txt")
        _run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", constraints, where=place)
        _run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "hatchling", "editables", where=place)
        _run(python, "-m", "pip", "install", "--quiet", f"{wheel}[mock]", where=place)
        _run(python, "-m", "pip", "check", where=place)
        shutil.copy(ROOT / "scripts" / "demo.py", place / "demo.py")
        _run(python, "demo.py", where=place)
    return 0


def _run(*command: str, where: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    print("$", *command, flush=True)
    subprocess.run(command, cwd=where, env=environ, check=True)


if __name__ == "__main__":
    sys.exit(main())
