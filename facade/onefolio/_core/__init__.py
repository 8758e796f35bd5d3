"""Errors, decimals, redaction and other helpers that import no other folder of the facade."""

import logging

# Until a program sets up logging, nothing of ours goes to standard error.
logging.getLogger("onefolio").addHandler(logging.NullHandler())
