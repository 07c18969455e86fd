"""What settling writes around the money: closed doubts, the audit log, and what the receipt says of the payment."""

from __future__ import annotations

from sqlalchemy import Engine, select

from payments.store.database import reading
from payments.store.tables import audit_log
from tests.gateway import Installation
from tests.use_cases.money import bring, open_bank_page, rows, troubles

REVIEW = {"vnp_ResponseCode": "07", "vnp_TransactionStatus": "07"}
NEVER_SEEN = {"vnp_ResponseCode": "77", "vnp_TransactionStatus": "77"}


def test_a_clear_answer_closes_the_doubts_about_its_attempt_and_no_others(
    installation: Installation, engine: Engine
) -> None:
    mine, another = (
        open_bank_page(installation, installation.request_payment(dossier_code=code)) for code in ("A", "B")
    )
    for unclear in (REVIEW, NEVER_SEEN):
        bring(installation, *(installation.bank.notice(url, **unclear) for url in (mine, another)))
    assert troubles(engine) == ["review", "review", "unknown_code", "unknown_code"]
    closed_at = installation.clock.advance(minutes=1)
    bring(installation, installation.bank.notice(mine))
    assert troubles(engine) == ["review", "unknown_code"]
    closed = [row for row in rows(engine, "discrepancies") if row.state == "closed"]
    assert {(row.resolution, row.closed_at) for row in closed} == {("answered_by_provider", closed_at)}


def test_a_settlement_is_noted_in_the_audit_log(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment()
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    with reading(engine) as connection:
        query = select(audit_log.c.action).where(audit_log.c.subject == request.id)
        assert "settled" in connection.execute(query).scalars().all()


def test_a_receipt_names_the_bank_and_its_number(installation: Installation, engine: Engine) -> None:
    url = open_bank_page(installation, installation.request_payment())
    bring(installation, installation.bank.notice(url, vnp_TransactionNo="14109876"))
    (receipt,) = rows(engine, "receipts")
    assert receipt.content["payment_method"] == "VNPAY (NCB ATM)"
    assert receipt.content["provider_reference"] == "14109876"
