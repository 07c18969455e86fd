"""The tables of states: complete, reachable, and the same as the page that draws them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from payments.core.lifecycle import (
    ATTEMPT,
    RECEIPT,
    REFUND,
    REQUEST,
    AttemptEvent,
    AttemptState,
    Edge,
    ForbiddenTransition,
    ReceiptEvent,
    ReceiptState,
    RefundEvent,
    RefundState,
    RequestEvent,
    RequestState,
    allows,
    follow,
)

Table = Mapping[Any, Edge[Any]]

TABLES: dict[str, tuple[Table, Collection[Any], Collection[Any], Any]] = {
    "Payment request": (REQUEST, list(RequestState), list(RequestEvent), RequestState.OPEN),
    "Attempt": (ATTEMPT, list(AttemptState), list(AttemptEvent), AttemptState.CREATED),
    "Refund": (REFUND, list(RefundState), list(RefundEvent), RefundState.REQUESTED),
    "Receipt": (RECEIPT, list(ReceiptState), list(ReceiptEvent), ReceiptState.ISSUED),
}
named = pytest.mark.parametrize("title", TABLES)
PAGE = (Path(__file__).parents[2] / "docs" / "states.md").read_text(encoding="utf-8")


@named
def test_every_pair_of_state_and_event_either_has_an_edge_or_is_refused(title: str) -> None:
    table, states, events, _ = TABLES[title]
    for state in states:
        for event in events:
            assert allows(table, state, event) == ((state, event) in table)
            if (state, event) in table:
                assert follow(table, state, event) == table[state, event]
            else:
                with pytest.raises(ForbiddenTransition):
                    follow(table, state, event)


@named
def test_every_state_can_be_reached_and_every_event_leads_somewhere(title: str) -> None:
    table, states, events, first = TABLES[title]
    reached = {first}
    for _ in states:
        reached |= {edge.to for (state, _event), edge in table.items() if state in reached}
    assert reached == set(states)
    assert {event for _, event in table} == set(events)


@named
def test_the_page_lists_and_draws_the_same_edges(title: str) -> None:
    table, _, _, first = TABLES[title]
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| (\w+) \| (\w+) \| (\w+) \| ([\w.–]+) \|$", section, re.MULTILINE)
    drawn = re.findall(r"^    (\w+) --> (\w+): (\w+)$", section, re.MULTILINE)
    assert listed == [
        (str(state), str(event), str(edge.to), edge.announces or "–")
        for (state, event), edge in table.items()
    ]
    assert drawn == [(str(state), str(edge.to), str(event)) for (state, event), edge in table.items()]
    assert f"    [*] --> {first}\n" in section


def test_a_paid_request_has_no_way_out() -> None:
    assert not [event for state, event in REQUEST if state is RequestState.PAID]


def test_an_attempt_that_is_paid_has_no_way_out() -> None:
    assert not [event for state, event in ATTEMPT if state is AttemptState.PAID]


def test_only_what_changes_a_dossier_is_announced() -> None:
    announced = {edge.announces for table, *_ in TABLES.values() for edge in table.values()} - {""}
    assert announced == {
        "payment_request.paid",
        "payment_request.cancelled",
        "payment_request.expired",
        "refund.done",
        "refund.failed",
        "receipt.replaced",
    }
