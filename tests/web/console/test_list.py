"""The list of payments: what is found by which text and filter, page by page, and the totals."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

from sqlalchemy import event, select

from payments.core.money import format_dong
from payments.core.names import fold
from payments.store.database import reading
from payments.store.payments_search import PaymentFilter
from payments.store.tables import audit_log, receipt_books, receipts
from payments.use_cases.find_payments import find_payments
from payments.use_cases.views import PaymentRequestView
from payments.use_cases.wishes import Payer
from tests.gateway import Installation
from tests.web.console.conftest import Desk

ROW = re.compile(r'href="/console/payments/(pr_[0-9A-Z]+)')
OFFICER = "user:lan.nguyen"
UNUSABLE = base64.urlsafe_b64encode(b"0001-01-01T00:00:00+14:00|pr_0").decode()


def found_ids(installation: Installation, **wanted: object) -> list[str]:
    findings = find_payments(installation.gateway, OFFICER, PaymentFilter(**wanted), None)  # type: ignore[arg-type]
    return [found.id for found in findings.page.items]


def shown_ids(desk: Desk, **parameters: str) -> list[str]:
    answer = desk.get("/console/payments", **parameters)
    assert answer.status_code == 200
    return ROW.findall(answer.text)


def receipt_of(installation: Installation, view: PaymentRequestView) -> tuple[str, str]:
    """The number of the receipt as it is quoted, and its lookup code."""
    query = (
        select(receipt_books.c.form_code, receipt_books.c.serial, receipts.c.number, receipts.c.lookup_code)
        .join(receipts, receipts.c.book_id == receipt_books.c.id)
        .where(receipts.c.request_id == view.id)
    )
    with reading(installation.gateway.engine) as connection:
        form, serial, number, code = connection.execute(query).one()
    return f"{form}-{serial}-{number:08d}", code


def test_a_payment_is_found_by_whatever_is_known_of_it(desk: Desk) -> None:
    desk.owe(dossier_code="KHAC-0001")
    view = desk.owe(dossier_code="H26.15-260914-0042", payer=Payer("Đặng Thị Ổn"))
    desk.pay(view, vnp_TransactionNo="14108888")
    receipt, lookup_code = receipt_of(desk.installation, view)
    for typed in (
        view.id,
        view.id.lower(),
        view.dossier_code,
        view.dossier_code.lower()[:-3],
        "14108888",
        receipt,
        receipt.lower(),
        str(int(receipt[-8:])),
        lookup_code,
        " ".join(re.findall("....", lookup_code)),
        "Đặng Thị Ổn",
        "dang thi on",
        "ỔN ĐẶNG",
        "  đang   Thi ",
    ):
        assert shown_ids(desk, q=typed) == [view.id], typed


def test_a_payment_is_found_by_the_reference_of_its_attempt(desk: Desk) -> None:
    desk.owe(dossier_code="KHAC-0001")
    view = desk.owe(dossier_code="HS-7")
    reference = re.search(r"vnp_TxnRef=([0-9A-Z]+)", desk.start(view))
    assert reference is not None
    assert shown_ids(desk, q=reference[1]) == shown_ids(desk, q=reference[1].lower()) == [view.id]


def test_a_text_is_only_a_text(desk: Desk) -> None:
    desk.owe(dossier_code="HS-7")
    for text in ("%", "_", "'", "HS-%", "\\", "🙂", "ß", "a' OR '1'='1", "<b>", "9" * 300):
        answer = desk.get("/console/payments", q=text)
        assert ROW.findall(answer.text) == [], text
        assert "<b>" not in answer.text
        assert "Không có khoản nộp nào khớp" in answer.text, text


def test_letters_that_cannot_be_seen_are_not_searched_for(desk: Desk) -> None:
    view = desk.owe(dossier_code="HS-7")
    desk.owe(dossier_code="KHAC-0001")
    assert shown_ids(desk, q="HS\0-\u20637\r\n") == [view.id]
    assert shown_ids(desk, account="\0", agency="\0") == shown_ids(desk)


def test_names_fold_the_same_way_in_both_databases(installation: Installation) -> None:
    names = (
        "Nguyễn Văn Ổn",
        "TRẦN ĐỨC ƯỚC",
        "Lý Quỳnh Mỹ",
        "Øre Ægir",
        "Zoë Müller",
        "Hoa\u0300ng Ye\u0302\u0301n",
    )
    views = {
        name: installation.request_payment(dossier_code=f"HS-{place}", payer=Payer(name))
        for place, name in enumerate(names)
    }
    for name, view in views.items():
        for typed in (name, fold(name), name.upper()):
            assert found_ids(installation, text=typed) == [view.id], typed


def test_the_filters_narrow_the_list_each_in_its_way(desk: Desk) -> None:
    waiting = desk.owe(dossier_code="HS-1")
    desk.installation.clock.advance(seconds=1)
    paid = desk.owe(dossier_code="HS-2")
    desk.pay(paid)
    desk.installation.clock.advance(days=2)
    held = desk.owe(dossier_code="HS-3", inputs={"pages": 10, "copies": 1})
    desk.pay(held, vnp_Amount="100", vnp_TransactionNo="14100002")
    desk.log_in()
    everything = [held.id, paid.id, waiting.id]
    for parameters, expected in (
        ({}, everything),
        ({"state": "paid"}, [paid.id]),
        ({"state": "open"}, [held.id, waiting.id]),
        ({"account": "vnpay"}, [held.id, paid.id]),
        ({"agency": paid.agency.code}, everything),
        ({"agency": "nobody"}, []),
        ({"from": "24/11/2026"}, [held.id]),
        ({"to": "2026-11-23"}, [paid.id, waiting.id]),
        ({"date": "paid", "to": "22/11/2026"}, [paid.id]),
        ({"least": str(held.amount_dong)}, [held.id]),
        ({"most": f"{held.amount_dong - 1}"}, [paid.id, waiting.id]),
        ({"most": f"{held.amount_dong - 1:,}"}, [paid.id, waiting.id]),
        ({"troubled": "1"}, [held.id]),
        ({"troubled": "1", "state": "paid"}, []),
    ):
        assert shown_ids(desk, **parameters) == expected, parameters


def test_a_day_is_a_day_in_vietnam(desk: Desk) -> None:
    desk.installation.clock.moment = datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)
    before = desk.owe(dossier_code="HS-1")
    desk.installation.clock.advance(seconds=1)
    after = desk.owe(dossier_code="HS-2")
    desk.log_in()
    assert shown_ids(desk, to="30/11/2026") == [before.id]
    assert shown_ids(desk, **{"from": "1/12/2026"}) == [after.id]


def test_a_filter_that_cannot_be_read_is_named_and_nothing_is_listed(desk: Desk) -> None:
    desk.owe()
    for field, value in (
        ("from", "31/02/2026"),
        ("to", "mai"),
        ("to", "01/01/0001"),
        ("least", "một"),
        ("most", "-5"),
        ("most", "1.00"),
        ("least", "9999999999999"),
        ("state", "lost"),
        ("date", "seen"),
    ):
        answer = desk.get("/console/payments", **{field: value})
        assert answer.status_code == 422, field
        assert f'id="wrong-{field}"' in answer.text, field
        assert ROW.findall(answer.text) == []


def test_a_period_that_ends_before_it_begins_is_named(desk: Desk) -> None:
    answer = desk.get("/console/payments", **{"from": "02/12/2026", "to": "01/12/2026"})
    assert answer.status_code == 422
    assert "trước ngày đầu" in answer.text


def test_pages_follow_one_another_without_gap_or_repetition(installation: Installation) -> None:
    made = []
    for place in range(7):
        made.append(installation.request_payment(dossier_code=f"HS-{place}").id)
        installation.clock.advance(seconds=place % 2)  # some are of the same moment
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = find_payments(installation.gateway, OFFICER, PaymentFilter(), cursor, limit=3).page
        seen += [found.id for found in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == sorted(made)
    assert len(set(seen)) == 7


def test_the_next_page_keeps_the_filters_and_leads_back(desk: Desk) -> None:
    for place in range(52):
        desk.owe(dossier_code=f"HS-{place:02}")
    first = desk.get("/console/payments", state="open", lang="en")
    link = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert link is not None
    second = desk.browser.get(link[1].replace("&amp;", "&"))
    assert len(ROW.findall(second.text)) == 2
    assert "First page" in second.text
    assert "state=open" in link[1]


def test_an_invented_cursor_is_refused_with_a_sentence(desk: Desk) -> None:
    for cursor in ("x", "AAAA", "%", "MjAyNi0xMS0yMnxwcl8x", "🙂", "bm9u", UNUSABLE):
        answer = desk.get("/console/payments", cursor=cursor)
        assert answer.status_code == 422, cursor
        assert "Hãy mở lại từ trang đầu" in answer.text


def test_the_totals_are_of_everything_that_matches(desk: Desk) -> None:
    views = [desk.owe(dossier_code=f"HS-{place}") for place in range(3)]
    desk.pay(views[0])
    desk.pay(views[1], vnp_Amount="100", vnp_TransactionNo="14100002")
    findings = find_payments(desk.installation.gateway, OFFICER, PaymentFilter(), None, limit=1)
    each = views[0].amount_dong
    totals = findings.totals
    assert (totals.count, totals.amount_dong) == (3, 3 * each)
    assert (totals.settled_dong, totals.suspense_dong, totals.refunded_dong) == (each, 1, 0)
    assert {part.state: part.count for part in totals.by_state} == {"open": 2, "paid": 1}
    page = desk.get("/console/payments", state="paid").text
    assert page.count(format_dong(each)) >= 2
    assert "Đang giữ, chưa xử lý" not in page


def test_the_list_asks_the_database_as_often_for_fifty_as_for_one(installation: Installation) -> None:
    def statements() -> int:
        counted: list[str] = []

        def count(*arguments: object) -> None:
            counted.append(str(arguments[2]))

        event.listen(installation.gateway.engine, "before_cursor_execute", count)
        find_payments(installation.gateway, OFFICER, PaymentFilter(), None)
        event.remove(installation.gateway.engine, "before_cursor_execute", count)
        return len(counted)

    installation.request_payment(dossier_code="HS-0")
    one = statements()
    for place in range(1, 30):
        installation.request_payment(dossier_code=f"HS-{place}")
    assert statements() == one


def test_money_of_an_unknown_reference_is_pointed_out(desk: Desk) -> None:
    page_address = desk.start(desk.owe())
    desk.hear(desk.installation.bank.notice(page_address, vnp_TxnRef="TP00000000000000000000000009"))
    assert "1 khoản tiền chưa khớp" in desk.get("/console/payments").text
    page = desk.get("/console/unmatched").text
    assert "TP00000000000000000000000009" in page
    assert "14100001" in page


def test_who_looked_for_what_is_written_down(desk: Desk) -> None:
    desk.get("/console/payments", q="nguyễn", state="paid")
    query = select(audit_log.c.actor, audit_log.c.detail).where(
        audit_log.c.action == "console.payments_listed"
    )
    with reading(desk.installation.gateway.engine) as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    assert rows == [(OFFICER, {"filter": {"text": "nguyễn", "state": "paid", "date_kind": "created"}})]


def test_html_in_a_name_is_shown_as_letters(desk: Desk) -> None:
    desk.owe(payer=Payer("<script>alert(1)</script>"))
    page = desk.get("/console/payments").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
