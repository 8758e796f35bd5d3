"""Configuration of connections and folios from the environment, a file and the keyring."""
