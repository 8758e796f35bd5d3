"""A snapshot being taken: what can be read now, and where it all goes. No input or output here.

Accounts come first, one listing a connection; every account then asks for its balances and positions. The
two folios run the listings at the same time, as many as they may, and hand each one back when it ended.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from attrs import define, field

from ._connection import Capability, Connection
from ._drift import DriftLog
from ._errors import ProviderError, ProviderUnavailableError
from ._listing import Listing
from ._models import Account, Balance, Failure, Position, Snapshot


@define(eq=False)
class Job:
    """One listing to be read to its end.

    Attributes:
        place: where its rows stand in the snapshot: the connection's place, then the account's.
        listing: what to read.
        rows: what has been read; the reader adds to it, so a page that fails keeps those before it.
        error: what ended it early.
    """

    place: tuple[int, int]
    listing: Listing[Any]
    rows: list[Any] = field(factory=list)
    error: ProviderError | None = None

    @property
    def what(self) -> Capability:
        """What its rows are."""
        return self.listing.reading.what


class Plan:
    """What a snapshot has still to read and what it has got.

    Every server has a line and a circuit of its own, so that one that fails neither slows nor fails the others: after
    so many listings in a row that it did not answer, it is not asked any more, and the rest is listed as failed.
    """

    OPENS_AFTER = 5

    def __init__(self, connections: Iterable[Connection], drifts: DriftLog, what: Collection[Capability]) -> None:
        self.taken_at = datetime.now(UTC)
        self._connections = list(connections)
        self._drifts = drifts
        self._what = frozenset(what)
        self._waiting: dict[str, deque[Job]] = {each.base_url: deque() for each in self._connections}
        self._running = Counter[str]()
        self._unanswered = Counter[str]()
        self._ended: list[Job] = []
        self._embedded: list[tuple[tuple[int, int], list[Balance]]] = []
        for place, connection in enumerate(self._connections):
            self._add((place, -1), connection, connection.accounts(), None)

    @property
    def done(self) -> int:
        """How many listings have ended."""
        return len(self._ended)

    @property
    def size(self) -> int:
        """How many listings are known of so far, read or not."""
        return self.done + self._running.total() + sum(map(len, self._waiting.values()))

    def take(self, most: int) -> list[Job]:
        """Return the jobs that can be run now, so that each server has up to `most` of them."""
        jobs = []
        for server, waiting in self._waiting.items():
            for _ in range(min(most - self._running[server], len(waiting))):
                jobs.append(waiting.popleft())
                self._running[server] += 1
        return jobs

    def ended(self, job: Job) -> None:
        """Take back a job that has been read to its end, or has failed."""
        server = job.listing.connection.base_url
        self._running[server] -= 1
        self._ended.append(job)
        self._add_what_follows(job)
        if not isinstance(job.error, ProviderUnavailableError):
            self._unanswered[server] = 0
            return
        self._unanswered[server] += 1
        if self._unanswered[server] >= self.OPENS_AFTER:
            for waiting in self._waiting[server]:
                waiting.error = waiting.listing.not_asked(job.error)
                self._ended.append(waiting)
            self._waiting[server].clear()

    def snapshot(self) -> Snapshot:
        """Return what was read, in the order of connections and accounts."""
        jobs = sorted(self._ended, key=lambda job: job.place)
        balances = [(job.place, job.rows) for job in jobs if job.what == "balances"] + self._embedded
        accounts: list[Account] = [row for job in jobs if job.what == "accounts" for row in job.rows]
        positions: list[Position] = [row for job in jobs if job.what == "positions" for row in job.rows]
        return Snapshot(
            accounts=accounts,
            balances=[row for _, rows in sorted(balances, key=lambda each: each[0]) for row in rows],
            positions=positions,
            failures=[failure for job in jobs for failure in _failures(job)],
            taken_at=self.taken_at,
        )

    def _add_what_follows(self, job: Job) -> None:
        if job.what != "accounts":
            return
        connection = job.listing.connection
        wanted = self._what & connection.capabilities
        for number, account in enumerate(job.rows):
            place = (job.place[0], number)
            if "balances" in wanted and connection.balances_with_accounts:
                self._embedded.append((place, job.listing.balances_of(account)))
            elif "balances" in wanted:
                self._add(place, connection, connection.balances(account), account.id)
            if "positions" in wanted:
                self._add(place, connection, connection.positions(account), account.id)

    def _add(self, place: tuple[int, int], connection: Connection, reading: Any, account_id: str | None) -> None:
        listing: Listing[Any] = Listing(connection, reading, self._drifts, "quarantine", account_id)
        self._waiting[connection.base_url].append(Job(place, listing))


def _failures(job: Job) -> list[Failure]:
    return job.listing.failures + ([job.listing.failure(job.error)] if job.error else [])
