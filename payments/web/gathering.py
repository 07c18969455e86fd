"""Gather the notices that wait and apply them together.

While one transaction commits, further callbacks arrive; whatever has queued by then goes into the next one. Nobody
waits for company: a lone notice is taken at once. Each caller gets its own outcome, after the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread

from payments.use_cases.take_notice import Arrival, Outcome

MOST_PER_BATCH = 256
MOST_WAITING = 10_000
QUIET_TURNS = 2  # a turn of the loop reads a request, the next one verifies it

Take = Callable[[Sequence[Arrival]], list[Outcome]]
Waiting = tuple[Arrival, "asyncio.Future[Outcome]"]


class TooManyWaiting(Exception):
    """More notices wait than this process should hold; the provider is told to call again."""


class Unanswered(Exception):
    """The flusher cannot say what became of a notice; the provider is told nothing and calls again."""


class Gathering:
    """One flusher per process, with a database connection's worth of work at a time."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._queue: asyncio.Queue[Waiting] = asyncio.Queue(MOST_WAITING)
        self._own_thread = anyio.CapacityLimiter(1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the flusher while the block lasts; what still waits at the end is applied first."""
        task = asyncio.create_task(self._flush_for_ever())
        try:
            yield
        finally:
            try:
                await self._queue.join()
            finally:
                task.cancel()

    async def submit(self, arrival: Arrival) -> Outcome:
        """Apply ``arrival`` with whatever else waits. Raises TooManyWaiting when the queue is full."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((arrival, answer))
        except asyncio.QueueFull:
            raise TooManyWaiting from None
        return await answer

    async def _flush_for_ever(self) -> None:
        while True:
            batch = [await self._queue.get()]
            await self._let_arrive()
            while len(batch) < MOST_PER_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._flush(batch)

    async def _let_arrive(self) -> None:
        """Let the loop take in what has reached this process already; ends once QUIET_TURNS bring nothing more.

        Callers whose answers were sent together come back together: without this the first of them would be a batch
        of its own, with all others waiting for it.
        """
        seen, quiet = self._queue.qsize(), 0
        while quiet < QUIET_TURNS and seen < MOST_PER_BATCH:
            await asyncio.sleep(0)
            quiet = quiet + 1 if self._queue.qsize() == seen else 0
            seen = self._queue.qsize()

    async def _flush(self, batch: list[Waiting]) -> None:
        try:
            outcomes = await anyio.to_thread.run_sync(
                self._take, [arrival for arrival, _ in batch], limiter=self._own_thread
            )
            _answer(batch, outcomes)
        except Exception as fault:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            _give_up(batch, fault)
        finally:
            # Only where the flusher itself is being ended does anybody still wait here.
            _give_up(batch, Unanswered("the flusher was ended"))
            for _ in batch:
                self._queue.task_done()


def _answer(batch: list[Waiting], outcomes: Sequence[Outcome]) -> None:
    # Compared first: with one missing, each of the others could be somebody else's.
    if len(outcomes) != len(batch):
        raise Unanswered(f"{len(batch)} notices were taken, {len(outcomes)} outcomes came back")
    for (_, answer), outcome in zip(batch, outcomes, strict=True):
        if not answer.done():
            answer.set_result(outcome)


def _give_up(batch: list[Waiting], fault: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(fault)
