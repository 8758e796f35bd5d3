"""Errors, decimals, redaction and other helpers that import no other folder of the facade."""
