"""What a finance officer may set in motion: another question to the provider, another webhook.

Both only queue work that a worker would do anyway; neither changes what is owed or paid. The act and its entry
in the audit log are one transaction.
"""

from __future__ import annotations

from sqlalchemy import Connection

from payments.core.lifecycle import AttemptState
from payments.core.refusals import Conflict, NotFound
from payments.store.attempts import find_attempt
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.store.deliveries import reopen
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.timeline import delivery_ids_of
from payments.use_cases.gateway import Gateway


def ask_again(gateway: Gateway, actor: str, request_id: str, reference: str) -> None:
    """Have the provider asked at once what became of the attempt ``reference`` of ``request_id``.

    Raises NotFound when the request has no such attempt, and Conflict when the attempt is paid.
    """
    with transaction(gateway.engine) as connection:
        attempt = find_attempt(connection, reference) if reference.isalnum() else None
        if attempt is None or attempt.request_id != request_id:
            raise NotFound("unknown_attempt", "Không có lần thanh toán này.", "There is no such attempt.")
        if attempt.state == AttemptState.PAID:
            raise Conflict(
                "attempt_paid",
                "Lần thanh toán này đã thành công; không cần hỏi lại.",
                "This attempt is paid; there is nothing to ask.",
            )
        entry = AuditEntry(actor, "console.provider_asked", request_id, {"reference": reference})
        _queue(gateway, connection, JobKind.ASK_PROVIDER, reference, entry)


def resend_webhook(gateway: Gateway, actor: str, request_id: str, delivery_id: str) -> None:
    """Have the webhook ``delivery_id`` of ``request_id`` sent at once, also when it was received before.

    Raises NotFound when the request has no such delivery.
    """
    with transaction(gateway.engine) as connection:
        if delivery_id not in delivery_ids_of(connection, request_id):
            raise NotFound("unknown_delivery", "Không có lần báo này.", "There is no such delivery.")
        reopen(connection, delivery_id)
        entry = AuditEntry(actor, "console.webhook_resent", request_id, {"delivery": delivery_id})
        _queue(gateway, connection, JobKind.DELIVER_WEBHOOK, delivery_id, entry)


def _queue(gateway: Gateway, connection: Connection, kind: JobKind, subject: str, entry: AuditEntry) -> None:
    now = gateway.now()
    enqueue(connection, [Job(kind, subject, now)], now)
    note(connection, [entry], now)
