"""The guides for portal developers can be followed as they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from payments.store.tables import webhook_deliveries
from payments.use_cases.deliver_webhook import deliver_webhook, new_secret
from payments.use_cases.portal_access import Rotation, add_key, listen, revoke_key, rotate_secret
from tests.gateway import PORTAL, Installation, add_endpoint, seeded_draw
from tests.source_files import ROOT
from tests.web.portal.conftest import KEY, Caller, wish

GUIDES = ROOT / "docs" / "portal-developers"
SHELL = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
ADDRESS = re.compile(r'curl "\$GATEWAY_URL([^"]+)"')
BODY = re.compile(r"-d '(.*?)'", re.S)
HEADER = re.compile(r"-H '([\w-]+): ([^']+)'")


def read(name: str) -> str:
    return (GUIDES / name).read_text(encoding="utf-8")


def test_every_call_of_the_guide_succeeds_in_its_order(portal: Caller) -> None:
    calls = [block for block in SHELL.findall(read("integrate.md")) if block.startswith("curl")]
    assert len(calls) >= 7
    for block in calls:
        address = ADDRESS.search(block)
        assert address is not None, block
        assert '-H "Authorization: Bearer $GATEWAY_KEY"' in block
        body = BODY.search(block)
        content = {"content": json.dumps(json.loads(body[1])).encode()} if body else {}
        headers = dict(HEADER.findall(block))
        answer = portal.call("POST" if body else "GET", address[1], headers=headers, **content)
        assert answer.status_code in (200, 201), (block, answer.text)


def delivered(installation: Installation) -> list[tuple[Mapping[str, str], bytes]]:
    """Send what waits to be delivered, and return what the portal received."""
    installation.clock.moment = datetime.now(UTC)  # the library compares with its own clock
    with installation.gateway.engine.connect() as connection:
        waiting = connection.execute(select(webhook_deliveries.c.id)).scalars().all()
    for delivery_id in waiting:
        deliver_webhook(installation.gateway, delivery_id)
    return [(headers, body) for _, headers, body in installation.mailbox.delivered]


def test_the_receiver_of_the_guide_takes_a_true_event_once_and_no_changed_one(
    portal: Caller, installation: Installation
) -> None:
    secret = new_secret(seeded_draw(5))
    add_endpoint(installation.gateway, secrets=[new_secret(seeded_draw(4)), secret])
    portal.post("/v1/payment-requests", wish(procedure_code="1.004873", inputs={}))
    ((headers, body),) = delivered(installation)
    receiver: dict[str, Any] = {"SECRET": secret}
    exec(PYTHON.findall(read("webhooks.md"))[0], receiver)  # noqa: S102 -- the guide's own example
    with pytest.raises(WebhookVerificationError):
        receiver["receive"](body.replace(b"true", b"none"), headers)
    assert receiver["may_begin"] == {}
    assert receiver["receive"](body, headers) == receiver["receive"](body, headers) == 204
    assert receiver["may_begin"] == {"HS-2026-000001": True}


def test_T48_no_call_and_no_event_fails_while_key_and_secret_are_exchanged(
    portal: Caller, installation: Installation
) -> None:
    gateway, url = installation.gateway, "https://portal.example/hooks"
    old = listen(gateway, "operator", PORTAL, url)

    def event_through(caller: Caller, secret: str | None) -> None:
        made = caller.post("/v1/payment-requests", wish(procedure_code="1.004873", inputs={}))
        assert made.status_code == 201
        headers, body = delivered(installation)[-1]
        event = Webhook(str(secret)).verify(body, dict(headers))
        assert event["data"]["payment_request"]["id"] == made.json()["id"]

    event_through(portal, old)
    fresh = Caller(portal.runner, portal.app, add_key(gateway, "operator", PORTAL))
    new = rotate_secret(gateway, "operator", PORTAL, url, Rotation.BEGIN)
    event_through(portal, old)
    event_through(fresh, new)
    revoke_key(gateway, "operator", PORTAL, KEY)
    rotate_secret(gateway, "operator", PORTAL, url, Rotation.FINISH)
    event_through(fresh, new)
    with pytest.raises(WebhookVerificationError):
        event_through(fresh, old)
    assert portal.get("/v1/procedures").status_code == 401


def test_the_event_of_the_guide_has_the_fields_of_a_true_one(
    portal: Caller, installation: Installation
) -> None:
    add_endpoint(installation.gateway)
    portal.post("/v1/payment-requests", wish(procedure_code="1.004873", inputs={}))
    ((_, body),) = delivered(installation)
    shown = json.loads(re.findall(r"^```json\n(.*?)^```", read("webhooks.md"), re.M | re.S)[0])
    shown["data"]["payment_request"]["receipts"] = []
    assert shape(json.loads(body)) == shape(shown)


def shape(value: object) -> object:
    """The names in a JSON value, without what stands there."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else None
