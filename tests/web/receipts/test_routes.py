"""The public check over HTTP: by code and by file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from payments.core.lifecycle import ReceiptState
from payments.store.tables import agencies, payment_request_lines, receipts
from payments.use_cases.check_receipt import FileFinding, check_file, masked, read_lookup_code
from payments.use_cases.wishes import Payer
from payments.web.receipts.routes import FINDINGS, STATES
from receipts import xml
from receipts.document import Receipt
from receipts.seal import Sealer, make_self_signed
from receipts.verify import Problem
from tests.gateway import START
from tests.web.citizen_site import Site


def issued(site: Site) -> Receipt:
    """The receipt of a payment that has just been made."""
    _, path = site.owe(payer=Payer("Nguyễn Thị Ổn", "0101234567", "1 phố Huế"))
    site.pay(path)
    with site.installation.gateway.engine.connect() as connection:
        content = connection.execute(select(receipts.c.content)).scalar_one()
    return Receipt.from_dict(dict(content))


def sealed(site: Site, receipt: Receipt) -> bytes:
    return site.installation.gateway.sealer.seal_xml(xml.write(receipt), START)


def upload(site: Site, content: bytes) -> httpx.Response:
    return site.browser.post("/verify", files={"file": ("bien-lai.xml", content, "application/xml")})


def plain(page: httpx.Response) -> str:
    return page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_code_shows_what_is_on_the_receipt_and_no_more(site_on_each: Site) -> None:
    receipt = issued(site_on_each)
    page = site_on_each.get(f"/r/{receipt.lookup_code}")
    assert page.status_code == 200
    assert "Biên lai này là thật" in page.text
    for shown in (receipt.collector.name, receipt.collector.tax_code, receipt.serial, receipt.number_text):
        assert shown in page.text
    assert "22/11/2026" in page.text
    assert "5.000 đ" in plain(page)
    assert "N••• T••• Ổ•••" in page.text
    for kept_back in ("Nguyễn Thị Ổn", "1 phố Huế", receipt.dossier_code, receipt.provider_reference):
        assert kept_back not in page.text


def test_a_code_is_found_however_it_is_typed(site: Site) -> None:
    code = issued(site).lookup_code
    typed = f" {code[:4]}-{code[4:8]} {code[8:]}".lower().replace("0", "o").replace("1", "l")
    answer = site.browser.get("/verify", params={"code": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/r/{code}")


@pytest.mark.parametrize("path", ["/r/000000000000", "/r/%3Cscript%3E", "/r/" + "7" * 300, "/r/%00"])
def test_a_wrong_code_is_a_neat_404(site_on_each: Site, path: str) -> None:
    page = site_on_each.get(path)
    assert page.status_code == 404
    assert "Không có biên lai mang mã này" in page.text
    assert "<script" not in page.text


def test_what_can_be_no_code_is_said_at_the_form(site: Site) -> None:
    page = site.browser.get("/verify", params={"code": "xin chào"})
    assert page.status_code == 200
    assert "Không có biên lai mang mã này" in page.text
    assert "Không có biên lai" not in site.get("/verify").text


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("replaced", "Biên lai này đã được thay thế"),
        ("reported_wrong", "Biên lai này đã được báo có sai sót"),
    ],
)
def test_a_receipt_that_is_no_longer_good_is_not_called_genuine(site: Site, state: str, heading: str) -> None:
    code = issued(site).lookup_code
    with site.installation.gateway.engine.begin() as connection:
        connection.execute(update(receipts).values(state=state))
    page = site.get(f"/r/{code}").text
    assert heading in page
    assert "là thật" not in page


def test_the_sealed_file_is_genuine(site: Site) -> None:
    page = upload(site, sealed(site, issued(site)))
    assert page.status_code == 200
    assert "Biên lai này là thật" in page.text
    assert "tệp không bị sửa" in page.text


def test_a_receipt_sealed_before_the_certificate_was_changed_stays_genuine(site_on_each: Site) -> None:
    content = sealed(site_on_each, issued(site_on_each))
    before = site_on_each.installation.gateway
    renewed = replace(before, sealer=Sealer.from_pem(*make_self_signed("Thuphi tests", START, 3)))
    assert check_file(renewed, content).finding is FileFinding.WRONG_SIGNER
    remembering = replace(renewed, earlier_certificates=tuple(before.trusted_certificates))
    checked = check_file(remembering, content)
    assert checked.finding is None
    assert checked.found is not None
    changed = content.replace("Nguyễn".encode(), "Nguyên".encode())
    assert check_file(remembering, changed).finding is FileFinding.CHANGED


def test_a_changed_file_is_found_out(site: Site) -> None:
    content = sealed(site, issued(site)).replace("Nguyễn".encode(), "Nguyên".encode())
    page = upload(site, content)
    assert page.status_code == 422
    assert "Tệp đã bị sửa sau khi được ký." in page.text


def test_a_file_sealed_by_somebody_else_is_found_out(site: Site) -> None:
    stranger = Sealer.from_pem(*make_self_signed("Somebody else", START - timedelta(days=1), 2))
    page = upload(site, stranger.seal_xml(xml.write(issued(site)), START))
    assert "Chữ ký số không phải của cơ quan thu." in page.text


def test_a_file_without_a_seal_is_found_out(site: Site) -> None:
    assert "Tệp không có chữ ký số." in upload(site, xml.write(issued(site))).text


def test_every_finding_has_its_words() -> None:
    assert set(FINDINGS) == set(FileFinding)
    assert {problem.value for problem in Problem} <= {finding.value for finding in FileFinding}
    assert set(STATES) == set(ReceiptState)


def test_a_sealed_file_that_the_books_do_not_hold_is_found_out(site: Site) -> None:
    receipt = issued(site)
    unknown = replace(receipt, lookup_code="000000000000")
    assert "không có trong sổ biên lai" in upload(site, sealed(site, unknown)).text
    other = replace(receipt, number=receipt.number + 1)
    assert "không khớp với biên lai mang mã này" in upload(site, sealed(site, other)).text


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 nothing", b"<xml>", b"\x00\xff", json.dumps({}).encode(), b"<!DOCTYPE x []><x/>"]
)
def test_what_is_no_receipt_is_called_that(site: Site, content: bytes) -> None:
    page = upload(site, content)
    assert page.status_code == 422
    assert "Tệp này không phải là biên lai hợp lệ" in page.text


def test_no_file_chosen_is_said(site: Site) -> None:
    assert "Chưa có tệp nào được chọn." in upload(site, b"").text
    assert "Chưa có tệp nào được chọn." in site.browser.post("/verify", data={"file": "text"}).text


def test_the_english_reader_is_answered_in_english(site_on_each: Site) -> None:
    receipt = issued(site_on_each)
    with site_on_each.installation.gateway.engine.connect() as connection:
        [basis] = connection.execute(select(payment_request_lines.c.legal_basis_en)).scalars()
    page = site_on_each.get(f"/r/{receipt.lookup_code}?lang=en").text
    assert "This receipt is genuine" in page
    assert "in the books of the collector, People&#39;s Committee of Trung Tâm Ward" in page
    assert receipt.collector.name in page  # as it stands on the paper
    assert receipt.lines[0].legal_basis not in page
    assert basis
    assert f"Legal basis: {basis}" in page
    assert "In words: Five thousand Vietnamese dong" in page


def test_what_has_no_english_is_shown_in_vietnamese(site: Site) -> None:
    receipt = issued(site)
    with site.installation.gateway.engine.begin() as connection:
        connection.execute(update(agencies).values(name_en=""))
    assert (
        f"in the books of the collector, {receipt.collector.name}"
        in site.get(f"/r/{receipt.lookup_code}?lang=en").text
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Nguyễn Văn An", "N••• V••• A•••"), ("", ""), ("  Công ty  A ", "C••• t••• A•••"), ("An", "A•••")],
)
def test_a_name_is_masked_to_its_first_letters(name: str, shown: str) -> None:
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("k7q2-m4x8 z1t9", "K7Q2M4X8Z1T9"),
        ("oil", "011"),
        ("K7Q2.M4X8", "K7Q2M4X8"),
        ("ü", ""),
        ("U", ""),
        ("", ""),
    ],
)
def test_a_typed_code_is_read_as_it_was_meant(typed: str, code: str) -> None:
    assert read_lookup_code(typed) == code
