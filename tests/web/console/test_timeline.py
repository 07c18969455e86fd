"""One payment: everything that happened, in order, without secrets; and what an officer may set in motion."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select

from payments.core.decide import UNCLEAR, Hold, Trouble
from payments.core.ledger import TransferCode
from payments.core.lifecycle import AttemptState, ReceiptState, RefundState, RequestState
from payments.store.database import reading, transaction
from payments.store.jobs import JobKind
from payments.store.tables import audit_log, jobs, webhook_deliveries
from payments.store.users import Role
from payments.use_cases.show_timeline import show_timeline
from payments.use_cases.timeline_model import Deed, Entry, EntryKind, Tone
from payments.web import languages
from payments.web.console.pages import VIEWS
from payments.web.console.wording import PREFIX, account_name, person_name, word
from providers.protocol import Acknowledgement, Verdict
from tests.gateway import add_endpoint
from tests.source_files import ROOT
from tests.web.console.conftest import Desk

OFFICER = "user:lan.nguyen"


def entries(desk: Desk, request_id: str) -> tuple[Entry, ...]:
    return show_timeline(desk.installation.gateway, OFFICER, request_id).happened


def told(desk: Desk, request_id: str) -> list[tuple[EntryKind, str]]:
    """What the timeline tells, without jobs and the log."""
    quiet = (EntryKind.JOB, EntryKind.AUDIT)
    return [(entry.kind, entry.what) for entry in entries(desk, request_id) if entry.kind not in quiet]


def test_a_payment_is_told_from_the_request_to_the_webhook(desk: Desk) -> None:
    add_endpoint(desk.installation.gateway)
    view = desk.owe()
    desk.installation.clock.advance(minutes=1)
    page_address = desk.start(view)
    desk.installation.clock.advance(minutes=1)
    desk.hear(desk.installation.bank.notice(page_address))
    story = told(desk, view.id)
    assert story[:2] == [(EntryKind.REQUEST, "created"), (EntryKind.ATTEMPT, "created")]
    assert set(story[2:]) == {
        (EntryKind.REQUEST, "paid"),
        (EntryKind.ATTEMPT, "paid"),
        (EntryKind.NOTICE, "believed"),
        (EntryKind.MONEY, "settled"),
        (EntryKind.TRANSFER, "collected"),
        (EntryKind.RECEIPT, "issued"),
        (EntryKind.EVENT, "announced"),
        (EntryKind.DELIVERY, "pending"),
    }
    moments = [entry.at for entry in entries(desk, view.id)]
    assert moments == sorted(moments)


def test_the_page_says_it_in_the_words_and_hours_of_vietnam(desk: Desk) -> None:
    view = desk.owe()
    desk.pay(view)
    page = desk.get(f"/console/payments/{view.id}").text
    for words in (
        "22/11/2026 10:00",
        "Ngân hàng báo, chữ ký đúng",
        "Ghi đã nộp",
        "Phải thu cổng thanh toán · vnpay",
        "receivable:vnpay",
        "Tiền về, trả đủ khoản nộp",
        "Cấp số biên lai",
        "Lập bản điện tử biên lai",
    ):
        assert words in page, words


def test_the_page_speaks_english_when_asked(desk: Desk) -> None:
    view = desk.owe()
    desk.pay(view)
    page = desk.get(f"/console/payments/{view.id}", lang="en").text
    assert "Money arrived and settled the request" in page
    assert "Receivable from provider · vnpay" in page


def test_a_message_is_shown_without_its_signature(desk: Desk) -> None:
    view = desk.owe()
    query_string = desk.installation.bank.notice(desk.start(view))
    desk.hear(query_string)
    signature = re.search(r"vnp_SecureHash=([0-9a-fA-F]+)", query_string)
    assert signature is not None
    page = desk.get(f"/console/payments/{view.id}").text
    assert "vnp_SecureHash" in page
    assert "VNP14100001" in page
    assert signature[1].lower() not in page.lower()


def test_another_amount_is_put_at_the_top_with_both_numbers(desk: Desk) -> None:
    view = desk.owe()
    desk.pay(view, vnp_Amount=str((view.amount_dong + 500) * 100))
    timeline = show_timeline(desk.installation.gateway, OFFICER, view.id)
    [trouble] = timeline.troubles
    assert (trouble.expected_dong, trouble.actual_dong) == (view.amount_dong, view.amount_dong + 500)
    assert trouble.difference_dong == 500
    page = desk.get(f"/console/payments/{view.id}").text
    top, _, _ = page.partition('id="timeline"')
    assert "Số tiền nhận khác số phải thu" in top
    assert "+500\N{NO-BREAK SPACE}đ" in top
    assert (EntryKind.DISCREPANCY, "opened") in told(desk, view.id)


def test_a_forged_message_is_told_and_marked_as_not_believed(desk: Desk) -> None:
    view = desk.owe()
    query_string = desk.installation.bank.notice(desk.start(view))
    desk.hear(query_string.replace("vnp_Amount=", "vnp_Amount=1"))
    page = desk.get(f"/console/payments/{view.id}").text
    assert "Tiền về" not in page
    assert [entry.what for entry in entries(desk, view.id) if entry.kind is EntryKind.MONEY] == []


def test_the_same_message_twice_is_one_entry_that_counts(desk: Desk) -> None:
    view = desk.owe()
    query_string = desk.installation.bank.notice(desk.start(view))
    desk.hear(query_string)
    desk.installation.clock.advance(minutes=5)
    desk.hear(query_string)
    [notice] = [entry for entry in entries(desk, view.id) if entry.kind is EntryKind.NOTICE]
    assert {fact.label: fact.value for fact in notice.facts}["times_seen"] == 2


def test_work_that_has_yet_to_run_stands_apart(desk: Desk) -> None:
    view = desk.owe()
    timeline = show_timeline(desk.installation.gateway, OFFICER, view.id)
    [waiting] = timeline.waiting
    assert (waiting.kind, waiting.what, waiting.at) == (EntryKind.JOB, "expire_request", view.expires_at)
    assert "Sắp tới" in desk.get(f"/console/payments/{view.id}").text


def test_the_timeline_can_be_narrowed(desk: Desk) -> None:
    view = desk.owe()
    desk.pay(view)
    for chosen, kinds_of_it in VIEWS.items():
        page = desk.get(f"/console/payments/{view.id}", show=chosen).text
        kinds = set(re.findall(r'<li class="entry of-(\w+)', page))
        assert kinds, chosen
        assert kinds <= kinds_of_it, chosen


def test_an_unknown_payment_is_a_calm_page(desk: Desk) -> None:
    for request_id in ("pr_0", "pr_%00", "%00", "x" * 500, "%C3%A9", "'"):
        answer = desk.get(f"/console/payments/{request_id}")
        assert answer.status_code == 404, request_id
        assert "Không có yêu cầu nộp tiền này" in answer.text


def test_looking_at_a_payment_is_written_down_and_shown_to_the_next_reader(desk: Desk) -> None:
    view = desk.owe()
    desk.get(f"/console/payments/{view.id}")
    page = desk.get(f"/console/payments/{view.id}").text
    assert "Xem khoản nộp" in page
    assert "Nguyễn Thị Lan (lan.nguyen)" in page


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("user:lan.nguyen", "Nguyễn Thị Lan (lan.nguyen)"),
        ("user:gone", "gone"),
        ("portal:hanoi", "Cổng dịch vụ công hanoi"),
        ("provider:vnpay", "Cổng thanh toán vnpay"),
        ("payer", "Người nộp"),
        ("worker", "Hệ thống"),
        ("somebody", "somebody"),
    ],
)
def test_who_did_something_is_called_by_name(actor: str, name: str) -> None:
    assert person_name("vi", {"lan.nguyen": "Nguyễn Thị Lan"}, actor) == name


def test_a_page_of_many_messages_asks_the_database_no_more_often(desk: Desk) -> None:
    def statements(request_id: str) -> int:
        counted: list[str] = []

        def count(*arguments: object) -> None:
            counted.append(str(arguments[2]))

        engine = desk.installation.gateway.engine
        event.listen(engine, "before_cursor_execute", count)
        show_timeline(desk.installation.gateway, OFFICER, request_id)
        event.remove(engine, "before_cursor_execute", count)
        return len(counted)

    view = desk.owe()
    page_address = desk.start(view)
    desk.hear(desk.installation.bank.notice(page_address))
    few = statements(view.id)
    for number in range(5):
        desk.hear(desk.installation.bank.notice(page_address, vnp_BankTranNo=f"VNP{number}"))
    assert statements(view.id) == few
    first, repeated = (entry for entry in entries(desk, view.id) if entry.kind is EntryKind.NOTICE)
    assert facts_of(first)["decision"] == "settled"
    assert (facts_of(repeated)["decision"], facts_of(repeated)["times_seen"]) == ("repeated", 5)


def facts_of(entry: Entry) -> dict[str, object]:
    return {fact.label: fact.value for fact in entry.facts}


def test_money_of_another_amount_is_no_good_news_and_its_try_is_not_called_empty(desk: Desk) -> None:
    view = desk.owe()
    page_address = desk.start(view)
    for number in range(3):
        desk.installation.clock.advance(minutes=1)
        notice = desk.installation.bank.notice(page_address, vnp_Amount="100", vnp_BankTranNo=f"V{number}")
        desk.hear(notice)
    story = entries(desk, view.id)
    first, repeated = (entry for entry in story if entry.kind is EntryKind.NOTICE)
    assert (first.tone, repeated.tone) == (Tone.WARNING, Tone.WARNING)
    told = [facts_of(entry) for entry in (first, repeated)]
    assert [(facts["decision"], facts.get("times_seen")) for facts in told] == [
        ("held_wrong_amount", None),
        ("held_already", 2),
    ]
    assert told[1]["last_seen_at"] == desk.installation.clock.moment
    made, ended = (entry for entry in story if entry.kind is EntryKind.ATTEMPT)
    assert (facts_of(made)["state"], ended.what) == ("held", "held")
    assert "Đã nhận tiền, nhưng khác số phải thu" in desk.get(f"/console/payments/{view.id}").text


def queued(desk: Desk, kind: JobKind) -> dict[str, object]:
    query = select(jobs).where(jobs.c.kind == kind)
    with reading(desk.installation.gateway.engine) as connection:
        return dict(connection.execute(query).one()._mapping)


def actions(desk: Desk) -> list[tuple[str, object]]:
    query = select(audit_log.c.action, audit_log.c.detail).where(audit_log.c.actor == OFFICER)
    with reading(desk.installation.gateway.engine) as connection:
        return [(row.action, row.detail) for row in connection.execute(query.order_by(audit_log.c.id))]


def test_an_officer_has_the_provider_asked_again_at_once(desk: Desk) -> None:
    view = desk.owe()
    reference = re.search(r"vnp_TxnRef=([0-9A-Z]+)", desk.start(view))
    assert reference is not None
    desk.installation.clock.advance(seconds=5)
    answer = desk.post(f"/console/payments/{view.id}/ask", subject=reference[1])
    assert answer.headers["location"] == f"/console/payments/{view.id}?done=asked"
    assert queued(desk, JobKind.ASK_PROVIDER)["run_at"] == desk.installation.clock()
    assert ("console.provider_asked", {"reference": reference[1]}) in actions(desk)
    assert "Đã xếp lịch hỏi ngân hàng" in desk.browser.get(answer.headers["location"]).text


def test_nobody_is_asked_about_an_attempt_that_is_paid_or_of_another_request(desk: Desk) -> None:
    view, other = desk.owe(), desk.owe(dossier_code="HS-9")
    page_address = desk.start(view)
    reference = re.search(r"vnp_TxnRef=([0-9A-Z]+)", page_address)
    assert reference is not None
    assert desk.post(f"/console/payments/{other.id}/ask", subject=reference[1]).status_code == 404
    assert desk.post(f"/console/payments/{view.id}/ask", subject="TP\0").status_code == 404
    desk.hear(desk.installation.bank.notice(page_address))
    assert desk.post(f"/console/payments/{view.id}/ask", subject=reference[1]).status_code == 409


def test_an_officer_has_a_webhook_sent_again_that_was_received(desk: Desk) -> None:
    gateway = desk.installation.gateway
    add_endpoint(gateway)
    view, other = desk.owe(), desk.owe(dossier_code="HS-9")
    desk.pay(view)
    now = desk.installation.clock()
    with transaction(gateway.engine) as connection:
        delivered = {"state": "delivered", "delivered_at": now, "tried_at": now, "tries": 1}
        connection.execute(webhook_deliveries.update().values(delivered))
        connection.execute(jobs.update().values(state="done", ended_at=now))
        delivery_id = connection.execute(select(webhook_deliveries.c.id)).scalar_one()
    assert "Cổng dịch vụ công đã nhận" in desk.get(f"/console/payments/{view.id}").text
    assert desk.post(f"/console/payments/{other.id}/resend", subject=delivery_id).status_code == 404
    desk.installation.clock.advance(minutes=1)
    answer = desk.post(f"/console/payments/{view.id}/resend", subject=delivery_id)
    assert answer.headers["location"] == f"/console/payments/{view.id}?done=resent"
    job = queued(desk, JobKind.DELIVER_WEBHOOK)
    assert (job["state"], job["run_at"]) == ("queued", desk.installation.clock())
    with reading(gateway.engine) as connection:
        assert connection.execute(select(webhook_deliveries.c.state)).scalar_one() == "pending"
    assert ("console.webhook_resent", {"delivery": delivery_id}) in actions(desk)


def test_who_may_only_look_sees_no_buttons(visitor: Desk) -> None:
    view = visitor.owe()
    visitor.start(view)
    visitor.log_in(Role.AUDITOR)
    assert "Hỏi lại ngân hàng" not in visitor.get(f"/console/payments/{view.id}").text


def test_too_many_views_do_not_push_the_payment_out_of_its_timeline(desk: Desk) -> None:
    view = desk.owe()
    now = desk.installation.clock() + timedelta(seconds=1)
    rows = [
        {"at": now, "actor": "user:x", "action": "console.payment_seen", "subject": view.id, "detail": {}}
        for _ in range(300)
    ]
    with transaction(desk.installation.gateway.engine) as connection:
        connection.execute(insert(audit_log), rows)
    desk.installation.clock.advance(minutes=1)
    story = entries(desk, view.id)
    assert len([entry for entry in story if entry.kind is EntryKind.AUDIT]) == 200
    assert story[0].what == "created"


WORDED = {
    "role": Role,
    "state": [*RequestState, *AttemptState, "held"],
    "request": ["created", *(state for state in RequestState if state is not RequestState.OPEN)],
    "attempt": [*AttemptState, "held"],
    "refund": RefundState,
    "receipt_state": ReceiptState,
    "transfer": TransferCode,
    "job": JobKind,
    "job_state": ["queued", "running", "done", "dead"],
    "delivery": ["pending", "delivered", "dead"],
    "verdict": Verdict,
    "acknowledgement": Acknowledgement,
    "trouble": Trouble,
    "reason": Hold,
    "kind": EntryKind,
    "deed": Deed,
    "view": VIEWS,
    "source": ["callback", "return", "query", "statement", "cashier"],
}


@pytest.mark.parametrize(("group", "codes"), WORDED.items(), ids=list(WORDED))
def test_every_code_of_ours_has_a_word(group: str, codes: list[str]) -> None:
    table = languages.texts()["vi"]
    assert [code for code in codes if f"{PREFIX}{group}.{code}" not in table] == []


def test_every_decision_has_a_word() -> None:
    source = (ROOT / "payments" / "core" / "decide.py").read_text(encoding="utf-8")
    names = set(re.findall(r'Decision\(\s*"(\w+)"', source))
    names |= {f"held_{hold}" for hold in Hold} | {"settled", "revived", "held_unknown_reference"}
    names |= {f"noted_{trouble}" for trouble in UNCLEAR.values()}
    table = languages.texts()["vi"]
    assert [name for name in sorted(names) if f"{PREFIX}decision.{name}" not in table] == []


def test_every_fact_has_a_label() -> None:
    source = (ROOT / "payments" / "use_cases" / "timeline_entries.py").read_text(encoding="utf-8")
    labels = set(re.findall(r'(?:_code|_word|_dong|_moment|_actor|Fact)\("(\w+)"', source))
    assert len(labels) > 40
    assert [label for label in labels if f"{PREFIX}fact.{label}" not in languages.texts()["vi"]] == []


def test_a_code_without_a_word_is_shown_as_it_is() -> None:
    assert word("vi", "verdict", "never_seen") == "never_seen"
    assert account_name("vi", "mystery:abc") == "mystery · abc"


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("receivable:vnpay", "Phải thu cổng thanh toán · vnpay"),
        ("suspense:vnpay", "Tiền chờ xử lý · vnpay"),
        ("revenue:so-tp:item-1:retained", "Phí được để lại · so-tp · item-1"),
        ("revenue:so-tp:item-1:state", "Nộp ngân sách nhà nước · so-tp · item-1"),
    ],
)
def test_a_ledger_account_is_called_by_its_family_and_owner(account: str, name: str) -> None:
    assert account_name("vi", account) == name
