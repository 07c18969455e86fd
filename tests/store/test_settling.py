"""The guards of the statements that settle: what is not as it was read is not overwritten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert, select, update

from payments.core.ledger import hold
from payments.store.attempts import get_attempt
from payments.store.database import reading, transaction
from payments.store.settling import (
    RaceLost,
    add_transfers,
    move_attempts,
    move_requests,
    place_payments,
)
from payments.store.tables import attempts, payment_requests, payments
from payments.use_cases.ask_provider import reconsider_notice
from payments.use_cases.views import PaymentRequestView
from tests.gateway import ACCOUNT, START, Installation
from tests.use_cases.money import bring, check_chains, open_bank_page, reference_in, rows

LONG_ENOUGH_TO_READ_SECONDS = 0.3


def settle(installation: Installation, dossier_code: str = "HS-PAID") -> PaymentRequestView:
    request = installation.request_payment(dossier_code=dossier_code)
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    return request


def states(engine: Engine) -> dict[str, str]:
    query = select(payment_requests.c.id, payment_requests.c.state)
    with reading(engine) as connection:
        return {row.id: row.state for row in connection.execute(query)}


@pytest.mark.parametrize("is_held", [False, True])
def test_money_that_is_settled_or_promised_back_is_not_placed(
    installation: Installation, engine: Engine, is_held: bool
) -> None:
    url = open_bank_page(installation, installation.request_payment())
    bring(installation, installation.bank.notice(url, **({"vnp_TxnRef": "TPUNKNOWN"} if is_held else {})))
    with transaction(engine) as connection:
        promised_dong = payments.c.amount_dong if is_held else 0
        connection.execute(update(payments).values(refunded_dong=promised_dong))
    before = rows(engine, "payments")
    other = installation.request_payment(dossier_code="HS-OTHER")
    placement = {
        "payment": before[0].id,
        "request": other.id,
        "attempt": reference_in(open_bank_page(installation, other)),
        "place": "settled",
        "why": "",
        "promised": 0,
    }
    with pytest.raises(RaceLost), transaction(engine) as connection:
        place_payments(connection, [placement])
    assert rows(engine, "payments") == before


def test_released_money_belongs_to_its_attempt_and_request(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, vnp_TxnRef="TPLATE"))
    assert [row.attempt_reference for row in rows(engine, "payments")] == [None]
    with transaction(engine) as connection:
        known = get_attempt(connection, reference_in(url))
        columns = {column.name: getattr(known, column.name) for column in attempts.c}
        connection.execute(insert(attempts), {**columns, "reference": "TPLATE"})
    reconsider_notice(installation.gateway, rows(engine, "notices")[0].id)
    (payment,) = rows(engine, "payments")
    assert (payment.attempt_reference, payment.request_id) == ("TPLATE", request.id)
    assert (payment.disposition, payment.reason) == ("settled", "")


def test_an_attempt_keeps_the_number_it_has_when_a_message_brings_none(
    installation: Installation, engine: Engine
) -> None:
    reference = reference_in(open_bank_page(installation, installation.request_payment()))
    numbers = []
    for number in ("14100001", "", "14100002"):
        move = {
            "attempt": reference,
            "new_state": "failed",
            "ended": START,
            "answer": "24/02",
            "number": number,
        }
        with transaction(engine) as connection:
            move_attempts(connection, [move])
            numbers.append(get_attempt(connection, reference).provider_reference)
    assert numbers == ["14100001", "14100001", "14100002"]


def test_a_request_that_moved_meanwhile_undoes_the_whole_batch(
    installation: Installation, engine: Engine
) -> None:
    still_open, moved = (installation.request_payment(dossier_code=code) for code in ("HS-1", "HS-2"))
    with transaction(engine) as connection:
        connection.execute(
            update(payment_requests)
            .where(payment_requests.c.id == moved.id)
            .values(state="cancelled", ended_at=START)
        )
    moves = [
        {"request": request.id, "old_state": "open", "new_state": "paid", "ended": START}
        for request in (still_open, moved)
    ]
    with pytest.raises(RaceLost), transaction(engine) as connection:
        move_requests(connection, moves)
    assert states(engine) == {still_open.id: "open", moved.id: "cancelled"}
    with transaction(engine) as connection:
        move_requests(connection, moves[:1])
    assert states(engine) == {still_open.id: "paid", moved.id: "cancelled"}


def test_two_writers_of_one_chain_queue_and_never_take_the_same_position(
    installation: Installation, engine: Engine
) -> None:
    settle(installation)
    (payment,) = rows(engine, "payments")
    before = len(rows(engine, "transfers"))

    def write() -> None:
        with transaction(engine) as connection:
            add_transfers(connection, moved, START)

    moved = [(ACCOUNT, payment.id, transfer, None) for transfer in hold(ACCOUNT, 1_000)]
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as connection:
            add_transfers(connection, moved, START)
            second = pool.submit(write)
            with pytest.raises(TimeoutError):
                second.result(LONG_ENOUGH_TO_READ_SECONDS)
        second.result()
    assert len(rows(engine, "transfers")) == before + 2
    check_chains(engine)
