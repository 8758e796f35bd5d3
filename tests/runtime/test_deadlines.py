"""Deadlines of many tasks with one timer: each is met, and no other task is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from onefolio_runtime.deadlines import Deadlines

from .clock import now, run_simulated


async def sleep_within(deadlines: Deadlines, within: float, seconds: float) -> str:
    started = now()
    try:
        with deadlines.within(within):
            await asyncio.sleep(seconds)
    except TimeoutError:
        return f"over after {now() - started:.2f}"
    return "slept"


def results(*tasks: Coroutine[Any, Any, Any]) -> list[Any]:
    async def run() -> list[Any]:
        return await asyncio.gather(*tasks)

    return run_simulated(run())


def test_each_task_has_its_own_deadline_in_any_order() -> None:
    deadlines = Deadlines()
    tasks = [(5, 0), (0.3, 2), (0.1, 2), (0.2, 0.05), (0.2, 2), (5, 0.4)]
    found = results(*(sleep_within(deadlines, *each) for each in tasks))
    assert found == ["slept", "over after 0.30", "over after 0.10", "slept", "over after 0.20", "slept"]


def test_a_deadline_can_be_set_after_all_others_have_ended() -> None:
    deadlines = Deadlines()

    async def one_after_the_other() -> list[str]:
        return [await sleep_within(deadlines, 0.1, seconds) for seconds in (0, 1, 0, 0.05, 1)]

    assert results(one_after_the_other()) == [["slept", "over after 0.10", "slept", "slept", "over after 0.10"]]


def test_a_cancellation_by_the_caller_is_not_a_deadline() -> None:
    deadlines = Deadlines()

    async def run() -> None:
        task = asyncio.create_task(sleep_within(deadlines, 5, 5))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_simulated(run())


def test_an_error_in_the_block_is_raised_unchanged() -> None:
    async def run() -> None:
        with Deadlines().within(1):
            raise LookupError("of the block")

    with pytest.raises(LookupError):
        run_simulated(run())


def test_a_task_can_continue_after_its_deadline() -> None:
    deadlines = Deadlines()

    async def run() -> str:
        assert await sleep_within(deadlines, 0.05, 1) == "over after 0.05"
        await asyncio.sleep(0.05)
        task = asyncio.current_task()
        assert task is not None
        assert not task.cancelling()
        return await sleep_within(deadlines, 1, 0.01)

    assert run_simulated(run()) == "slept"


def test_a_step_is_shorter_than_the_block_and_can_be_followed_by_others() -> None:
    deadlines = Deadlines()

    async def run(within: float, *steps: tuple[float, float]) -> str:
        started = now()
        try:
            with deadlines.within(within) as limit:
                for seconds, takes in steps:
                    limit.step(seconds)
                    await asyncio.sleep(takes)
        except TimeoutError as error:
            return f"{error} after {now() - started:.2f}"
        return "done"

    assert results(
        run(5, (0.2, 0.1), (0.2, 0.1), (0.2, 0.1)),
        run(5, (0.2, 0.1), (0.2, 1)),
        run(0.35, (0.2, 0.1), (0.2, 0.1), (0.2, 0.1), (0.2, 0.1)),
        run(float("inf"), (0.1, 1)),
    ) == ["done", "waiting for bytes after 0.30", "the deadline is over after 0.35", "waiting for bytes after 0.10"]
