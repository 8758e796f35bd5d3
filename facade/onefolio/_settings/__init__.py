"""Connections and options from the environment, a file and the keyring."""
