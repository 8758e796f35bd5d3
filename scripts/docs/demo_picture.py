"""Draw the output of `make demo` as docs/assets/demo.svg: `python -m scripts.docs.demo_picture`."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 120
PICTURE = Path(__file__).parents[2] / "docs" / "assets" / "demo.svg"


def main() -> None:
    environ = {**os.environ, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.demo"], env=environ, check=True, stdout=subprocess.PIPE, text=True
    )
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(done.stdout))
    svg = console.export_svg(title="make demo", unique_id="demo")
    # The template refers to fonts on a foreign server; the browser's own monospace font serves as well.
    PICTURE.write_text(re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
