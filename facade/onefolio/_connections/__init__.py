"""Connections: one provider, one set of credentials, one server."""
