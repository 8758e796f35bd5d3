"""Deadlines of many tasks with one timer: each holds, and nothing else is cancelled."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from onefolio_runtime.deadlines import Deadlines


async def slept(deadlines: Deadlines, within: float, seconds: float) -> str:
    started = time.monotonic()
    try:
        with deadlines.within(within):
            await asyncio.sleep(seconds)
    except TimeoutError:
        return f"over after {time.monotonic() - started:.1f}"
    return "slept"


def results(*tasks: Coroutine[Any, Any, Any]) -> list[Any]:
    async def run() -> list[Any]:
        return await asyncio.gather(*tasks)

    return asyncio.run(run())


def test_each_task_has_a_deadline_of_its_own_whatever_their_order() -> None:
    deadlines = Deadlines()
    asked = [(5, 0), (0.3, 2), (0.1, 2), (0.2, 0.05), (0.2, 2), (5, 0.4)]
    found = results(*(slept(deadlines, *each) for each in asked))
    assert found == ["slept", "over after 0.3", "over after 0.1", "slept", "over after 0.2", "slept"]


def test_a_deadline_is_set_anew_after_all_others_are_done() -> None:
    deadlines = Deadlines()

    async def one_after_the_other() -> list[str]:
        return [await slept(deadlines, 0.1, seconds) for seconds in (0, 1, 0, 0.05, 1)]

    assert results(one_after_the_other()) == [["slept", "over after 0.1", "slept", "slept", "over after 0.1"]]


def test_a_cancellation_from_elsewhere_is_no_deadline() -> None:
    deadlines = Deadlines()

    async def run() -> None:
        task = asyncio.create_task(slept(deadlines, 5, 5))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_an_error_in_the_block_is_raised_as_it_is() -> None:
    async def run() -> None:
        with Deadlines().within(1):
            raise LookupError("of the block")

    with pytest.raises(LookupError):
        asyncio.run(run())


def test_a_task_may_go_on_after_its_deadline() -> None:
    deadlines = Deadlines()

    async def run() -> str:
        assert await slept(deadlines, 0.05, 1) == "over after 0.1"
        await asyncio.sleep(0.05)
        task = asyncio.current_task()
        assert task is not None
        assert not task.cancelling()
        return await slept(deadlines, 1, 0.01)

    assert asyncio.run(run()) == "slept"


def test_a_step_is_shorter_than_the_whole_and_may_be_followed_by_others() -> None:
    deadlines = Deadlines()

    async def run(within: float, *steps: tuple[float, float]) -> str:
        started = time.monotonic()
        try:
            with deadlines.within(within) as limit:
                for seconds, takes in steps:
                    limit.step(seconds)
                    await asyncio.sleep(takes)
        except TimeoutError as error:
            return f"{error} after {time.monotonic() - started:.1f}"
        return "done"

    assert results(
        run(5, (0.2, 0.1), (0.2, 0.1), (0.2, 0.1)),
        run(5, (0.2, 0.1), (0.2, 1)),
        run(0.3, (0.2, 0.1), (0.2, 0.1), (0.2, 0.1), (0.2, 0.1)),
        run(float("inf"), (0.1, 1)),
    ) == ["done", "waiting for bytes after 0.3", "the deadline is over after 0.3", "waiting for bytes after 0.1"]
