"""What money tests have in common: paying, bringing notices, and reading what the books say."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Engine, func, select

from payments.core.decide import Source
from payments.core.ledger import FIRST_DIGEST, Transfer, TransferCode, link
from payments.store.attempts import get_attempt
from payments.store.database import reading
from payments.store.tables import (
    audit_log,
    discrepancies,
    events,
    jobs,
    ledger_chains,
    notices,
    payment_requests,
    payments,
    receipts,
    refunds,
    transfers,
)
from payments.use_cases.ask_provider import ask_provider
from payments.use_cases.read_requests import get_request
from payments.use_cases.start_checkout import start_checkout
from payments.use_cases.take_notice import Outcome, listen, take_notices
from payments.use_cases.views import PaymentRequestView
from tests.gateway import ACCOUNT, PAYER_ADDRESS, PORTAL, Installation, ipn

FAILED = {"vnp_ResponseCode": "24", "vnp_TransactionStatus": "02", "vnp_TransactionNo": "0"}
"""The fields of an IPN by which the payer has cancelled."""


def open_bank_page(installation: Installation, request: PaymentRequestView, account: str = ACCOUNT) -> str:
    """Start an attempt; the address of the bank's page."""
    return start_checkout(installation.gateway, installation.token(request), account, PAYER_ADDRESS, "vi")


def bring(
    installation: Installation, *query_strings: str, source: Source = Source.CALLBACK, account: str = ACCOUNT
) -> list[Outcome]:
    """Bring messages to the gateway, all in one batch."""
    gateway = installation.gateway
    return take_notices(gateway, [listen(gateway, account, source, ipn(query)) for query in query_strings])


def reference_in(pay_url: str) -> str:
    return pay_url.partition("vnp_TxnRef=")[2].partition("&")[0]


def shown(installation: Installation, request: PaymentRequestView) -> PaymentRequestView:
    return get_request(installation.gateway, PORTAL, request.id)


def attempt_state(engine: Engine, reference: str) -> str:
    with reading(engine) as connection:
        return str(get_attempt(connection, reference).state)


def rows(engine: Engine, table: str) -> list[Any]:
    """Every row of one of the tables that tests look into."""
    tables = {
        "audit_log": audit_log,
        "discrepancies": discrepancies,
        "events": events,
        "jobs": jobs,
        "notices": notices,
        "payments": payments,
        "receipts": receipts,
        "refunds": refunds,
        "transfers": transfers,
    }
    with reading(engine) as connection:
        return list(connection.execute(select(tables[table])).all())


def troubles(engine: Engine) -> list[str]:
    """The kinds of the open discrepancies."""
    return sorted(row.kind for row in rows(engine, "discrepancies") if row.state == "open")


def counts(engine: Engine) -> dict[str, int]:
    """How much of everything there is that must exist once."""
    with reading(engine) as connection:
        paid = select(func.count()).where(payment_requests.c.state == "paid")
        return {
            "paid": connection.scalar(paid) or 0,
            **{
                name: connection.scalar(select(func.count()).select_from(table)) or 0
                for name, table in (("payments", payments), ("receipts", receipts), ("events", events))
            },
        }


def balances(engine: Engine) -> Counter[str]:
    """Debits minus credits of every ledger account that is not even."""
    sums: Counter[str] = Counter()
    for row in rows(engine, "transfers"):
        sums[row.debit_account] += row.amount_dong
        sums[row.credit_account] -= row.amount_dong
    return Counter({account: balance for account, balance in sums.items() if balance})


def check_books(engine: Engine) -> None:
    """The laws of the books, whatever has happened.

    Every đồng that arrived is owed by its provider, less what was paid back; held money is in suspense, settled
    money is somebody's revenue; the chains hold; receipt numbers have no gap.
    """
    sums = balances(engine)
    arrived = rows(engine, "payments")
    given_back = sum(row.amount_dong for row in rows(engine, "refunds") if row.state == "done")
    promised = sum(
        row.amount_dong for row in rows(engine, "refunds") if row.state in ("approved", "sent", "unknown")
    )
    assert sum(sums.values()) == 0
    assert _family(sums, "receivable") == sum(row.amount_dong for row in arrived) - given_back
    assert -_family(sums, "refunds_payable") == promised
    held = sum(row.amount_dong for row in arrived if row.disposition == "suspense")
    held_refunds = _refunds_of(engine, "suspense")
    assert -_family(sums, "suspense") == held - held_refunds
    settled = sum(row.amount_dong for row in arrived if row.disposition == "settled")
    assert -_family(sums, "revenue") == settled - _refunds_of(engine, "settled")
    owed = {account: sum_ for account, sum_ in sums.items() if not account.startswith("receivable:")}
    assert all(balance <= 0 for balance in owed.values()), "no account gives more than it was given"
    check_chains(engine)
    numbers = sorted((row.book_id, row.number) for row in rows(engine, "receipts"))
    for book in {book for book, _ in numbers}:
        mine = [number for other, number in numbers if other == book]
        assert mine == list(range(1, len(mine) + 1))


def check_chains(engine: Engine) -> None:
    """Every row's digest follows from the row before it, and the head is the last."""
    heads: dict[str, tuple[int, str]] = {}
    for row in sorted(rows(engine, "transfers"), key=lambda row: (row.chain, row.position)):
        position, digest = heads.get(row.chain, (1, FIRST_DIGEST))
        transfer = Transfer(TransferCode(row.code), row.debit_account, row.credit_account, row.amount_dong)
        assert row.position == position
        assert row.digest == link(
            digest, position, transfer, row.payment_id, row.refund_reference or "", row.booked_at
        )
        heads[row.chain] = (position + 1, row.digest)
    with reading(engine) as connection:
        for head in connection.execute(select(ledger_chains)):
            assert (head.next_position, head.last_digest) == heads.get(head.account_code, (1, FIRST_DIGEST))


def _family(sums: Counter[str], family: str) -> int:
    return sum(balance for account, balance in sums.items() if account.startswith(f"{family}:"))


def _refunds_of(engine: Engine, disposition: str) -> int:
    of_payment = {row.id: row.disposition for row in rows(engine, "payments")}
    moved = ("approved", "sent", "unknown", "done")
    return sum(
        row.amount_dong
        for row in rows(engine, "refunds")
        if row.state in moved and of_payment[row.payment_id] == disposition
    )


def let_lapse(installation: Installation, url: str) -> None:
    """Let the payer's time at the bank pass and ask until the bank's "no" ends the attempt."""
    installation.clock.advance(minutes=30)
    assert ask_provider(installation.gateway, reference_in(url)) is None
