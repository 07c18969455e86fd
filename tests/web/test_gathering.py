"""Whoever waits for a gathered notice hears of it, and no fault ends the one who applies them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from payments.core.decide import Source
from payments.use_cases.take_notice import Arrival, Outcome
from payments.web.gathering import Gathering, Take, Unanswered
from providers.protocol import Acknowledgement, Incoming

PATIENCE_SECONDS = 5


def arrival(number: int) -> Arrival:
    return Arrival("vnpay", Source.CALLBACK, Incoming("GET", f"number={number}", {}, b""))


def outcome(arrived: Arrival) -> Outcome:
    return Outcome(Acknowledgement.RECORDED, arrived.incoming.query_string)


def take_all(arrivals: Sequence[Arrival]) -> list[Outcome]:
    return [outcome(arrived) for arrived in arrivals]


class FirstTime:
    """Takes one notice in the way it is told, and all later ones as it should."""

    def __init__(self, first: Take) -> None:
        self._takes = iter([first])

    def __call__(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        return next(self._takes, take_all)(arrivals)


def break_down(_arrivals: Sequence[Arrival]) -> list[Outcome]:
    raise LookupError("the database is away")


def too_few(arrivals: Sequence[Arrival]) -> list[Outcome]:
    return take_all(arrivals)[1:]


def too_many(arrivals: Sequence[Arrival]) -> list[Outcome]:
    return take_all([*arrivals, *arrivals])


def submit_twice(first: Take, at_once: int) -> tuple[list[Outcome | BaseException], Outcome]:
    """What ``at_once`` notices together are told, taken by ``first``, and then one more."""

    async def run() -> tuple[list[Outcome | BaseException], Outcome]:
        gathering = Gathering(FirstTime(first))
        async with asyncio.timeout(PATIENCE_SECONDS), gathering.running():
            told = await asyncio.gather(
                *(gathering.submit(arrival(number)) for number in range(at_once)), return_exceptions=True
            )
            return told, await gathering.submit(arrival(99))

    return asyncio.run(run())


def test_each_caller_gets_its_own_outcome() -> None:
    told, last = submit_twice(take_all, 20)
    assert told == [outcome(arrival(number)) for number in range(20)]
    assert last == outcome(arrival(99))


@pytest.mark.parametrize(
    ("first", "fault"), [(break_down, LookupError), (too_few, Unanswered), (too_many, Unanswered)]
)
def test_a_fault_is_told_to_everybody_who_waits_and_the_next_is_served(
    first: Take, fault: type[Exception]
) -> None:
    told, last = submit_twice(first, 5)
    assert [type(each) for each in told] == [fault] * 5, "nobody gets an outcome that may be another's"
    assert last == outcome(arrival(99))


def test_whoever_waits_when_the_flusher_is_ended_is_told() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(arrivals: Sequence[Arrival]) -> list[Outcome]:
        begun.set()
        go_on.wait(PATIENCE_SECONDS)
        return take_all(arrivals)

    async def serve(gathering: Gathering) -> None:
        async with gathering.running():
            await asyncio.Event().wait()

    async def run() -> None:
        gathering = Gathering(slowly)
        serving = asyncio.create_task(serve(gathering))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(gathering.submit(arrival(1)))
        await asyncio.to_thread(begun.wait, PATIENCE_SECONDS)
        serving.cancel()
        await asyncio.sleep(0.05)
        serving.cancel()  # the second signal: it does not even wait for what is queued
        await asyncio.sleep(0.05)
        go_on.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(Unanswered):
                await waiting

    asyncio.run(run())


def test_who_arrives_in_the_same_moment_is_taken_together() -> None:
    """A request needs some turns of the loop from the socket to here, not each of them the same number."""
    batches: list[int] = []

    def take(arrivals: Sequence[Arrival]) -> list[Outcome]:
        batches.append(len(arrivals))
        return take_all(arrivals)

    async def run() -> None:
        gathering = Gathering(take)

        async def submit_after(turns: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await gathering.submit(arrival(turns))

        async with asyncio.timeout(PATIENCE_SECONDS), gathering.running():
            await asyncio.gather(*(submit_after(turns) for turns in range(20)))

    asyncio.run(run())
    assert batches == [20]
