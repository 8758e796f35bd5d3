"""How much is tried, and how gently."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import frozen

ProfileName: TypeAlias = Literal["ci", "nightly"]


@frozen
class Profile:
    """How much is tried.

    Args:
        name: as the report calls it.
        examples: schemathesis's examples an operation in its fuzzing phase, and sequences of linked calls.
        phases: of schemathesis; none at all means that only the walk is made, which sends valid requests.
        followed: rows of a listing whose links the walk follows.
        pages: pages that a paging check asks for before it ends.
        interval: least seconds between two requests.
    """

    name: str
    examples: int
    phases: tuple[str, ...] = ("examples", "coverage", "fuzzing", "stateful")
    followed: int = 30
    pages: int = 100
    interval: float = 0

    @property
    def is_polite(self) -> bool:
        """Whether nothing but valid requests is sent, few and slowly."""
        return not self.phases


PROFILES: Final[dict[ProfileName, Profile]] = {
    "ci": Profile("ci", examples=150),
    "nightly": Profile("nightly", examples=1500),
}

POLITE: Final = Profile("polite", examples=0, phases=(), followed=2, pages=5, interval=1.0)
"""For a real server. One request a second is a third of the lowest limit that a provider states."""
