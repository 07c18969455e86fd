"""Send an event to a portal, signed by the Standard Webhooks specification, until it is acknowledged.

Events of one dossier reach one endpoint in their order: a later one waits while an earlier one is pending. A
receiver sees one event id however often it is sent, and what it lost it can pull from ``/v1/events``.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from sqlalchemy import Row

from payments.core.references import Draw
from payments.core.refusals import NotFound
from payments.store import audit
from payments.store import deliveries as store
from payments.store.database import reading, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.secrets import UnusableSecret
from payments.transport import NoAnswer, RefusedAddress
from payments.use_cases.gateway import Gateway

WHSEC = "whsec_"
SECRET_BYTES = 32
LOOK_AGAIN_AFTER = timedelta(minutes=5)

# How long to wait after each failed try, before jitter; the last wait repeats. In all more than three days.
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600)
)
MOST_TRIES = 22
JITTER = 0.2


def deliver_webhook(gateway: Gateway, delivery_id: str) -> datetime | None:
    """Try one delivery; the time to come back, or None when it has ended, well or not."""
    now = gateway.now()
    with reading(gateway.engine) as connection:
        delivery = store.find_delivery(connection, delivery_id)
        if delivery is None or delivery.state != store.PENDING:
            return None
        if store.is_blocked(connection, delivery):
            return now + LOOK_AGAIN_AFTER
    if not delivery.active:
        _conclude(gateway, delivery, store.DEAD, None, "the endpoint has been switched off")
        return None
    status, error = _send(gateway, delivery, now)
    if not error or delivery.tries + 1 >= MOST_TRIES:
        _conclude(gateway, delivery, store.DEAD if error else store.DELIVERED, status, error)
        return None
    with transaction(gateway.engine) as connection:
        store.note_try(connection, delivery_id, state=store.PENDING, tried_at=now, status=status, error=error)
    return now + wait_after(delivery.tries, _fraction(gateway.draw))


def _send(gateway: Gateway, delivery: Row[Any], now: datetime) -> tuple[int | None, str]:
    """The status of the portal's answer and, unless it is well, what was wrong."""
    body = webhook_body(delivery)
    try:
        secrets = [gateway.secrets.open(sealed) for sealed in delivery.sealed_secrets]
        headers = signed_headers(delivery.event_id, now, body, secrets)
        status = gateway.deliver(delivery.url, headers, body)
    except (NoAnswer, RefusedAddress, UnusableSecret) as fault:
        return None, str(fault)
    return status, "" if 200 <= status < 300 else f"the portal answered HTTP {status}"


def _conclude(gateway: Gateway, delivery: Row[Any], state: str, status: int | None, error: str) -> None:
    """Write down how the delivery ended, and let the next of its dossier go."""
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        store.note_try(connection, delivery.id, state=state, tried_at=now, status=status, error=error)
        waiting = store.next_in_line(connection, delivery)
        if waiting is not None:
            enqueue(connection, [Job(JobKind.DELIVER_WEBHOOK, waiting, now)], now)


def wait_after(failed_tries: int, fraction: float) -> timedelta:
    """How long to wait after ``failed_tries`` earlier tries and this one; ``fraction`` (0 to 1) spreads it."""
    wait = WAITS[min(failed_tries, len(WAITS) - 1)]
    return wait * (1 + JITTER * fraction)


def webhook_body(delivery: Row[Any]) -> bytes:
    """What is sent: type, time of the event and its data, the same bytes at every try."""
    content = {"type": delivery.type, "timestamp": delivery.created_at.isoformat(), "data": delivery.data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signed_headers(
    event_id: str, sent_at: datetime, body: bytes, secrets: Sequence[str]
) -> Mapping[str, str]:
    """The headers of the specification; one signature for each secret, so that one can be exchanged."""
    timestamp = str(int(sent_at.timestamp()))
    content = b".".join((event_id.encode(), timestamp.encode(), body))
    signatures = " ".join(f"v1,{_signature(secret, content)}" for secret in secrets)
    return {
        "content-type": "application/json",
        "user-agent": "Thuphi",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signatures,
    }


def new_secret(draw: Draw) -> str:
    """A fresh signing secret in the specification's form."""
    return WHSEC + base64.b64encode(draw(SECRET_BYTES)).decode()


def _signature(secret: str, content: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(WHSEC), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise UnusableSecret("a signing secret of this endpoint is not base64: give it a new one")
    code = HMAC(key, hashes.SHA256())
    code.update(content)
    return base64.b64encode(code.finalize()).decode()


def replay_event(gateway: Gateway, event_id: str, actor: str) -> int:
    """Send an event again to every endpoint it was meant for; how many those are.

    Raises NotFound when there is no such event or nobody listened.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        deliveries = store.deliveries_of_event(connection, event_id)
        if not deliveries:
            raise NotFound(
                "unknown_event",
                "Không có sự kiện này, hoặc không nơi nào nhận nó.",
                "There is no such event, or no endpoint listened when it happened.",
            )
        for delivery_id in deliveries:
            store.reopen(connection, delivery_id)
        jobs = [Job(JobKind.DELIVER_WEBHOOK, delivery_id, now) for delivery_id in deliveries]
        enqueue(connection, jobs, now)
        audit.note(connection, [audit.AuditEntry(actor, "webhook_replayed", event_id)], now)
    return len(deliveries)


def _fraction(draw: Draw) -> float:
    return int.from_bytes(draw(2), "big") / 0xFFFF
