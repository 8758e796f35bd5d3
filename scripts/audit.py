"""Check the dependencies of `onefolio[all]` for known vulnerabilities and their licences; `--licences` is offline."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = ("MIT", "BSD", "Apache", "ISC", "Python Software Foundation", "PSF", "Mozilla Public License 2.0", "MPL-2.0")
"""Substrings of licence names that put no condition on programs that use the package unmodified."""


def installed_with(requirement: str) -> set[str]:
    """Return the names of a requirement's package and of its installed dependencies, those of extras included."""
    found: set[str] = set()
    done: set[tuple[str, str]] = set()
    left = [Requirement(requirement)]
    while left:
        wanted = left.pop()
        try:
            package = distribution(wanted.name)
        except PackageNotFoundError:
            continue  # not installed on this platform
        found.add(package.name)
        for extra in {"", *wanted.extras}:
            if (package.name, extra) in done:
                continue
            done.add((package.name, extra))
            others = map(Requirement, package.requires or [])
            left += [each for each in others if each.marker is None or each.marker.evaluate({"extra": extra})]
    return found


def main() -> int:
    """Return 0 if all licences are allowed and no vulnerability is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--licences", action="store_true", help="check licences only")
    options = parser.parse_args()
    names = sorted(installed_with("onefolio[all]") - {"onefolio"})
    licences = [
        sys.executable,
        "-m",
        "piplicenses",
        "--from=mixed",
        "--partial-match",
        "--allow-only",
        ";".join(ALLOWED),
    ]
    checked = subprocess.run([*licences, "--packages", *names], check=False, capture_output=True, text=True)
    print(f"licences of {len(names)} packages: {checked.stderr.strip() or 'all allowed'}")
    failed = checked.returncode
    if not options.licences:
        # --strict: the service cannot vouch for a package that it does not know.
        audit = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"]
        requirements = str(ROOT / "requirements" / "run.txt")
        failed |= subprocess.run([*audit, "-r", requirements], check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
