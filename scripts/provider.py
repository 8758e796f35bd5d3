"""`make provider NAME=… SPEC=…`: a provider of this repository, written from its published OpenAPI document."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from onefolio_generator.document import DocumentError
from onefolio_generator.scaffold import add_to_repository

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return 0 where the provider was written, 2 where nothing was."""
    parser = argparse.ArgumentParser(prog="make provider", description=__doc__)
    parser.add_argument("name", help="such as my_bank")
    parser.add_argument("--spec", type=Path, required=True, help="the published document")
    for what in ("accounts", "balances", "positions"):
        parser.add_argument(f"--{what}", metavar="OPERATION", help=f"the operationId that lists {what}, or none")
    parser.add_argument("--base-url", metavar="URL", help="the server, where the document has none")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository")
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
    print(f"next: make contract; review {' and '.join(written)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
