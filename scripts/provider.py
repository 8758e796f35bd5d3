"""Add a provider to this repository from its published OpenAPI document: `make provider NAME=… SPEC=…`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from onefolio_generator.document import DocumentError
from onefolio_generator.scaffold import add_to_repository

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return 0 if the provider was written, and 2 if nothing was written."""
    parser = argparse.ArgumentParser(prog="make provider", description=__doc__)
    parser.add_argument("name", help="name of the provider, for example my_bank")
    parser.add_argument("--spec", type=Path, required=True, help="path of the published document")
    for rows in ("accounts", "balances", "positions"):
        parser.add_argument(f"--{rows}", metavar="OPERATION", help=f"operationId that lists {rows}, or none")
    parser.add_argument("--base-url", metavar="URL", help="URL of the server, if the document has none")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of the repository (default: this one)")
    options = parser.parse_args()
    try:
        notes = add_to_repository(
            options.root,
            options.name,
            options.spec,
            operations={
                "accounts": options.accounts,
                "balances": options.balances,
                "positions": options.positions,
            },
            base_url=options.base_url,
        )
    except (DocumentError, OSError) as error:
        print(f"provider: {error}\nNothing was written.", file=sys.stderr)
        return 2
    for note in notes:
        print(f"review: {note}")
    written = (f"facade/onefolio/providers/{options.name}.py", f"docs/providers/{options.name}.md")
    print(f"next: make contract test; review {' and '.join(written)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
