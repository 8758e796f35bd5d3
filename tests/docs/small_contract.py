"""Run contract tests with few examples and without pauses, as a plugin of pytest or with `python -m`.

The blocks of a page show that the command works. The number of examples and the pauses between requests to a real
server are tested in `tests/contract`.
"""

from attrs import evolve

from onefolio.contract import runner
from onefolio.contract.profiles import POLITE, PROFILES

PROFILES["ci"] = evolve(PROFILES["ci"], examples=5)
setattr(runner, "POLITE", evolve(POLITE, interval=0))  # noqa: B010  # it is final in its own module

if __name__ == "__main__":
    from onefolio.cli import main

    main()
