"""Giving back: two persons, never more than was paid, an unknown outcome keeps the amount reserved."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from payments.core.refusals import Conflict, NotFound
from payments.store.attempts import get_attempt
from payments.store.database import transaction
from payments.store.tables import attempts, ledger_chains, payments, refunds
from payments.use_cases.refund_payment import approve_refund, reject_refund, request_refund
from payments.use_cases.send_refund import LONGEST_SENDING, send_refund
from providers.protocol import Reply, Request
from tests.gateway import PORTAL, Installation, make_installation
from tests.use_cases.money import (
    bring,
    check_books,
    counts,
    open_bank_page,
    reference_in,
    rows,
    shown,
    troubles,
)

CLERK, OFFICER = "user:clerk", "user:officer"


def paid(installation: Installation, dossier_code: str = "HS-1") -> tuple[str, str]:
    """A settled payment and the notice that told of it."""
    request = installation.request_payment(dossier_code=dossier_code)
    url = open_bank_page(installation, request)
    installation.bank.choose(url, "pay")
    query = installation.bank.notices[-1]
    bring(installation, query)
    payment = shown(installation, request).settled_payment
    assert payment is not None
    return payment.id, query


def state_of(engine: Engine, reference: str) -> str:
    return next(str(row.state) for row in rows(engine, "refunds") if row.reference == reference)


def reserved(engine: Engine, payment_id: str) -> int:
    return next(int(row.refunded_dong) for row in rows(engine, "payments") if row.id == payment_id)


def test_a_refund_goes_from_one_person_over_another_to_the_bank(
    installation: Installation, engine: Engine
) -> None:
    payment_id, _ = paid(installation)
    reference = request_refund(installation.gateway, payment_id, 2_000, "nộp thừa", CLERK, PORTAL)
    assert reserved(engine, payment_id) == 2_000
    approve_refund(installation.gateway, reference, OFFICER)
    check_books(engine)
    assert [row.subject for row in rows(engine, "jobs") if row.kind == "send_refund"] == [reference]
    send_refund(installation.gateway, reference)
    assert state_of(engine, reference) in ("done", "sent")
    assert reserved(engine, payment_id) == 2_000
    assert counts(engine)["paid"] == 1
    check_books(engine)


def test_T11_an_old_callback_replayed_after_a_refund_changes_nothing(
    installation: Installation, engine: Engine
) -> None:
    payment_id, query = paid(installation)
    reference = request_refund(installation.gateway, payment_id, 5_000, "rút hồ sơ", CLERK)
    approve_refund(installation.gateway, reference, OFFICER)
    send_refund(installation.gateway, reference)
    before = (counts(engine), state_of(engine, reference), len(rows(engine, "transfers")))
    assert bring(installation, query)[0].decision == "repeated"
    assert (counts(engine), state_of(engine, reference), len(rows(engine, "transfers"))) == before
    check_books(engine)


def test_together_refunds_never_exceed_what_was_paid(installation: Installation, engine: Engine) -> None:
    payment_id, _ = paid(installation)

    def one(_: int) -> str:
        try:
            request_refund(installation.gateway, payment_id, 1_500, "thử", CLERK)
        except Conflict as refused:
            return refused.code
        return "taken"

    with ThreadPoolExecutor(10) as pool:
        assert Counter(pool.map(one, range(20))) == {"taken": 3, "refund_above_paid": 17}
    assert reserved(engine, payment_id) == 4_500
    check_books(engine)


def test_T23_two_approvals_at_once_take_no_more_from_a_collector_than_it_was_given(
    installation: Installation, engine: Engine
) -> None:
    payment_id, _ = paid(installation)
    # 5.000 đ are shared in halves; each of these alone takes its odd đồng from the same half.
    references = [
        request_refund(installation.gateway, payment_id, amount_dong, "thử", CLERK)
        for amount_dong in (4_999, 1)
    ]
    with ThreadPoolExecutor(2) as pool:
        with transaction(engine) as connection:
            # Both approvals come as far as they can before either books anything.
            connection.execute(select(ledger_chains).with_for_update())
            approvals = [
                pool.submit(approve_refund, installation.gateway, reference, OFFICER)
                for reference in references
            ]
            wait(approvals, timeout=0.5)
        for approval in approvals:
            approval.result(timeout=20)
    check_books(engine)


@pytest.mark.parametrize("amount_dong", [0, -1, 5_001])
def test_an_amount_that_is_not_there_cannot_be_given_back(
    installation: Installation, amount_dong: int
) -> None:
    payment_id, _ = paid(installation)
    with pytest.raises(Conflict):
        request_refund(installation.gateway, payment_id, amount_dong, "thử", CLERK)


def test_another_portals_payment_does_not_exist(installation: Installation) -> None:
    payment_id, _ = paid(installation)
    with pytest.raises(NotFound):
        request_refund(installation.gateway, payment_id, 1, "thử", CLERK, "other-portal")


def test_who_asks_may_not_approve_not_even_in_the_database(
    installation: Installation, engine: Engine
) -> None:
    payment_id, _ = paid(installation)
    reference = request_refund(installation.gateway, payment_id, 1_000, "thử", OFFICER)
    with pytest.raises(Conflict) as refused:
        approve_refund(installation.gateway, reference, OFFICER)
    assert refused.value.code == "same_person"
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(
            update(refunds)
            .where(refunds.c.reference == reference)
            .values(approved_by=OFFICER, state="approved")
        )


def test_the_database_itself_refuses_to_give_back_more_than_was_paid(
    installation: Installation, engine: Engine
) -> None:
    payment_id, _ = paid(installation)
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(update(payments).where(payments.c.id == payment_id).values(refunded_dong=5_001))


def test_a_rejected_refund_frees_its_amount(installation: Installation, engine: Engine) -> None:
    payment_id, _ = paid(installation)
    reference = request_refund(installation.gateway, payment_id, 5_000, "thử", CLERK)
    reject_refund(installation.gateway, reference, OFFICER, "không có căn cứ")
    assert (state_of(engine, reference), reserved(engine, payment_id)) == ("rejected", 0)
    with pytest.raises(Conflict) as refused:
        approve_refund(installation.gateway, reference, OFFICER)
    assert refused.value.code == "refund_not_waiting"
    check_books(engine)


def test_an_unclear_answer_keeps_the_amount_reserved_and_is_never_sent_again(engine: Engine) -> None:
    asked: list[Request] = []

    def silent(account_code: str, request: Request) -> Reply:
        asked.append(request)
        return Reply(500, {}, b"") if b"refund" in request.body else other.bank.send(account_code, request)

    other = make_installation(engine)
    installation = make_installation(engine, clock=other.clock, send=silent)
    payment_id, _ = paid(other)
    reference = request_refund(installation.gateway, payment_id, 5_000, "thử", CLERK)
    approve_refund(installation.gateway, reference, OFFICER)
    send_refund(installation.gateway, reference)
    assert (state_of(engine, reference), reserved(engine, payment_id)) == ("unknown", 5_000)
    assert troubles(engine) == ["refund_unknown"]
    # A second request could give the money back twice, so the bank is only asked, whatever brings the job again.
    send_refund(installation.gateway, reference)
    commands = [json.loads(request.body)["vnp_Command"] for request in asked]
    assert (commands.count("refund"), commands[-1]) == (1, "querydr")
    assert state_of(engine, reference) == "unknown"
    check_books(engine)


def test_a_refused_refund_gives_the_amount_back_to_the_payment(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    # The bank itself has no success on record for this order, so it refuses to give anything back.
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    payment = shown(installation, request).settled_payment
    assert payment is not None
    reference = request_refund(installation.gateway, payment.id, 5_000, "thử", CLERK)
    approve_refund(installation.gateway, reference, OFFICER)
    send_refund(installation.gateway, reference)
    assert (state_of(engine, reference), reserved(engine, payment.id)) == ("failed", 0)
    last = rows(engine, "events")[-1]
    assert last.type == "refund.failed"
    assert last.data["refund"] == {"reference": reference, "amount_dong": 5_000, "state": "failed"}
    check_books(engine)


def test_a_run_that_died_while_sending_does_not_send_again(
    installation: Installation, engine: Engine
) -> None:
    payment_id, _ = paid(installation)
    reference = request_refund(installation.gateway, payment_id, 5_000, "thử", CLERK)
    approve_refund(installation.gateway, reference, OFFICER)
    sent_at = installation.clock()
    with transaction(engine) as connection:
        connection.execute(update(refunds).values(state="sent", sent_at=sent_at))
    before = len(installation.bank.requests)
    # It may be that the other run is still waiting for its answer.
    assert send_refund(installation.gateway, reference) == sent_at + LONGEST_SENDING
    assert state_of(engine, reference) == "sent"
    installation.clock.moment = sent_at + LONGEST_SENDING
    send_refund(installation.gateway, reference)
    assert (state_of(engine, reference), len(installation.bank.requests)) == ("unknown", before)
    assert troubles(engine) == ["refund_unknown"]
    check_books(engine)


def test_what_goes_back_is_the_very_sum_that_the_refund_names(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, vnp_TransactionNo="14100001"))
    bring(installation, installation.bank.notice(url, vnp_TransactionNo="14100002"))
    (proposal,) = rows(engine, "refunds")
    approve_refund(installation.gateway, proposal.reference, OFFICER)
    send_refund(installation.gateway, proposal.reference)
    sent = json.loads(installation.bank.requests[-1].body)
    assert (sent["vnp_TransactionNo"], sent["vnp_TransactionType"]) == ("14100002", "02")
    check_books(engine)


def test_too_much_money_can_be_given_back_whole(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, vnp_Amount="600000"))
    (held,) = shown(installation, request).held_payments
    reference = request_refund(installation.gateway, held.id, 6_000, "thừa", CLERK)
    approve_refund(installation.gateway, reference, OFFICER)
    send_refund(installation.gateway, reference)
    sent = json.loads(installation.bank.requests[-1].body)
    assert (str(sent["vnp_Amount"]), sent["vnp_TransactionType"]) == ("600000", "02")
    check_books(engine)


def test_money_of_an_unknown_attempt_is_returned_by_transfer_and_not_placed_once_promised(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    query = installation.bank.notice(url, vnp_TxnRef="TPNOTYETVISIBLE")
    bring(installation, query)
    (held,) = rows(engine, "payments")
    reference = request_refund(installation.gateway, held.id, 5_000, "không rõ", CLERK)
    with pytest.raises(Conflict) as refused:
        approve_refund(installation.gateway, reference, OFFICER)
    assert refused.value.code == "refund_by_transfer"
    with transaction(engine) as connection:
        known = get_attempt(connection, reference_in(url))
        columns = {column.name: getattr(known, column.name) for column in attempts.c}
        connection.execute(insert(attempts), {**columns, "reference": "TPNOTYETVISIBLE"})
    assert bring(installation, query)[0].decision == "repeated"
    assert shown(installation, request).state == "open"
    check_books(engine)
