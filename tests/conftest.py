"""Hypothesis profiles: the same examples every time in CI, many more at night (HYPOTHESIS_PROFILE=nightly)."""

import os
import signal

from hypothesis import HealthCheck, settings

_common = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.register_profile("ci", parent=_common, derandomize=True, max_examples=60)
settings.register_profile("nightly", parent=_common, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# A shell that runs tests in the background has them ignore Ctrl-C, and so would the programs that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
