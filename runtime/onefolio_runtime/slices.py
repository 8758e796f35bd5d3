"""Long computations in slices of a few milliseconds, between which other tasks of an event loop run."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Sliced: TypeAlias = Generator[None, None, T]
"""A computation that yields between its slices and returns its result."""

SLICE = 2**18
"""Bytes of a large body that are decoded at once."""

SMALL = 2**17
"""Bytes of a body up to which it is processed at once."""

LARGE = 2**20
"""Bytes of a body from which its decoding takes more than one slice."""


def finish(work: Sliced[T]) -> T:
    """Run a computation without a pause and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


async def interleave(work: Sliced[T], turn: asyncio.Lock) -> T:
    """Run a computation with a pause after each slice, in which other tasks run and the caller can be cancelled.

    Args:
        work: the computation.
        turn: held from the second slice on. If many computations share it, other tasks wait for one slice and not for
            one of each.
    """
    try:
        next(work)
        async with turn:
            while True:
                await asyncio.sleep(0)
                next(work)
    except StopIteration as end:
        result: T = end.value
        return result
