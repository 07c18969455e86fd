"""A portal asks that a dossier's fee be paid.

The fee is computed and fixed with its trace; the answer carries the link that the citizen opens. Where nothing is
due (exempt, not payable, zero by rule) the request ends at once and the dossier may go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from payments.core.fees.quote import Quote
from payments.core.ledger import Share, share_accounts
from payments.core.lifecycle import REQUEST, RequestEvent, RequestState, follow
from payments.core.money import MOST_DONG
from payments.core.references import checkout_token, request_id
from payments.core.refusals import Invalid, Problem
from payments.store import audit
from payments.store.agencies import open_ledger_accounts
from payments.store.database import reading, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.requests import add_request, find_request
from payments.use_cases import price as pricing
from payments.use_cases.announce import Announcement, announce
from payments.use_cases.gateway import Gateway
from payments.use_cases.once import first_answer, keep_answer
from payments.use_cases.receipt_content import check_receipts_possible
from payments.use_cases.show_request import picture
from payments.use_cases.views import PaymentRequestView
from payments.use_cases.wishes import FeeWish, Idempotency, Wish


def quote_fee(gateway: Gateway, wish: FeeWish) -> Quote:
    """What a case would cost today; nothing is stored."""
    with reading(gateway.engine) as connection:
        return pricing.quote_fee(gateway, connection, wish, gateway.now())[0]


def request_payment(
    gateway: Gateway, portal_code: str, wish: Wish, key: Idempotency | None = None
) -> PaymentRequestView:
    """Make a payment request, once per idempotency key.

    Raises Invalid when the wish cannot be priced, and Conflict when the key was used with another body.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        earlier = first_answer(connection, portal_code, key, now)
        if earlier is not None:
            return _view(gateway, connection, portal_code, earlier["request_id"])
        made = _make(gateway, connection, portal_code, wish, now)
        keep_answer(connection, portal_code, key, {"request_id": made})
        return _view(gateway, connection, portal_code, made)


def _make(gateway: Gateway, connection: Connection, portal_code: str, wish: Wish, now: datetime) -> str:
    priced = pricing.price(gateway, connection, wish.what, now)
    if priced.amount_dong > MOST_DONG:
        raise Invalid(
            "amount_out_of_bounds",
            "Số tiền vượt quá 1.000.000.000.000 đồng; hãy kiểm tra lại thông tin.",
            "The amount is above 1,000,000,000,000 đồng; check what was entered.",
            (Problem("inputs", "Xem lại các giá trị.", "Check the values."),),
        )
    new_id = request_id(now, gateway.draw)
    nothing_due = priced.amount_dong == 0
    request = {
        "id": new_id,
        "portal_code": portal_code,
        "dossier_code": wish.dossier_code,
        "agency_code": priced.agency.code,
        **priced.columns,
        "payer_name": wish.payer.name,
        "payer_tax_code": wish.payer.tax_code,
        "payer_address": wish.payer.address,
        "amount_dong": priced.amount_dong,
        "state": RequestState.OPEN,
        "token": checkout_token(gateway.draw),
        "return_url": wish.return_url,
        "created_at": now,
        "expires_at": now + (wish.lifetime or gateway.terms.request_lifetime),
        "ended_at": None,
    }
    if nothing_due:
        edge = follow(REQUEST, RequestState.OPEN, RequestEvent.NOTHING_DUE)
        request |= {"state": edge.to, "ended_at": now}
    lines = [
        {"request_id": new_id, "position": position, **line}
        for position, line in enumerate(priced.lines, start=1)
    ]
    # A receipt that could not be written must be found out before the money comes, not after.
    check_receipts_possible(connection, request, lines, now, gateway.public_url)
    add_request(connection, request, lines)
    _prepare(gateway, connection, request, lines, now)
    if nothing_due:
        announce(connection, [Announcement("payment_request.paid", new_id)], now, gateway.draw)
    return new_id


def _prepare(
    gateway: Gateway,
    connection: Connection,
    request: Mapping[str, Any],
    lines: list[dict[str, Any]],
    now: datetime,
) -> None:
    shares = [
        Share(line["agency_code"], line["item_code"], line["retained_dong"], line["remitted_dong"])
        for line in lines
    ]
    open_ledger_accounts(connection, list(share_accounts(shares)))
    if request["state"] is RequestState.OPEN:
        enqueue(connection, [Job(JobKind.EXPIRE_REQUEST, request["id"], request["expires_at"])], now)
    audit.note(
        connection,
        [
            audit.AuditEntry(
                f"portal:{request['portal_code']}",
                "request_payment",
                request["id"],
                {"amount_dong": request["amount_dong"], "dossier_code": request["dossier_code"]},
            )
        ],
        now,
    )


def _view(gateway: Gateway, connection: Connection, portal_code: str, found_id: str) -> PaymentRequestView:
    row = find_request(connection, found_id, portal_code)
    return picture(connection, [row] if row else [], gateway.public_url)[0]
