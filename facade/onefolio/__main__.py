"""`python -m onefolio` is the command line."""

from .cli import main

main()
