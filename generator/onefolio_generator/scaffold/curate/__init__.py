"""Curation: a published document becomes a spec in the form of `specs/README.md`.

The spec contains the selected operations only, and in addition everything that the mock, the contract tests and the
strategies need: examples, `x-mock` hints, links and the error statuses that every API returns.
"""

from .curated_spec import CuratedSpec, curate

__all__ = ["CuratedSpec", "curate"]
