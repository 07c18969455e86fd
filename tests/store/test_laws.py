"""The laws of money that the database keeps by itself, whoever writes to it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from payments.core.lifecycle import (
    ATTEMPT,
    RECEIPT,
    REFUND,
    REQUEST,
    AttemptState,
    Edge,
    ReceiptState,
    RefundState,
    RequestState,
)
from payments.store.database import reading, transaction
from payments.store.tables import (
    attempts,
    ledger_chains,
    payment_requests,
    payments,
    receipt_books,
    receipts,
    refunds,
)
from payments.use_cases.refund_payment import approve_refund, reject_refund, request_refund
from tests.gateway import Installation
from tests.use_cases.money import bring, open_bank_page, rows, shown

STATES: dict[str, tuple[Table, Mapping[Any, Edge[Any]], Any]] = {
    "request": (payment_requests, REQUEST, RequestState),
    "attempt": (attempts, ATTEMPT, AttemptState),
    "refund": (refunds, REFUND, RefundState),
    "receipt": (receipts, RECEIPT, ReceiptState),
}


@pytest.fixture
def refund(installation: Installation) -> str:
    """A refund of 2.000 đ asked for of a settled payment of 5.000 đ."""
    request = installation.request_payment()
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    payment = shown(installation, request).settled_payment
    assert payment is not None
    return request_refund(installation.gateway, payment.id, 2_000, "thử", "user:clerk")


def why_refused(connection: Connection, statement: Any) -> str:
    """What the database says when it refuses ``statement``; empty when it takes it."""
    try:
        connection.execute(statement)
    except IntegrityError as error:
        return str(error.orig)
    return ""


def refused(engine: Engine, statement: Any) -> bool:
    """Whether the database refuses ``statement``; nothing of it stays."""
    with engine.connect() as connection, connection.begin() as begun:
        why = why_refused(connection, statement)
        begun.rollback()
    return bool(why)


def columns_of(engine: Engine, table: Table) -> dict[str, Any]:
    with reading(engine) as connection:
        return dict(connection.execute(select(table)).one()._mapping)


@pytest.mark.parametrize("thing", STATES)
def test_states_go_only_the_ways_of_their_tables(
    thing: str, installation: Installation, engine: Engine, refund: str
) -> None:
    table, ways, states = STATES[thing]
    edges = {(str(state), str(edge.to)) for (state, _), edge in ways.items()}
    found = set()
    for was, to in product(map(str, states), repeat=2):
        if was != to and not _moving_is_refused(engine, table, was, to):
            found.add((was, to))
    assert found == {(was, to) for was, to in edges if was != to}


def _moving_is_refused(engine: Engine, table: Table, was: str, to: str) -> bool:
    """Put the one row of ``table`` into ``was`` with the law suspended, then try to move it on."""
    with engine.connect() as connection, connection.begin() as begun:
        _suspend_the_ways(connection, table)
        connection.execute(update(table).values(_in_state(table, was)))
        _restore_the_ways(connection, table)
        why = why_refused(connection, update(table).values(_in_state(table, to)))
        begun.rollback()
    assert not why or "there is no such way between states" in why
    return bool(why)


def _in_state(table: Table, state: str) -> dict[str, Any]:
    """The state and what else a row in it must have."""
    if table is payment_requests:
        return {"state": state, "ended_at": None if state == "open" else table.c.created_at}
    return {"state": state, "approved_by": "user:officer"} if table is refunds else {"state": state}


def _suspend_the_ways(connection: Connection, table: Table) -> None:
    name = f"{table.name}_law_ways"
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER {name}"))
        return
    kept = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
    connection.info["law"] = kept.scalar_one()
    connection.execute(text(f"DROP TRIGGER {name}"))


def _restore_the_ways(connection: Connection, table: Table) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER {table.name}_law_ways"))
        return
    connection.exec_driver_sql(connection.info["law"])


def test_refunds_together_never_exceed_what_was_paid_whoever_writes_them(engine: Engine, refund: str) -> None:
    row = columns_of(engine, refunds)
    for amount_dong in (1, 3_001, 999_999_999):
        assert refused(
            engine, insert(refunds).values({**row, "reference": "RF2", "amount_dong": amount_dong})
        )
    assert refused(engine, update(payments).values(refunded_dong=5_001))
    with transaction(engine) as connection:
        connection.execute(update(payments).values(refunded_dong=5_000))
        connection.execute(insert(refunds).values({**row, "reference": "RF2", "amount_dong": 3_000}))
    assert refused(engine, insert(refunds).values({**row, "reference": "RF3", "amount_dong": 1}))


def test_what_is_reserved_never_falls_below_the_live_refunds(
    installation: Installation, engine: Engine, refund: str
) -> None:
    assert refused(engine, update(payments).values(refunded_dong=0))
    assert refused(engine, update(payments).values(refunded_dong=1_999))
    reject_refund(installation.gateway, refund, "user:officer", "không")
    assert rows(engine, "payments")[0].refunded_dong == 0


def test_a_payment_that_settled_stays_settled_and_where_it_is(engine: Engine, refund: str) -> None:
    assert refused(engine, update(payments).values(disposition="suspense"))
    assert refused(engine, update(payments).values(request_id=None))
    assert refused(engine, update(payments).values(attempt_reference=None))


def test_a_request_is_paid_once_and_for_all(engine: Engine, refund: str) -> None:
    for state in ("open", "cancelled", "expired"):
        assert refused(engine, update(payment_requests).values(state=state))
    row = columns_of(engine, payments)
    second = {**row, "id": "pm_2", "money_key": "another"}
    assert refused(engine, insert(payments).values(second))


def test_who_approved_and_who_ended_a_refund_stays_written(
    installation: Installation, engine: Engine, refund: str
) -> None:
    approve_refund(installation.gateway, refund, "user:officer")
    assert refused(engine, update(refunds).values(approved_by="user:another"))
    by_hand = {"state": "failed", "ended_by": "user:officer", "evidence": "sao kê"}
    assert refused(engine, update(refunds).values({**by_hand, "ended_by": "user:clerk"}))
    assert refused(engine, update(refunds).values({**by_hand, "evidence": ""}))
    assert refused(engine, update(refunds).values({**by_hand, "state": "sent"}))
    with transaction(engine) as connection:
        connection.execute(update(refunds).values(by_hand))
    assert refused(engine, update(refunds).values(ended_by="user:another"))


@pytest.mark.parametrize("next_position", [1, 2, 3, 4, 100])
def test_the_head_of_a_chain_goes_only_forward_to_its_last_transfer(
    engine: Engine, refund: str, next_position: int
) -> None:
    head = columns_of(engine, ledger_chains)
    assert head["next_position"] == 3
    moved = update(ledger_chains).values(next_position=next_position)
    assert refused(engine, moved) == (next_position != 3)
    assert refused(engine, update(ledger_chains).values(last_digest="0" * 64))
    assert refused(engine, delete(ledger_chains))


def test_numbers_of_receipts_only_go_forward(engine: Engine, refund: str) -> None:
    assert refused(engine, update(receipt_books).values(next_number=1))
    assert refused(engine, update(receipt_books).values(last_digest="0" * 64))
    assert refused(engine, delete(receipt_books))
