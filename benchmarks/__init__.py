"""How fast onefolio is, against the official SDKs and against what the machine can do. Run by `make bench`."""
