"""Refunds at the console: one officer asks, another decides, and whatever is refused has changed nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from payments.core.lifecycle import RefundState
from payments.store.database import transaction
from payments.store.payments_search import PaymentFilter
from payments.store.users import Role, User, insert_user
from payments.use_cases.find_payments import find_payments
from payments.use_cases.refund_payment import approve_refund, request_refund
from payments.use_cases.send_refund import send_refund
from payments.use_cases.views import PaymentRequestView
from payments.web import languages
from payments.web.console.pages import MOST_REASON
from payments.web.console.wording import PREFIX
from tests.servers.http import browser_of
from tests.use_cases.money import balances, check_books, rows
from tests.web.console.conftest import PASSWORD, Desk, password_hash

LAN, MAI, PORTAL_ACTOR = "user:lan.nguyen", "user:mai.tran", "portal:portal"


@pytest.fixture
def second(desk: Desk) -> Iterator[Desk]:
    """The browser of a second finance officer."""
    mai = User("mai.tran", "Trần Mai", Role.FINANCE_OFFICER, active=True)
    with transaction(desk.installation.gateway.engine) as connection:
        insert_user(connection, mai, password_hash(), desk.installation.clock())
    with browser_of(desk.url) as browser:
        other = Desk(desk.installation, desk.url, browser)
        assert other.try_login("mai.tran", PASSWORD).status_code == 303
        yield other


def all_of(desk: Desk, table: str) -> list[Any]:
    return rows(desk.installation.gateway.engine, table)


def paid(desk: Desk, dossier_code: str = "HS-1") -> tuple[PaymentRequestView, str]:
    """A request of 5.000 đ that is paid, and the id of its money."""
    view = desk.owe(dossier_code=dossier_code)
    desk.pay(view)
    return view, next(row.id for row in all_of(desk, "payments") if row.request_id == view.id)


def asked(desk: Desk, payment_id: str, amount_dong: int = 2_000, actor: str = PORTAL_ACTOR) -> str:
    """A refund that somebody asked for elsewhere."""
    return request_refund(desk.installation.gateway, payment_id, amount_dong, "rút hồ sơ", actor)


def ask(desk: Desk, view: PaymentRequestView, payment_id: str, **changed: str) -> httpx.Response:
    fields = {"payment": payment_id, "amount": "2.000", "reason": "nộp thừa", **changed}
    return desk.post(f"/console/payments/{view.id}/refunds", **fields)


def decide(desk: Desk, view: PaymentRequestView, deed: str, reference: str, **fields: str) -> httpx.Response:
    return desk.post(f"/console/payments/{view.id}/refunds/{deed}", subject=reference, **fields)


def standing(desk: Desk) -> tuple[list[tuple[str, str | None]], list[int]]:
    """State and approver of every refund, and what is reserved of every sum."""
    refunds = [(row.state, row.approved_by) for row in all_of(desk, "refunds")]
    return refunds, [row.refunded_dong for row in all_of(desk, "payments")]


def sent_jobs(desk: Desk) -> list[str]:
    return [row.subject for row in all_of(desk, "jobs") if row.kind == "send_refund"]


def test_a_refund_asked_for_at_the_desk_is_approved_by_a_second_officer(desk: Desk, second: Desk) -> None:
    view, payment_id = paid(desk)
    answer = ask(desk, view, payment_id)
    assert answer.headers["location"] == f"/console/payments/{view.id}?done=refund_asked"
    [refund] = all_of(desk, "refunds")
    assert (refund.amount_dong, refund.reason, refund.requested_by) == (2_000, "nộp thừa", LAN)
    page = second.get(f"/console/payments/{view.id}").text
    for words in (
        "nộp thừa",
        "Người đề nghị: Nguyễn Thị Lan (lan.nguyen)",
        "Chờ duyệt",
        "Duyệt hoàn 2.000",
        refund.reference,
    ):
        assert words in page, words
    answer = decide(second, view, "approve", refund.reference)
    assert answer.headers["location"] == f"/console/payments/{view.id}?done=refund_approved"
    assert standing(desk) == ([("approved", MAI)], [2_000])
    assert sent_jobs(desk) == [refund.reference]
    check_books(desk.installation.gateway.engine)
    page = second.browser.get(answer.headers["location"]).text
    assert "Đã duyệt. Lệnh hoàn đang được gửi" in page
    assert "người duyệt: Trần Mai (mai.tran)" in page
    assert "/refunds/approve" not in page


def test_who_asked_is_told_calmly_that_somebody_else_must_approve(desk: Desk) -> None:
    view, payment_id = paid(desk)
    ask(desk, view, payment_id)
    page = desk.get(f"/console/payments/{view.id}").text
    assert "một cán bộ khác cần duyệt" in page
    assert "/refunds/approve" not in page
    before = standing(desk), len(all_of(desk, "transfers"))
    answer = decide(desk, view, "approve", all_of(desk, "refunds")[0].reference)
    assert answer.status_code == 409
    [sentence] = re.findall(r'<p class="refused" role="alert">(.*?)</p>', answer.text)
    assert sentence == "Người đề nghị không được tự duyệt; cần người thứ hai."
    assert 'id="timeline"' in answer.text
    assert (standing(desk), len(all_of(desk, "transfers"))) == before
    assert sent_jobs(desk) == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_may_only_look_can_neither_ask_nor_decide(visitor: Desk, role: Role) -> None:
    view, payment_id = paid(visitor)
    reference = asked(visitor, payment_id)
    visitor.log_in(role)
    page = visitor.get(f"/console/payments/{view.id}").text
    assert "/refunds" not in page
    assert "rút hồ sơ" in page  # it is told in the timeline
    before = standing(visitor)
    answers = [
        ask(visitor, view, payment_id),
        decide(visitor, view, "approve", reference),
        decide(visitor, view, "reject", reference, reason="không"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert standing(visitor) == before == ([("requested", None)], [2_000])


def test_a_refund_that_a_portal_asked_for_is_approved_by_one_officer(desk: Desk) -> None:
    view, payment_id = paid(desk)
    reference = asked(desk, payment_id)
    assert "Người đề nghị: Cổng dịch vụ công portal" in desk.get(f"/console/payments/{view.id}").text
    assert decide(desk, view, "approve", reference).status_code == 303
    assert standing(desk) == ([("approved", LAN)], [2_000])


def test_a_rejected_refund_frees_its_amount(desk: Desk) -> None:
    view, payment_id = paid(desk)
    reference = asked(desk, payment_id, 5_000)
    assert "Còn có thể hoàn" not in desk.get(f"/console/payments/{view.id}").text
    answer = decide(desk, view, "reject", reference, reason="không có căn cứ")
    assert answer.headers["location"] == f"/console/payments/{view.id}?done=refund_rejected"
    assert standing(desk) == ([("rejected", None)], [0])
    page = desk.get(f"/console/payments/{view.id}").text
    assert "không có căn cứ" in page
    assert "Đã từ chối" in page
    assert ask(desk, view, payment_id, amount="5000").status_code == 303
    assert standing(desk)[1] == [5_000]
    check_books(desk.installation.gateway.engine)


def test_a_refund_is_decided_once(desk: Desk, second: Desk) -> None:
    view, payment_id = paid(desk)
    reference = asked(desk, payment_id)
    assert decide(desk, view, "approve", reference).status_code == 303
    for answer in (
        decide(second, view, "approve", reference),
        decide(second, view, "reject", reference, reason="muộn"),
    ):
        assert answer.status_code == 409
        assert answer.text.count('class="refused"') == 1
    assert standing(desk) == ([("approved", LAN)], [2_000])
    assert sent_jobs(desk) == [reference]


def test_money_paid_twice_is_proposed_by_the_system_and_approved_by_an_officer(desk: Desk) -> None:
    view = desk.owe()
    first = desk.start(view)
    desk.installation.clock.advance(minutes=20)
    again = desk.start(view)
    assert first != again
    for number, page_address in ((1, first), (2, again)):
        numbers = {"vnp_TransactionNo": f"1410000{number}", "vnp_BankTranNo": f"VNP{number}"}
        desk.hear(desk.installation.bank.notice(page_address, **numbers))
    [refund] = all_of(desk, "refunds")
    assert refund.state == "requested"
    assert decide(desk, view, "approve", refund.reference).status_code == 303
    check_books(desk.installation.gateway.engine)


def test_money_that_is_held_can_be_given_back(desk: Desk) -> None:
    view = desk.owe()
    desk.pay(view, vnp_Amount=str((view.amount_dong + 500) * 100))
    [payment] = all_of(desk, "payments")
    assert payment.disposition == "suspense"
    assert "Tiền về, giữ chờ xử lý · vnpay" in desk.get(f"/console/payments/{view.id}").text
    left = payment.amount_dong - payment.refunded_dong
    assert ask(desk, view, payment.id, amount=str(left)).status_code == 303
    assert standing(desk)[1] == [payment.amount_dong]


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"amount": "5.001"}, 409, "Chỉ còn 5.000\N{NO-BREAK SPACE}đ có thể hoàn trả."),
        ({"amount": "0"}, 422, "Số tiền hoàn không đúng"),
        ({"amount": "-1"}, 422, "Số tiền hoàn không đúng"),
        ({"amount": "1,5"}, 422, "Số tiền hoàn không đúng"),
        ({"amount": ""}, 422, "Số tiền hoàn không đúng"),
        ({"amount": "9" * 13}, 422, "Số tiền hoàn không đúng"),
        ({"reason": " \n\0"}, 422, "Hãy ghi lý do."),
        ({"reason": "x" * (MOST_REASON + 1)}, 422, "Lý do dài quá"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_one_sentence_and_kept_in_the_form(
    desk: Desk, changed: dict[str, str], status: int, sentence: str
) -> None:
    view, payment_id = paid(desk)
    answer = ask(desk, view, payment_id, **changed)
    assert answer.status_code == status
    [told] = re.findall(r'<p class="refused" role="alert">(.*?)</p>', answer.text)
    assert sentence in told
    assert f'value="{changed.get("amount", "2.000")}"' in answer.text
    assert standing(desk) == ([], [0])


def test_a_rejection_needs_a_reason(desk: Desk) -> None:
    view, payment_id = paid(desk)
    answer = decide(desk, view, "reject", asked(desk, payment_id), reason="  ")
    assert answer.status_code == 422
    assert "Hãy ghi lý do." in answer.text
    assert standing(desk) == ([("requested", None)], [2_000])


def test_nobody_acts_on_the_money_of_another_payment(desk: Desk) -> None:
    view, payment_id = paid(desk)
    other = desk.owe(dossier_code="HS-9")
    reference = asked(desk, payment_id)
    before = standing(desk)
    for answer in (
        ask(desk, other, payment_id),
        ask(desk, view, "x\0"),
        decide(desk, other, "approve", reference),
        decide(desk, other, "reject", reference, reason="không"),
        decide(desk, view, "approve", "x\0"),
    ):
        assert answer.status_code == 404
    assert standing(desk) == before


def test_the_page_of_a_refusal_leads_to_a_page_in_the_other_language(desk: Desk) -> None:
    view, payment_id = paid(desk)
    refused = ask(desk, view, payment_id, amount="x")
    link = f"/console/payments/{view.id}?lang=en"
    assert f'href="{link}"' in refused.text
    assert "Ask for a refund" in desk.browser.get(link).text


def end(desk: Desk, view: PaymentRequestView, reference: str, **changed: str) -> httpx.Response:
    fields = {"outcome": "failed", "evidence": "Công văn 12/NH ngày 20/11", **changed}
    return decide(desk, view, "end", reference, **fields)


def taken_in(desk: Desk, view: PaymentRequestView, payment_id: str, actor: str = PORTAL_ACTOR) -> str:
    """A refund that the bank has taken in, without saying yet how it ended."""
    reference = asked(desk, payment_id, actor=actor)
    approve_refund(desk.installation.gateway, reference, "user:somebody.else")
    send_refund(desk.installation.gateway, reference)
    return reference


def paid_at_the_bank(desk: Desk) -> tuple[PaymentRequestView, str]:
    view = desk.owe()
    desk.installation.bank.choose(desk.start(view), "pay")
    desk.hear(desk.installation.bank.notices[-1])
    return view, all_of(desk, "payments")[0].id


@pytest.mark.parametrize(
    ("outcome", "state", "words", "reserved_dong"),
    [("done", "done", "Đã hoàn", 2_000), ("failed", "failed", "Không hoàn được", 0)],
)
def test_an_officer_ends_a_refund_of_which_the_bank_does_not_tell(
    desk: Desk, outcome: str, state: str, words: str, reserved_dong: int
) -> None:
    view, payment_id = paid_at_the_bank(desk)
    reference = taken_in(desk, view, payment_id)
    assert "Ghi kết quả theo chứng từ ngân hàng" in desk.get(f"/console/payments/{view.id}").text
    answer = end(desk, view, reference, outcome=outcome)
    assert answer.headers["location"] == f"/console/payments/{view.id}?done=refund_ended"
    [refund] = all_of(desk, "refunds")
    assert (refund.state, refund.ended_by, refund.evidence) == (state, LAN, "Công văn 12/NH ngày 20/11")
    assert standing(desk)[1] == [reserved_dong]
    page = desk.browser.get(answer.headers["location"]).text
    assert "Đã ghi kết quả của lệnh hoàn." in page
    assert words in page
    assert page.count("Công văn 12/NH ngày 20/11") >= 2, "beside the refund and in the timeline"
    assert "refunds/end" not in page
    [entry] = [row for row in all_of(desk, "audit_log") if row.action == f"refund_{state}"]
    assert (entry.actor, entry.subject) == (LAN, view.id)
    check_books(desk.installation.gateway.engine)


def test_who_asked_for_a_refund_does_not_end_it(desk: Desk) -> None:
    view, payment_id = paid_at_the_bank(desk)
    reference = taken_in(desk, view, payment_id, actor=LAN)
    page = desk.get(f"/console/payments/{view.id}").text
    assert "một cán bộ khác ghi kết quả" in page
    assert "refunds/end" not in page
    answer = end(desk, view, reference)
    assert answer.status_code == 409
    assert "Người đề nghị không được tự ghi kết quả" in answer.text
    assert standing(desk)[1] == [2_000]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"evidence": " \0"}, "Hãy ghi lý do."),
        ({"evidence": "x" * (MOST_REASON + 1)}, "Lý do dài quá"),
        ({"outcome": ""}, "Hãy chọn: ngân hàng đã hoàn hay không hoàn."),
        ({"outcome": "perhaps"}, "Hãy chọn: ngân hàng đã hoàn hay không hoàn."),
    ],
)
def test_an_end_without_evidence_or_outcome_is_refused(
    desk: Desk, changed: dict[str, str], sentence: str
) -> None:
    view, payment_id = paid_at_the_bank(desk)
    reference = taken_in(desk, view, payment_id)
    answer = end(desk, view, reference, **changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert [row.state for row in all_of(desk, "refunds")] == ["sent"]


def test_a_refund_that_waits_for_approval_or_has_ended_cannot_be_ended(desk: Desk) -> None:
    view, payment_id = paid_at_the_bank(desk)
    reference = asked(desk, payment_id)
    assert "refunds/end" not in desk.get(f"/console/payments/{view.id}").text
    assert end(desk, view, reference).status_code == 409
    approve_refund(desk.installation.gateway, reference, LAN)
    assert end(desk, view, reference, outcome="done").status_code == 409
    assert end(desk, view, reference).status_code == 303
    assert end(desk, view, reference).status_code == 409
    assert standing(desk) == ([("failed", LAN)], [0])


def test_held_money_that_goes_back_is_held_no_longer_in_the_list_as_in_the_ledger(desk: Desk) -> None:
    payments = []
    for number in range(3):
        view = desk.owe(dossier_code=f"HS-{number}")
        desk.installation.bank.choose(desk.start(view), "other_amount")
        desk.hear(desk.installation.bank.notices[-1])
        payments.append(all_of(desk, "payments")[-1])
    held = sum(payment.amount_dong for payment in payments)
    reference = asked(desk, payments[0].id, payments[0].amount_dong)
    assert listed(desk) == in_suspense(desk) == held
    approve_refund(desk.installation.gateway, reference, LAN)
    assert listed(desk) == in_suspense(desk) == held - payments[0].amount_dong
    send_refund(desk.installation.gateway, reference)
    assert listed(desk) == in_suspense(desk) == held - payments[0].amount_dong


def listed(desk: Desk) -> int:
    """What the list calls held, as a total and as the sum of its rows."""
    found = find_payments(desk.installation.gateway, LAN, PaymentFilter(), None)
    assert sum(row.suspense_dong for row in found.page.items) == found.totals.suspense_dong
    return found.totals.suspense_dong


def in_suspense(desk: Desk) -> int:
    return -balances(desk.installation.gateway.engine)["suspense:vnpay"]


def test_a_payment_without_money_has_nothing_to_give_back(desk: Desk) -> None:
    view = desk.owe()
    assert "/refunds" not in desk.get(f"/console/payments/{view.id}").text


def test_every_state_of_a_refund_has_a_word() -> None:
    for table in languages.texts().values():
        assert [state for state in RefundState if f"{PREFIX}refund_state.{state}" not in table] == []
