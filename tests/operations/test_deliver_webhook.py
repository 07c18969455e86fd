"""Webhooks: signed as the specification says, in order, until acknowledged, effective once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from payments.core.refusals import NotFound
from payments.store.database import reading, transaction
from payments.store.jobs import JobKind
from payments.store.tables import events, webhook_deliveries, webhook_endpoints
from payments.transport import NoAnswer, RefusedAddress
from payments.use_cases.deliver_webhook import (
    JITTER,
    MOST_TRIES,
    WAITS,
    deliver_webhook,
    new_secret,
    replay_event,
    signed_headers,
    wait_after,
)
from payments.use_cases.expire_payment import cancel_request
from payments.use_cases.read_requests import list_events
from payments.worker import Worker
from tests.gateway import PORTAL, Installation, add_endpoint, make_installation, seeded_draw
from tests.use_cases.money import bring, open_bank_page

OLD, NEW = new_secret(seeded_draw(7)), new_secret(seeded_draw(8))


@pytest.fixture
def installation(engine: Engine) -> Installation:
    made = make_installation(engine)
    add_endpoint(made.gateway, secrets=[OLD, NEW])
    return made


def worker(installation: Installation) -> Worker:
    return Worker(installation.gateway, {JobKind.DELIVER_WEBHOOK: deliver_webhook})


def work(installation: Installation) -> None:
    while worker(installation).run_once():
        pass


def pay(installation: Installation, dossier_code: str) -> None:
    request = installation.request_payment(dossier_code=dossier_code)
    bring(
        installation,
        installation.bank.notice(open_bank_page(installation, request), vnp_TransactionNo=dossier_code),
    )


def cancel(installation: Installation, dossier_code: str) -> None:
    request = installation.request_payment(dossier_code=dossier_code)
    cancel_request(installation.gateway, PORTAL, request.id)


def bodies(installation: Installation) -> list[tuple[str, str]]:
    """Dossier and type of everything that was sent."""
    sent = [json.loads(body) for _, _, body in installation.mailbox.delivered]
    return [(event["data"]["dossier"]["code"], event["type"]) for event in sent]


def deliveries(installation: Installation) -> list[tuple[str, int, int | None, str]]:
    columns = webhook_deliveries.c
    query = (
        select(columns.state, columns.tries, columns.last_status, columns.last_error)
        .join(events)
        .order_by(events.c.position)
    )
    with reading(installation.gateway.engine) as connection:
        return [(row.state, row.tries, row.last_status, row.last_error) for row in connection.execute(query)]


def test_the_public_library_verifies_what_is_sent_with_either_secret(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(installation, "1")
    work(installation)
    ((url, headers, body),) = installation.mailbox.delivered
    assert url == "https://portal.example/hooks"
    headers_now = {**headers, "webhook-timestamp": headers["webhook-timestamp"]}
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Frozen(installation))
    for secret in (OLD, NEW):
        event = Webhook(secret).verify(body, dict(headers_now))
        assert event["type"] == "payment_request.paid"
        assert event["data"]["dossier"] == {"code": "1", "may_begin": True, "reason": "all_paid"}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret(seeded_draw(9))).verify(body, dict(headers_now))
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body + b" ", dict(headers_now))


class Frozen:
    """The library's ``datetime`` at the installation's moment."""

    def __init__(self, installation: Installation) -> None:
        self._clock = installation.clock

    def now(self, tz: object = None) -> object:
        return self._clock()

    def __getattr__(self, name: str) -> object:
        import datetime

        return getattr(datetime.datetime, name)


@given(st.binary(min_size=1, max_size=64), st.text(max_size=40), st.binary(max_size=200))
def test_our_signature_is_the_librarys(key: bytes, event_id: str, body: bytes) -> None:
    import base64
    from datetime import UTC, datetime

    secret = "whsec_" + base64.b64encode(key).decode()
    sent_at = datetime(2026, 11, 22, tzinfo=UTC)
    text = body.decode("latin-1")
    ours = signed_headers(event_id, sent_at, text.encode(), [secret])
    assert ours["webhook-signature"] == Webhook(secret).sign(event_id, sent_at, text)


def test_T16_a_day_of_failures_ends_with_every_event_once_and_in_order(installation: Installation) -> None:
    installation.mailbox.statuses.extend([503, 500, 404, 302, 401] * 200)
    cancel(installation, "H1")
    installation.clock.advance(seconds=1)
    pay(installation, "H1")
    for _ in range(24 * 4):
        work(installation)
        installation.clock.advance(minutes=15)
    attempted = len(installation.mailbox.delivered)
    assert 5 < attempted < 60, "patient, and neither silent nor a flood"
    assert set(bodies(installation)) == {("H1", "payment_request.cancelled")}, "the later event waits"
    installation.mailbox.statuses.clear()
    installation.mailbox.delivered.clear()
    for _ in range(8 * 4):
        work(installation)
        installation.clock.advance(minutes=15)
    assert bodies(installation) == [("H1", "payment_request.cancelled"), ("H1", "payment_request.paid")]
    assert [state for state, _, _, _ in deliveries(installation)] == ["delivered", "delivered"]


def test_T16_every_try_carries_the_same_event_id_and_bytes(installation: Installation) -> None:
    installation.mailbox.statuses.extend([500, 500])
    pay(installation, "1")
    for _ in range(3):
        work(installation)
        installation.clock.advance(hours=1)
    sent = installation.mailbox.delivered
    assert len(sent) == 3
    assert len({headers["webhook-id"] for _, headers, _ in sent}) == 1
    assert len({body for _, _, body in sent}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in sent}) == 3


def test_T16_another_dossier_does_not_wait(installation: Installation) -> None:
    installation.mailbox.statuses.append(500)
    pay(installation, "1")
    work(installation)
    pay(installation, "2")
    work(installation)
    assert [code for code, _ in bodies(installation)] == ["1", "2"]


def test_a_delivery_is_given_up_after_more_than_three_days(installation: Installation) -> None:
    assert sum((wait_after(tries, 0) for tries in range(MOST_TRIES - 1)), timedelta()) > timedelta(days=3)
    installation.mailbox.statuses.extend([500] * 100)
    pay(installation, "1")
    for _ in range(8 * 8):
        work(installation)
        installation.clock.advance(hours=3)
    assert deliveries(installation) == [("dead", MOST_TRIES, 500, "the portal answered HTTP 500")]


def test_a_dead_delivery_lets_the_next_of_its_dossier_go(installation: Installation) -> None:
    installation.mailbox.statuses.extend([500] * MOST_TRIES)
    cancel(installation, "H1")
    pay(installation, "H1")
    for _ in range(8 * 8):
        work(installation)
        installation.clock.advance(hours=3)
    assert [state for state, *_ in deliveries(installation)] == ["dead", "delivered"]


@given(st.integers(0, 1_000), st.floats(0, 1))
def test_waits_grow_and_are_spread_within_a_fifth(tries: int, fraction: float) -> None:
    wait = wait_after(tries, fraction)
    assert WAITS[0] <= wait <= WAITS[-1] * (1 + JITTER)
    assert wait_after(tries, 0) <= wait <= wait_after(tries + 1, fraction)


@pytest.mark.parametrize(
    "fault", [NoAnswer("no answer in time"), RefusedAddress("the address must begin with https://")]
)
def test_no_answer_and_a_refused_address_are_written_down(engine: Engine, fault: Exception) -> None:
    def deliver(*_: object) -> int:
        raise fault

    installation = make_installation(engine, deliver=deliver)
    add_endpoint(installation.gateway)
    pay(installation, "1")
    work(installation)
    assert deliveries(installation) == [("pending", 1, None, str(fault))]


def test_an_endpoint_switched_off_gets_nothing_more(installation: Installation) -> None:
    pay(installation, "1")
    with transaction(installation.gateway.engine) as connection:
        connection.execute(update(webhook_endpoints).values(active=False))
    work(installation)
    assert installation.mailbox.delivered == []
    assert deliveries(installation)[0][0] == "dead"


def test_a_secret_that_cannot_be_opened_waits_for_its_key(installation: Installation) -> None:
    pay(installation, "1")
    with transaction(installation.gateway.engine) as connection:
        connection.execute(update(webhook_endpoints).values(sealed_secrets=["not sealed by us"]))
    work(installation)
    assert installation.mailbox.delivered == []
    assert deliveries(installation)[0][0] == "pending"
    assert "restore the older key" in deliveries(installation)[0][3]


def test_an_unknown_or_finished_delivery_is_no_work(installation: Installation) -> None:
    assert deliver_webhook(installation.gateway, "wd_unknown") is None
    assert installation.mailbox.delivered == []


def test_T17_an_event_the_receiver_lost_can_be_pulled_and_sent_again(installation: Installation) -> None:
    pay(installation, "1")
    pay(installation, "2")
    work(installation)
    lost = list_events(installation.gateway, PORTAL, 0, 100)
    assert [event.dossier_code for event in lost] == ["1", "2"]
    assert [event.position for event in lost] == [1, 2]
    assert [event.id for event in list_events(installation.gateway, PORTAL, 1, 100)] == [lost[1].id]
    before = list(installation.mailbox.delivered)
    assert replay_event(installation.gateway, lost[0].id, "operator") == 1
    work(installation)
    (again,) = installation.mailbox.delivered[len(before) :]
    assert again[2] == before[0][2]
    assert again[1]["webhook-id"] == lost[0].id
    assert deliveries(installation)[0][0] == "delivered"


def test_T17_an_unknown_event_cannot_be_sent_again(installation: Installation) -> None:
    with pytest.raises(NotFound, match="no such event"):
        replay_event(installation.gateway, "ev_unknown", "operator")
