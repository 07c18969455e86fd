"""The citizen's pages over HTTP."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import Engine, select

from payments.store.jobs import JobKind
from payments.store.tables import attempts, jobs, receipts
from payments.use_cases.expire_payment import cancel_request, expire_payment
from payments.use_cases.gateway import ProviderAccount
from payments.use_cases.issue_receipt import make_receipt_files
from payments.use_cases.wishes import Payer
from providers.protocol import Order, Redirect, RemoteProviderError
from providers.vnpay import VnPay
from tests.gateway import PORTAL, vnpay_account
from tests.web.citizen_site import Site, citizen_site

NATURALISATION = "2.002039"
VIETNAMESE, ENGLISH = "Nộp phí, lệ phí", "Pay fees and charges"


def number_of_attempts(site: Site) -> int:
    with site.installation.gateway.engine.connect() as connection:
        return len(connection.execute(select(attempts.c.reference)).all())


def start(site: Site, path: str, account: str = "vnpay") -> httpx.Response:
    return site.browser.post(path, data={"account": account})


def test_the_link_shows_what_is_owed_and_to_whom(site_on_each: Site) -> None:
    view, path = site_on_each.owe(dossier_code="HS-2026-000777")
    page = site_on_each.get(path)
    assert page.status_code == 200
    for text in (VIETNAMESE, "HS-2026-000777", view.agency.name_vi, view.agency.tax_code, "5.000 đ"):
        assert text.replace(" đ", "\N{NO-BREAK SPACE}đ") in page.text
    for line in view.lines:
        assert line.name_vi in page.text
        assert line.legal_basis_vi in page.text


@pytest.mark.parametrize("path", ["/pay/NEVERGIVENOUT", "/pay/%00", "/pay/" + "A" * 500])
def test_a_link_that_was_never_given_out_is_a_calm_404(site_on_each: Site, path: str) -> None:
    page = site_on_each.get(path)
    assert page.status_code == 404
    assert "Không tìm thấy khoản nộp này" in page.text
    assert "This payment was not found" in site_on_each.get(f"{path}?lang=en").text


def test_choosing_the_bank_sends_the_browser_there(site: Site) -> None:
    view, path = site.owe()
    answer = start(site, path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://127.0.0.1:9999/paymentv2/vpcpay.html?")
    assert f"vnp_Amount={view.amount_dong * 100}&" in answer.headers["location"]


def test_choosing_the_same_bank_twice_continues_the_same_try(site: Site) -> None:
    _, path = site.owe()
    assert start(site, path).headers["location"] == start(site, path).headers["location"]
    assert number_of_attempts(site) == 1


def test_choosing_needs_no_cookie_and_leaves_none(site: Site) -> None:
    _, path = site.owe()
    start(site, path)
    assert dict(site.browser.cookies) == {}


@pytest.mark.parametrize("account", ["", "nobody", "../vnpay", "x" * 5000])
def test_a_choice_that_is_not_offered_leads_back_to_the_page(site: Site, account: str) -> None:
    _, path = site.owe()
    answer = start(site, path, account)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert number_of_attempts(site) == 0


def test_a_form_that_is_no_form_changes_nothing(site: Site) -> None:
    _, path = site.owe()
    many = site.browser.post(path, data={f"field{number}": "x" for number in range(100)})
    broken = site.browser.post(
        path, content=b"--x", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    huge = start(site, path, "x" * 70_000)
    assert {many.status_code, broken.status_code, huge.status_code} <= {303, 400, 413}
    assert huge.status_code == 413
    assert number_of_attempts(site) == 0


def test_paying_a_paid_request_leads_back_to_the_page_that_says_so(site: Site) -> None:
    _, path = site.owe()
    site.pay(path)
    answer = start(site, path)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "Đã nộp xong" in site.get(path).text


def test_after_leaving_for_the_bank_the_page_asks_and_does_not_claim_failure(site: Site) -> None:
    _, path = site.owe()
    start(site, path)
    page = site.get(path).text
    assert "Chúng tôi đang hỏi ngân hàng" in page
    assert f'content="3;url={path}?reload=1"' in page


def test_asking_again_brings_the_question_forward_and_comes_back(site: Site) -> None:
    _, path = site.owe()
    start(site, path)
    answer = site.browser.post(f"{path}/ask")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?asked=1")
    assert "vừa hỏi lại ngân hàng" in site.get(f"{path}?asked=1").text
    with site.installation.gateway.engine.connect() as connection:
        query = select(jobs.c.run_at).where(jobs.c.kind == JobKind.ASK_PROVIDER)
        assert connection.execute(query).scalars().all() == [site.installation.clock()]


def test_asking_about_nothing_is_harmless(site: Site) -> None:
    _, path = site.owe()
    assert site.browser.post(f"{path}/ask").status_code == 303
    assert site.browser.post("/pay/NEVERGIVENOUT/ask").status_code == 404


def test_a_failed_try_says_so_and_offers_another(site: Site) -> None:
    _, path = site.owe()
    site.pay(path, "cancel")
    page = site.get(path).text
    assert "Lần nộp trước chưa thành công" in page
    assert "Nộp qua VNPAY" in page


def test_another_amount_is_held_with_both_amounts(site: Site) -> None:
    view, path = site.owe()
    site.pay(path, "other_amount")
    page = site.get(path).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "cán bộ đang xem lại" in page
    assert "6.000 đ" in page
    assert view.amount_dong == 5_000


@pytest.mark.parametrize("reload", ["-1", "x", "99999999999999999999", "1e3", "٣", "off", ""])
def test_a_strange_number_of_reloads_stops_them_and_breaks_nothing(site: Site, reload: str) -> None:
    _, path = site.owe()
    start(site, path)
    page = site.browser.get(path, params={"reload": reload})
    assert page.status_code == 200
    assert "http-equiv" not in page.text


def test_the_language_chosen_by_the_address_is_remembered_and_kept_on_the_way(site: Site) -> None:
    _, path = site.owe()
    assert ENGLISH in site.get(f"{path}?lang=en").text
    assert site.browser.cookies["lang"] == "en"
    assert ENGLISH in site.get(path).text
    assert VIETNAMESE in site.get(f"{path}?lang=vi").text


def test_without_cookies_the_language_rides_in_the_address(site: Site) -> None:
    _, path = site.owe()
    answer = site.browser.post(f"{path}/ask?lang=en")
    assert answer.headers["location"] == f"{path}?asked=1&lang=en"
    assert (
        "vnp_Locale=en" in site.browser.post(f"{path}?lang=en", data={"account": "vnpay"}).headers["location"]
    )


def test_html_in_the_payers_name_is_text(site: Site) -> None:
    _, path = site.owe(payer=Payer("<script>alert(1)</script>"))
    page = site.get(path).text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_page_about_money_is_neither_kept_nor_leaked(site: Site) -> None:
    _, path = site.owe()
    headers = site.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_the_style_sheet_is_there_and_may_be_kept(site: Site) -> None:
    _, path = site.owe()
    address = site.get(path).text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    sheet = site.get(address)
    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]
    assert "immutable" not in site.get("/static/thuphi.css").headers["cache-control"]


def test_nothing_due_needs_no_bank(site: Site) -> None:
    _, path = site.owe(
        procedure_code=NATURALISATION, inputs={}, beneficiaries=frozenset({"stateless_hardship_certified"})
    )
    assert "Bạn không phải nộp tiền" in site.get(path).text


def paid(site: Site) -> tuple[str, str]:
    """The path of a paid request's page, and the id of its receipt."""
    view, path = site.owe()
    site.pay(path)
    with site.installation.gateway.engine.connect() as connection:
        query = select(receipts.c.id).where(receipts.c.request_id == view.id)
        return path, connection.execute(query).scalar_one()


def test_the_page_waits_for_the_papers_and_then_offers_them(site: Site) -> None:
    path, receipt_id = paid(site)
    waiting = site.get(path).text
    assert "Biên lai đang được lập" in waiting
    assert f'content="3;url={path}?reload=1"' in waiting
    make_receipt_files(site.installation.gateway, receipt_id)
    ready = site.get(path).text
    assert "http-equiv" not in ready
    for file_format, start_of_file in (("pdf", b"%PDF-"), ("xml", b"<?xml")):
        link = f"{path}/receipt.{file_format}?number=EBL01-26TAA-00000001&amp;agency=ubnd-phuong"
        assert link in ready
        file = site.get(link.replace("&amp;", "&"))
        assert file.headers["content-type"] == f"application/{file_format}"
        assert f'filename="EBL01-26TAA-00000001.{file_format}"' in file.headers["content-disposition"]
        assert file.content.startswith(start_of_file)
        assert site.get(link.replace("&amp;", "&")).content == file.content


def test_papers_are_given_only_through_the_link_they_belong_to(site_on_each: Site) -> None:
    path, receipt_id = paid(site_on_each)
    make_receipt_files(site_on_each.installation.gateway, receipt_id)
    _, other = site_on_each.owe(dossier_code="HS-2026-000002")
    number = "number=EBL01-26TAA-00000001"
    assert site_on_each.get(f"{path}/receipt.pdf?{number}").status_code == 200
    for refused in (
        f"{other}/receipt.pdf?{number}",
        f"/pay/NEVERGIVENOUT/receipt.pdf?{number}",
        f"{path}/receipt.pdf?{number}&agency=so-tu-phap",
        f"{path}/receipt.pdf?number=EBL01-26TAA-00000002",
        f"{path}/receipt.pdf?number=%00",
        f"{path}/receipt.pdf?{number}&agency=%00",
        f"{path}/receipt.pdf",
    ):
        assert site_on_each.get(refused).status_code == 404, refused


def test_a_cancelled_request_says_when_and_takes_no_money(site: Site) -> None:
    view, path = site.owe()
    cancel_request(site.installation.gateway, PORTAL, view.id)
    page = site.get(path).text
    assert "Khoản nộp này đã được hủy" in page
    assert "22/11/2026 10:00" in page
    assert start(site, path).headers["location"] == path
    assert number_of_attempts(site) == 0


def test_an_expired_request_says_so_before_and_after_it_is_closed(site: Site) -> None:
    view, path = site.owe()
    site.installation.clock.moment = view.expires_at
    assert "Đã hết hạn nộp" in site.get(path).text
    expire_payment(site.installation.gateway, view.id)
    assert "Đã hết hạn nộp" in site.get(path).text
    assert start(site, path).headers["location"] == path
    assert number_of_attempts(site) == 0


class Silent(VnPay):
    """A provider that has to be asked for its address and does not answer."""

    __slots__ = ()

    def start(self, order: Order) -> Redirect:
        raise RemoteProviderError("no answer")


def test_a_provider_that_does_not_answer_is_told_as_that_and_can_be_tried_again(engine: Engine) -> None:
    account = vnpay_account()
    silent = Silent(**{name: getattr(account.provider, name) for name in VnPay.__slots__})
    with citizen_site(engine, [ProviderAccount(account.code, silent, frozenset())]) as site:
        _, path = site.owe()
        page = start(site, path)
        assert page.status_code == 503
        assert "Chưa mở được trang thanh toán" in page.text
        assert "Bạn chưa bị thu tiền." in page.text
        assert "Nộp qua VNPAY" in page.text
        assert "đang hỏi ngân hàng" not in page.text
