"""Measure onefolio against the official SDKs and against the limits of the machine. `make bench` runs it."""
