"""Schedule the resources of a snapshot. No input or output here.

The accounts of each connection come first; each account then adds its balances and positions. The folio runs the jobs
concurrently and returns each one when it is finished.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from attrs import define, evolve, field

from .._connections.connection import Connection
from .._connections.resource import Capability
from .._core.errors import ContractViolation, ProviderError, ProviderUnavailableError
from .._models.records import Account, Failure
from .._reading.drift_log import DriftLog
from .._reading.paginator import Paginator
from .snapshot import Snapshot

_BATCH = 256
"""Jobs that are created at a time, because the jobs of all accounts would fill the memory."""
_OF_ACCOUNTS: tuple[Capability, ...] = ("balances", "positions")


@define(eq=False)
class Job:
    """One resource to be read to its end.

    Attributes:
        order: position of its rows in the snapshot: of the connection, then of the account.
        paginator: reads the resource.
        rows: the rows so far; a page that fails keeps those of the pages before it.
        error: the error that ended it early.
    """

    order: tuple[int, int]
    paginator: Paginator[Any]
    rows: list[Any] = field(factory=list)
    error: ProviderError | None = None

    @property
    def capability(self) -> Capability:
        """The kind of its rows."""
        return self.paginator.resource.capability


class QueuedJob(NamedTuple):
    """A job that is not created yet, so that thousands of them take little memory.

    Attributes:
        order: see `Job`.
        connection: the connection that is read.
        capability: the kind of its rows.
        account: the account; None for the list of accounts.
    """

    order: tuple[int, int]
    connection: Connection
    capability: Capability
    account: Account | None


@define(eq=False)
class ServerQueue:
    """The jobs of one server.

    Attributes:
        queued: jobs that are not created yet.
        ready: jobs that can be run.
        running: number of jobs that are being run.
        unanswered: number of jobs in a row that ended without a response.
    """

    queued: deque[QueuedJob] = field(factory=deque)
    ready: deque[Job] = field(factory=deque)
    running: int = 0
    unanswered: int = 0

    def __len__(self) -> int:
        return len(self.queued) + len(self.ready)

    def pop(self, create: Callable[[QueuedJob], Job]) -> Job:
        """Return the next job. Jobs are created in batches, which takes half the time of creating each by itself."""
        if not self.ready:
            size = min(_BATCH, len(self.queued))
            self.ready.extend([create(self.queued.popleft()) for _ in range(size)])
        return self.ready.popleft()


class JobResult(NamedTuple):
    """The rows and failures of a finished job."""

    order: tuple[int, int]
    capability: Capability
    rows: list[Any]
    failures: list[Failure]


class SnapshotScheduler:
    """The jobs and results of one snapshot.

    Each server has a queue and a circuit breaker of its own, so that a failing server neither slows nor fails the
    others. After `BREAKER_THRESHOLD` jobs in a row without a response, its remaining jobs fail without a request.

    Args:
        connections: the connections to read.
        drifts: receives drift.
        capabilities: the kinds of rows to read in addition to accounts.
    """

    BREAKER_THRESHOLD = 5

    def __init__(
        self, connections: Iterable[Connection], drifts: DriftLog, capabilities: Collection[Capability]
    ) -> None:
        self.taken_at = datetime.now(UTC)
        self._connections = list(connections)
        self._drifts = drifts
        self._capabilities = frozenset(capabilities)
        self._queues = {each.base_url: ServerQueue() for each in self._connections}
        self._done = 0
        self._results: list[JobResult] = []
        for number, connection in enumerate(self._connections):
            self._queues[connection.base_url].queued.append(QueuedJob((number, -1), connection, "accounts", None))

    @property
    def done(self) -> int:
        """Number of finished jobs."""
        return self._done

    @property
    def size(self) -> int:
        """Number of jobs that are known so far, finished or not."""
        return self.done + sum(queue.running + len(queue) for queue in self._queues.values())

    def next_jobs(self, limit: int) -> list[Job]:
        """Return the jobs that can be run now, so that up to `limit` jobs run at each server."""
        jobs = []
        for queue in self._queues.values():
            for _ in range(min(limit - queue.running, len(queue))):
                jobs.append(queue.pop(self._create))
                queue.running += 1
        return jobs

    def finish(self, job: Job) -> None:
        """Take the result of a job that was read to its end or has failed."""
        queue = self._queues[job.paginator.connection.base_url]
        queue.running -= 1
        self._keep(job)
        self._queue_account_jobs(job, queue)
        if not isinstance(job.error, ProviderUnavailableError):
            queue.unanswered = 0
            return
        queue.unanswered += 1
        if queue.unanswered >= self.BREAKER_THRESHOLD:
            while queue:
                skipped = queue.pop(self._create)
                skipped.error = skipped.paginator.skipped(job.error)
                self._keep(skipped)

    def snapshot(self) -> Snapshot:
        """Return the snapshot, in the order of connections and accounts."""
        results = sorted(self._results, key=lambda each: each.order)

        def rows(capability: Capability) -> list[Any]:
            return [row for each in results if each.capability == capability for row in each.rows]

        return Snapshot(
            accounts=rows("accounts"),
            balances=rows("balances"),
            positions=rows("positions"),
            failures=[failure for each in results for failure in each.failures],
            taken_at=self.taken_at,
        )

    def _keep(self, job: Job) -> None:
        failures = job.paginator.failures + ([job.paginator.failure(job.error)] if job.error else [])
        self._results.append(JobResult(job.order, job.capability, job.rows, failures))
        self._done += 1

    def _queue_account_jobs(self, job: Job, queue: ServerQueue) -> None:
        if job.capability != "accounts":
            return
        connection = job.paginator.connection
        wanted = self._capabilities & connection.capabilities
        for number, account in enumerate(job.rows):
            order = (job.order[0], number)
            for capability in _OF_ACCOUNTS:
                if capability not in wanted:
                    continue
                if capability == "balances" and connection.balances_with_accounts:
                    self._results.append(_balances_of(job.paginator, account, order))
                else:
                    queue.queued.append(QueuedJob(order, connection, capability, account))

    def _create(self, queued: QueuedJob) -> Job:
        connection, account = queued.connection, queued.account
        if account is None:
            resource: Any = connection.accounts()
        elif queued.capability == "balances":
            resource = connection.balances(account)
        else:
            resource = connection.positions(account)
        account_id = None if account is None else account.id
        return Job(queued.order, Paginator(connection, resource, self._drifts, "quarantine", account_id))


def _balances_of(paginator: Paginator[Any], account: Account, order: tuple[int, int]) -> JobResult:
    """Return the balances from the response that an account was read from, or the reason why there are none."""
    try:
        return JobResult(order, "balances", paginator.balances_of(account), [])
    except ContractViolation as error:
        row = None if account.raw is None else account.raw.to_dict()
        failure = evolve(paginator.failure(error, row), operation="balances", account_id=account.id)
        return JobResult(order, "balances", [], [failure])
