"""Draw the output of `make demo` as docs/assets/demo.svg: `python -m scripts.docs.demo_picture`."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH, HEIGHT = 120, 50
PICTURE = Path(__file__).parents[2] / "docs" / "assets" / "demo.svg"


def main() -> None:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(_run_in_terminal([sys.executable, "-m", "scripts.demo"])))
    svg = console.export_svg(title="make demo", unique_id="demo")
    # The template refers to fonts on a foreign server; the browser's own monospace font serves as well.
    svg = re.sub(r"\s*(@font-face \{.*?\}|<!--.*?-->)", "", svg, flags=re.DOTALL)
    PICTURE.write_text(svg, encoding="utf-8")


def _run_in_terminal(command: list[str]) -> str:
    """Run a command in a terminal of a fixed size, which selects the columns of its tables; return its output."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(command, env=environ, stdout=terminal, stderr=subprocess.DEVNULL) as process:
        os.close(terminal)
        output = b""
        try:
            while chunk := os.read(controller, 65536):
                output += chunk
        except OSError:
            pass  # Linux raises EIO at the end of a terminal's output
    os.close(controller)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return output.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    main()
