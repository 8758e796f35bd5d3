"""A snapshot being taken: what can be read now, and where it all goes. No input or output here.

Accounts come first, one listing a connection; every account then asks for its balances and positions. The
two folios run the listings at the same time, as many as they may, and hand each one back when it ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from attrs import define, field

from .._connections.connection import Connection
from .._connections.resource import Capability
from .._core.errors import ProviderError, ProviderUnavailableError
from .._models.records import Account, Failure
from .._reading.drift_log import DriftLog
from .._reading.paginator import Paginator
from .snapshot import Snapshot

_MADE_AT_ONCE = 256
"""Jobs made in a row: all at once they would fill the memory where accounts are many."""

_OF_ACCOUNTS: tuple[Capability, ...] = ("balances", "positions")


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
    listing: Paginator[Any]
    rows: list[Any] = field(factory=list)
    error: ProviderError | None = None

    @property
    def what(self) -> Capability:
        """What its rows are."""
        return self.listing.reading.what


class QueuedJob(NamedTuple):
    """A listing that is still to be read; made into a job when its turn comes, so that thousands cost little.

    Attributes:
        place: as a job's.
        connection: where it is read.
        what: what its rows are.
        account: whose they are; None for the list of accounts.
    """

    place: tuple[int, int]
    connection: Connection
    what: Capability
    account: Account | None


@define(eq=False)
class ServerQueue:
    """What one server has still to be asked."""

    waiting: deque[QueuedJob] = field(factory=deque)
    ready: deque[Job] = field(factory=deque)
    running: int = 0
    unanswered: int = 0

    def __len__(self) -> int:
        return len(self.waiting) + len(self.ready)

    def next(self, make: Callable[[QueuedJob], Job]) -> Job:
        """Return the next job; many are made at a time, which takes half as long as one now and then."""
        if not self.ready:
            some = min(_MADE_AT_ONCE, len(self.waiting))
            self.ready.extend([make(self.waiting.popleft()) for _ in range(some)])
        return self.ready.popleft()


class JobResult(NamedTuple):
    """What came of a job."""

    place: tuple[int, int]
    what: Capability
    rows: list[Any]
    failures: list[Failure]


class SnapshotScheduler:
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
        self._lines = {each.base_url: ServerQueue() for each in self._connections}
        self._done = 0
        self._read: list[JobResult] = []
        for place, connection in enumerate(self._connections):
            self._lines[connection.base_url].waiting.append(QueuedJob((place, -1), connection, "accounts", None))

    @property
    def done(self) -> int:
        """How many listings have ended."""
        return self._done

    @property
    def size(self) -> int:
        """How many listings are known of so far, read or not."""
        return self.done + sum(line.running + len(line) for line in self._lines.values())

    def take(self, most: int) -> list[Job]:
        """Return the jobs that can be run now, so that each server has up to `most` of them."""
        jobs = []
        for line in self._lines.values():
            for _ in range(min(most - line.running, len(line))):
                jobs.append(line.next(self._job))
                line.running += 1
        return jobs

    def ended(self, job: Job) -> None:
        """Take back a job that has been read to its end, or has failed."""
        line = self._lines[job.listing.connection.base_url]
        line.running -= 1
        self._keep(job)
        self._add_what_follows(job, line)
        if not isinstance(job.error, ProviderUnavailableError):
            line.unanswered = 0
            return
        line.unanswered += 1
        if line.unanswered >= self.OPENS_AFTER:
            while line:
                unasked = line.next(self._job)
                unasked.error = unasked.listing.not_asked(job.error)
                self._keep(unasked)

    def snapshot(self) -> Snapshot:
        """Return what was read, in the order of connections and accounts."""
        read = sorted(self._read, key=lambda each: each.place)

        def rows(what: Capability) -> list[Any]:
            return [row for each in read if each.what == what for row in each.rows]

        return Snapshot(
            accounts=rows("accounts"),
            balances=rows("balances"),
            positions=rows("positions"),
            failures=[failure for each in read for failure in each.failures],
            taken_at=self.taken_at,
        )

    def _keep(self, job: Job) -> None:
        failures = job.listing.failures + ([job.listing.failure(job.error)] if job.error else [])
        self._read.append(JobResult(job.place, job.what, job.rows, failures))
        self._done += 1

    def _add_what_follows(self, job: Job, line: ServerQueue) -> None:
        if job.what != "accounts":
            return
        connection = job.listing.connection
        wanted = self._what & connection.capabilities
        for number, account in enumerate(job.rows):
            place = (job.place[0], number)
            for what in _OF_ACCOUNTS:
                if what not in wanted:
                    continue
                if what == "balances" and connection.balances_with_accounts:
                    self._read.append(JobResult(place, what, job.listing.balances_of(account), []))
                else:
                    line.waiting.append(QueuedJob(place, connection, what, account))

    def _job(self, waiting: QueuedJob) -> Job:
        connection, account = waiting.connection, waiting.account
        if account is None:
            reading: Any = connection.accounts()
        else:
            reading = connection.balances(account) if waiting.what == "balances" else connection.positions(account)
        listing: Paginator[Any] = Paginator(
            connection, reading, self._drifts, "quarantine", None if account is None else account.id
        )
        return Job(waiting.place, listing)
