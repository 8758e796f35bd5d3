"""Profiles: the number and kind of the requests of a run."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import frozen

ProfileName: TypeAlias = Literal["ci", "nightly"]


@frozen
class Profile:
    """The number and kind of the requests of a run.

    Args:
        name: name in the report.
        examples: maximum number of schemathesis's examples per operation in the fuzzing phase, and of sequences of
            linked calls.
        phases: phases of schemathesis; if empty, only the walk runs, which sends valid requests.
        followed: number of rows in a listing whose links the walk follows.
        pages: maximum number of pages that a paging check requests.
        repeats: number of valid requests for a resource without parameters, for which there is nothing to generate;
            more than one find faults that occur from time to time.
        interval: minimum number of seconds between two requests.
    """

    name: str
    examples: int
    phases: tuple[str, ...] = ("examples", "coverage", "fuzzing", "stateful")
    followed: int = 30
    pages: int = 100
    repeats: int = 1
    interval: float = 0

    @property
    def is_polite(self) -> bool:
        """Whether only a few valid requests are sent."""
        return not self.phases


PROFILES: Final[dict[ProfileName, Profile]] = {
    # The walk and the phase "coverage" find every deliberate fault of `make mutants`; a few random requests are added
    # for faults of a kind that is not among them.
    "ci": Profile("ci", examples=20, phases=("coverage", "fuzzing"), followed=10),
    "nightly": Profile("nightly", examples=1500, repeats=100),
}

POLITE: Final = Profile("polite", examples=0, phases=(), followed=2, pages=5, interval=1.0)
"""For a real server. One request per second is a third of the lowest limit that a provider states."""
