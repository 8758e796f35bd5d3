"""Run the command line with `python -m onefolio`."""

from .cli import main

main()
