"""Make fingerprints quick."""

import pytest

from onefolio.watch import fingerprints


@pytest.fixture(autouse=True)
def quick_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce the cost of a fingerprint."""
    monkeypatch.setattr(fingerprints, "_COST", 2)
