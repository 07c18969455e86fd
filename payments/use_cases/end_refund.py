"""Take what is learnt of a refund into the books: its state, its money, its discrepancies, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.decide import Trouble
from payments.core.ledger import Transfer
from payments.core.lifecycle import REFUND, RefundEvent, RefundState, allows, follow
from payments.core.references import sortable
from payments.core.refund_answers import CONTRADICTS, ENDED
from payments.core.refund_shares import paid_back, withdraw
from payments.core.refusals import Conflict, NotFound
from payments.store import refunds as store
from payments.store import settling
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.use_cases.announce import Announcement, announce
from payments.use_cases.gateway import Gateway

BY_PROVIDER, BY_OFFICER = "answered_by_provider", "ended_by_officer"


def end_by_hand(gateway: Gateway, reference: str, officer: str, *, happened: bool, evidence: str) -> None:
    """An officer ends a refund by the bank's ``evidence``: it was carried out, or it was not and its amount is free.

    Raises NotFound, or Conflict when the officer asked for it, when it is being sent at this moment, or when it is
    not waiting for its end.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = locked(connection, reference)
        if refund.requested_by == officer:
            raise Conflict(
                "same_person",
                "Người đề nghị không được tự ghi kết quả; cần người thứ hai.",
                "Who asked for a refund may not record how it ended; a second person must.",
            )
        if refund.state == RefundState.SENT and not refund.provider_code:
            raise Conflict(
                "refund_being_sent",
                "Lệnh hoàn đang được gửi đến ngân hàng; hãy thử lại sau ít phút.",
                "The refund is being sent to the bank at this moment; try again in a few minutes.",
            )
        event = RefundEvent.DONE if happened else RefundEvent.FAILED
        ended = {"ended_by": officer, "evidence": evidence}
        if not conclude(gateway, connection, refund, event, ended, officer, now):
            raise not_waiting(refund)


def conclude(
    gateway: Gateway,
    connection: Connection,
    refund: Row[Any],
    event: RefundEvent,
    told: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> bool:
    """Move a locked refund by ``event``, with all that follows; False where its state has no such way.

    ``told`` are further columns of the refund. What contradicts its end is told to the officers.
    """
    was = RefundState(refund.state)
    if not allows(REFUND, was, event):
        if (was, event) in CONTRADICTS:
            _open(gateway, connection, refund, Trouble.CONTRADICTION, event, now)
        return False
    edge = follow(REFUND, was, event)
    ended_at = now if edge.to in ENDED else None
    store.move(connection, refund.reference, was, edge.to, {**told, "ended_at": ended_at})
    _book(connection, refund, event, now)
    _tell_officers(gateway, connection, refund, event, actor, now)
    if edge.announces and refund.request_id:
        detail = {
            "refund": {"reference": refund.reference, "amount_dong": refund.amount_dong, "state": edge.to}
        }
        announce(connection, [Announcement(edge.announces, refund.request_id, detail)], now, gateway.draw)
    step = "unknown" if event is RefundEvent.UNCLEAR else event
    evidence = {"evidence": told["evidence"]} if "evidence" in told else {"code": told["provider_code"]}
    note_refund(connection, actor, f"refund_{step}", refund, now, evidence)
    return True


def locked(connection: Connection, reference: str) -> Row[Any]:
    """The refund, its row and its payment's locked until the transaction ends. Raises NotFound."""
    refund = store.find_refund(connection, reference, lock=True)
    if refund is None:
        raise NotFound("unknown_refund", "Không có đề nghị hoàn trả này.", "There is no such refund.")
    return refund


def not_waiting(refund: Row[Any]) -> Conflict:
    return Conflict(
        "refund_not_waiting",
        f"Đề nghị hoàn trả đang ở trạng thái “{refund.state}”, không làm việc này được.",
        f"The refund is {refund.state}; this cannot be done any more.",
    )


def book(connection: Connection, refund: Row[Any], moved: list[Transfer], now: datetime) -> None:
    """Write the transfers of a refund."""
    rows = [(refund.account_code, refund.payment_id, transfer, refund.reference) for transfer in moved]
    settling.add_transfers(connection, rows, now)


def note_refund(
    connection: Connection,
    actor: str,
    action: str,
    refund: Row[Any],
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Note in the audit log what became of a refund."""
    detail = {"refund": refund.reference, **(more or {})}
    note(connection, [AuditEntry(actor, action, refund.request_id or refund.payment_id, detail)], now)


def tell_overdue(gateway: Gateway, connection: Connection, refund: Row[Any], now: datetime) -> None:
    """Tell the officers, once, that a refund which was taken in does not end."""
    _open(gateway, connection, refund, Trouble.REFUND_UNKNOWN, "overdue", now)


def _book(connection: Connection, refund: Row[Any], event: RefundEvent, now: datetime) -> None:
    if event is RefundEvent.FAILED:
        store.free(connection, refund.payment_id, refund.amount_dong)
        promised = settling.promised_by(connection, refund.reference)
        book(connection, refund, withdraw(refund.account_code, promised), now)
    if event is RefundEvent.DONE:
        book(connection, refund, paid_back(refund.account_code, refund.amount_dong), now)


def _tell_officers(
    gateway: Gateway, connection: Connection, refund: Row[Any], event: RefundEvent, actor: str, now: datetime
) -> None:
    by_hand = actor.startswith("user:")
    if event is RefundEvent.UNCLEAR:
        _open(gateway, connection, refund, Trouble.REFUND_UNKNOWN, f"{now:%Y%m%d%H%M%S}", now)
        return
    because = BY_OFFICER if by_hand else BY_PROVIDER
    store.close_unknown(connection, refund, now, because)
    if event is RefundEvent.FAILED and not by_hand:
        _open(gateway, connection, refund, Trouble.REFUND_FAILED, "", now)
    if event is RefundEvent.DONE and store.is_given_back(connection, refund.payment_id):
        store.close_given_back(connection, refund.payment_id, now)


def _open(
    gateway: Gateway, connection: Connection, refund: Row[Any], kind: Trouble, which: str, now: datetime
) -> None:
    row = {
        "id": "di_" + sortable(now, gateway.draw),
        "key": f"{kind}:{refund.reference}:{which}",
        "kind": kind,
        "account_code": refund.account_code,
        "request_id": refund.request_id,
        "attempt_reference": refund.attempt_reference,
        "payment_id": refund.payment_id,
        "expected_dong": refund.amount_dong,
        "state": "open",
        "opened_at": now,
    }
    settling.add_discrepancies(connection, [row])
