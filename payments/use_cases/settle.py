"""Carry out a batch of decisions inside one transaction: states, books, receipts, events and jobs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from payments.core.decide import DOUBTS, Trouble
from payments.core.ledger import Transfer, collect, hold, release
from payments.core.references import lookup_code, refund_reference, sortable
from payments.store import audit, settling
from payments.store.agencies import find_agencies
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.receipts import OpenBook, add_receipts, lock_books
from payments.store.refunds import add_refunds
from payments.store.requests import shares_of
from payments.use_cases.announce import announce
from payments.use_cases.effects import SYSTEM, Effects, Settlement
from payments.use_cases.gateway import Gateway
from payments.use_cases.receipt_content import FORM_CODE, lines_by_collector, write_receipt
from receipts.document import CHAIN_START, Receipt, chain_digest, serial_for, vietnam_date


def write_effects(gateway: Gateway, connection: Connection, effects: Effects) -> None:
    """Write everything that ``effects`` collected.

    Locks are taken in one order everywhere: requests, attempts and payments (already held), receipt books, ledger
    chains, portals, jobs.
    """
    now = effects.now
    settling.add_payments(connection, effects.payments)
    settling.place_payments(connection, effects.placements)
    settling.move_attempts(connection, list(effects.attempts.values()))
    settling.move_requests(connection, effects.requests)
    lines = settling.lines_to_settle(connection, [item.request_id for item in effects.settlements])
    _issue_receipts(gateway, connection, effects, lines)
    settling.add_transfers(connection, _transfers(effects, lines), now)
    settling.close_placed(connection, [row["payment"] for row in effects.placements], now)
    found = [{"id": "di_" + sortable(now, gateway.draw), **row} for row in effects.discrepancies]
    settling.add_discrepancies(connection, found)
    settling.close_healed(connection, effects.answered_attempts, DOUBTS, now)
    settling.close_healed(connection, effects.lapsed_attempts, (Trouble.UNKNOWN_CODE,), now)
    _propose_refunds(gateway, connection, effects)
    announce(connection, effects.announcements, now, gateway.draw)
    enqueue(connection, effects.jobs, now)
    audit.note(connection, effects.audit, now)


def _transfers(
    effects: Effects, lines: Mapping[str, Sequence[Any]]
) -> list[tuple[str, str, Transfer, str | None]]:
    moved: list[tuple[str, str, Transfer, str | None]] = []
    for item in effects.settlements:
        book = release if item.released else collect
        for transfer in book(item.account_code, shares_of(lines[item.request_id])):
            moved.append((item.account_code, item.payment_id, transfer, None))
    for held in effects.held:
        for transfer in hold(held.account_code, held.amount_dong):
            moved.append((held.account_code, held.payment_id, transfer, None))
    return moved


def _issue_receipts(
    gateway: Gateway, connection: Connection, effects: Effects, lines: Mapping[str, Sequence[Any]]
) -> None:
    wanted = [
        (item, code, group)
        for item in effects.settlements
        for code, group in lines_by_collector([line._mapping for line in lines[item.request_id]]).items()
    ]
    if not wanted:
        return
    now = effects.now
    requests = settling.requests_to_settle(connection, [item.request_id for item, _, _ in wanted])
    codes = {code for _, code, _ in wanted}
    collectors = find_agencies(connection, codes)
    day = vietnam_date(now)
    books = lock_books(connection, codes, FORM_CODE, serial_for(day), day.year, CHAIN_START)
    rows = []
    for item, code, group in wanted:
        receipt = write_receipt(
            requests[item.request_id]._mapping,
            group,
            collectors[code]._mapping,
            number=books[code].next_number,
            issued_at=now,
            lookup_code=lookup_code(gateway.draw),
            public_url=gateway.public_url,
            payment_method=_method(gateway, item),
            provider_reference=item.provider_reference,
        )
        rows.append(_receipt_row(gateway, item, code, receipt, books[code], effects))
    add_receipts(connection, rows, books.values())
    effects.jobs += [Job(JobKind.RENDER_RECEIPT, row["id"], now) for row in rows]


def _method(gateway: Gateway, item: Settlement) -> str:
    title = gateway.account(item.account_code).provider.title
    return f"{title} ({item.method})" if item.method else title


def _receipt_row(
    gateway: Gateway, item: Settlement, code: str, receipt: Receipt, book: OpenBook, effects: Effects
) -> dict[str, Any]:
    book.last_digest = chain_digest(book.last_digest, receipt)
    book.next_number += 1
    return {
        "id": "rc_" + sortable(effects.now, gateway.draw),
        "book_id": book.id,
        "number": receipt.number,
        "payment_id": item.payment_id,
        "request_id": item.request_id,
        "agency_code": code,
        "state": "issued",
        "lookup_code": receipt.lookup_code,
        "total_dong": receipt.total_dong,
        "content": receipt.to_dict(),
        "digest": book.last_digest,
        "issued_at": effects.now,
    }


def _propose_refunds(gateway: Gateway, connection: Connection, effects: Effects) -> None:
    """Propose to give back what was paid twice or for nothing; an officer decides."""
    add_refunds(
        connection,
        [
            {
                **proposal,
                "reference": refund_reference(effects.now, gateway.draw),
                "state": "requested",
                "requested_by": SYSTEM,
                "requested_at": effects.now,
            }
            for proposal in effects.proposals
        ],
    )
