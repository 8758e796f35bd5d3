"""Build the site and check its links: `python -m scripts.docs [FOLDER]`. Code blocks are run by the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .links import find_broken_links

ROOT = Path(__file__).resolve().parents[2]


def main(folder: Path) -> int:
    """Return 0 if the site was built without warnings and broken links, otherwise 1."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    if subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode:
        return 1
    broken = list(find_broken_links(folder))
    for line in broken:
        print(line, file=sys.stderr)
    pages = len(list(folder.rglob("*.html")))
    print(f"{pages} pages in {folder}, {len(broken)} broken links", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "site").resolve()))
