"""Hypothesis profiles: the same examples every time in CI, many more at night (HYPOTHESIS_PROFILE=nightly)."""

import os

from hypothesis import HealthCheck, settings

_common = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.register_profile("ci", parent=_common, derandomize=True, max_examples=60)
settings.register_profile("nightly", parent=_common, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
