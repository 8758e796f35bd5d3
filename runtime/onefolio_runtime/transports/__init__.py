"""Transports send one request and return its response; each wraps one HTTP library."""
