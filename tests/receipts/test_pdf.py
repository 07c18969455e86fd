"""The page shows what the receipt says, in the right letters, and reaches for nothing."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from receipts import xml
from receipts.document import Kind, Party, Receipt
from receipts.errors import InvalidReceipt
from receipts.layout import families_used, lay_out
from receipts.pdf import (
    FONT_SAMPLE,
    Part,
    check_renderer,
    details_of,
    dong_text,
    long_date,
    moment_in_vietnam,
    page,
    parts_of,
    payment_text,
    qr_data_url,
    render,
    renderer_problems,
    short_date,
)
from tests.receipts.examples import (
    FULL,
    ISSUED_AT,
    example_line,
    example_receipt,
    example_sealer,
    sealed_xml,
)


def rendered(receipt: Receipt) -> PdfReader:
    return PdfReader(BytesIO(render(receipt, xml.write(receipt))))


def words(text: str) -> str:
    """Text without the breaks of lines and cells."""
    return " ".join(text.split())


def text_of(receipt: Receipt) -> str:
    return words(" ".join(page.extract_text() for page in rendered(receipt).pages))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def assert_never_called(server: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        server.accept()


def test_T37_vietnamese_letters_come_out_as_they_went_in() -> None:
    name = words(FONT_SAMPLE)
    text = text_of(example_receipt(payer=Party(name)))
    for word in name.split():
        assert word in text.replace(" ", "") or word in text


def test_T37_every_content_of_the_law_is_on_the_page() -> None:
    text = text_of(example_receipt(2, **FULL))
    for content in (
        "BIÊN LAI THU PHÍ, LỆ PHÍ",
        "Ký hiệu mẫu Form EBL01",
        "Ký hiệu Serial 26TAA",
        "Số Number 00000001",
        "Trung tâm Phục vụ hành chính công phường Tây Nha Trang",
        "4200123456-001",
        "Bưu điện tỉnh Khánh Hòa, mã số thuế 4200000000, 01 Pasteur, phường Nha Trang",
        "Ngày 22 tháng 11 năm 2026",
        "Nguyễn Thị Hồng Ngọc",
        "056190001234",
        "H32.12-261122-0004",
        "VNPAY – thẻ ATM NCB, mã giao dịch 14422574",
        "Phí thẩm định cấp giấy phép khai thác nước dưới đất",
        "Lệ phí cấp giấy chứng nhận quyền sử dụng đất",
        "Căn cứ: Thông tư 85/2019/TT-BTC",
        "50.000 đ",
        "100.000 đ",
        "Tổng cộng Total 150.000 đ",
        "Một trăm năm mươi nghìn đồng.",
        "7K3M-9QXT-2DHV",
        "Thay thế biên lai ký hiệu mẫu 01BLP0-001, ký hiệu AA-26E, số 0000077, ngày 01/06/2026",
        "Trang 1/1",
    ):
        assert content in text


def test_T37_html_in_names_is_shown_and_not_obeyed() -> None:
    name = '<b onclick="x">Nguyễn</b> &amp; {{ receipt.number }} <script>1</script>'
    receipt = example_receipt(payer=Party(name), lines=(example_line(name_vi=name),))
    assert text_of(receipt).count(name) == 2
    assert "<script>" not in page(receipt, xml.write(receipt))


def test_T37_an_image_in_a_name_is_never_fetched(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    name = f"<img src=http://127.0.0.1:{port}/a.png><link rel=stylesheet href=http://127.0.0.1:{port}/a.css>"
    receipt = example_receipt(payer=Party(name), procedure_name=name, lines=(example_line(name_vi=name),))
    rendered(receipt)
    assert_never_called(listener)


def test_T37_even_real_markup_reaches_no_host_and_no_file(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    html = (
        f"<style>@import url(http://127.0.0.1:{port}/a.css);"
        f"@font-face {{ font-family: Far; src: url(http://127.0.0.1:{port}/a.ttf) }}"
        f"p {{ font-family: Far; background: url(http://127.0.0.1:{port}/b.png) }}</style>"
        f"<img src='http://127.0.0.1:{port}/a.png'><img src='file:///etc/hostname'>"
        f"<link rel=attachment href='file:///etc/passwd'><p>Biên lai</p>"
    )
    document = PdfReader(BytesIO(lay_out(html, ("a.xml", b"<a/>"), ISSUED_AT, b"a" * 32)))
    assert_never_called(listener)
    assert list(document.attachments) == ["a.xml"]


def test_T37_very_long_names_stay_on_the_page() -> None:
    long_name = "Công ty Trách nhiệm hữu hạn Một thành viên Sản xuất và Thương mại " * 6
    receipt = example_receipt(
        payer=Party(long_name + "X" * 200), lines=(example_line(name_vi=long_name, amount_dong=10**14),)
    )
    document = rendered(receipt)
    text = words(" ".join(page.extract_text() for page in document.pages))
    assert text.replace(" ", "").count("X" * 200) == 1
    assert "100.000.000.000.000 đ" in text
    for sheet in document.pages:
        assert 0 <= min(places_of(sheet)) <= max(places_of(sheet)) <= sheet.mediabox.width


def places_of(sheet: PageObject) -> list[float]:
    """Where the texts of a page begin, in points from its left edge."""
    places: list[float] = []

    def visit(text: str, user: list[float], matrix: list[float], font: object, size: float) -> None:
        if text.strip():
            places.append(user[0] * matrix[4] + user[2] * matrix[5] + user[4])

    sheet.extract_text(visitor_text=visit)
    return places


@pytest.mark.parametrize(("line_count", "page_count"), [(1, 1), (3, 1)])
def test_few_lines_fit_on_one_page(line_count: int, page_count: int) -> None:
    assert len(rendered(example_receipt(line_count)).pages) == page_count


def test_many_lines_go_to_an_attached_list_that_names_the_receipt() -> None:
    receipt = example_receipt(40)
    document = rendered(receipt)
    first, *others = [words(page.extract_text()) for page in document.pages]
    assert "Phí: 14 khoản theo bảng kê đính kèm" in first
    assert "Lệ phí: 26 khoản theo bảng kê đính kèm" in first
    assert dong_text(receipt.total_dong).replace("\xa0", " ") in first
    assert "BẢNG KÊ CÁC KHOẢN PHÍ, LỆ PHÍ" in others[0]
    assert "số 00000001, ngày 22 tháng 11 năm 2026" in others[0]
    listed = " ".join(others)
    for line in receipt.lines:
        assert dong_text(line.amount_dong).replace("\xa0", " ") in listed
    for sheet in (first, *others):
        assert "Biên lai EBL01 26TAA số 00000001" in sheet


@pytest.mark.parametrize("line_count", [1, 7])
def test_the_same_receipt_gives_the_same_bytes_again_and_again(line_count: int) -> None:
    receipt = example_receipt(line_count)
    assert len({render(receipt, xml.write(receipt)) for _ in range(3)}) == 1


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import sys, hashlib\n"
        "from receipts import pdf, xml\n"
        "receipt = xml.read(sys.stdin.buffer.read())\n"
        "print(hashlib.sha256(pdf.render(receipt, xml.write(receipt))).hexdigest())"
    )
    written = xml.write(example_receipt())
    outcome = subprocess.run([sys.executable, "-c", program], input=written, capture_output=True, check=True)
    assert outcome.stdout.decode().strip() == hashlib.sha256(render(example_receipt(), written)).hexdigest()


def test_threads_that_meet_in_the_renderer_wait_for_each_other() -> None:
    written = [example_receipt(number=number) for number in range(1, 9)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda receipt: render(receipt, xml.write(receipt)), written))
    assert together == [render(receipt, xml.write(receipt)) for receipt in written]


def test_the_file_is_tagged_pdf_a_3_with_its_xml_attached() -> None:
    document = PdfReader(BytesIO(render(example_receipt(), sealed_xml())))
    assert document.attachments == {"bien-lai-26TAA-00000001.xml": [sealed_xml()]}
    root: Any = document.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "vi"
    assert "/StructTreeRoot" in root
    metadata = root["/Metadata"].get_object().get_data()
    assert b'pdfaid:part="3"' in metadata
    assert b'pdfaid:conformance="B"' in metadata
    assert document.metadata is not None
    assert document.metadata.title == "Biên lai EBL01 26TAA số 00000001"
    assert document.metadata.creation_date == ISSUED_AT


def test_the_page_is_a5_and_all_its_fonts_are_embedded() -> None:
    document = rendered(example_receipt())
    box = document.pages[0].mediabox
    assert [round(float(side) / 72 * 25.4) for side in (box.width, box.height)] == [148, 210]
    resources: Any = document.pages[0]["/Resources"]
    fonts = resources["/Font"].values()
    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_the_seal_is_named_once_there_is_one() -> None:
    sealed = PdfReader(BytesIO(render(example_receipt(), sealed_xml())))
    text = words(sealed.pages[0].extract_text())
    assert f"Đã ký số Người ký: {example_sealer().signer_name}" in text
    assert "Thời điểm ký: 10:16:00 22/11/2026" in text
    assert "Đã ký số" not in text_of(example_receipt())


def test_a_receipt_with_nothing_optional_renders() -> None:
    bare = example_receipt(
        payer=None, dossier_code="", procedure_name="", payment_method="", provider_reference=""
    )
    text = text_of(replace(bare, collector=Party("Sở Tư pháp", "4200123456")))
    for label in (
        "Người nộp",
        "Địa chỉ",
        "Thủ tục",
        "Mã hồ sơ",
        "Thanh toán",
        "ủy nhiệm",
        "Thay thế",
        "None",
    ):
        assert label not in text


def test_the_xml_of_another_receipt_is_not_attached() -> None:
    with pytest.raises(InvalidReceipt, match="another receipt"):
        render(example_receipt(number=2), sealed_xml())


def test_T35_the_printed_date_is_the_date_in_vietnam() -> None:
    moments = {
        "Ngày 31 tháng 12 năm 2026": (datetime(2026, 12, 31, 16, 59, 59, 900_000, tzinfo=UTC), "26TAA"),
        "Ngày 01 tháng 01 năm 2027": (datetime(2026, 12, 31, 17, 0, 0, 100_000, tzinfo=UTC), "27TAA"),
    }
    for printed, (issued_at, serial) in moments.items():
        receipt = example_receipt(issued_at=issued_at, serial=serial)
        assert f'<p class="date">{printed}</p>' in page(receipt, xml.write(receipt))


def test_amounts_and_dates_are_written_as_in_vietnam() -> None:
    assert dong_text(1_000_000) == "1.000.000\xa0đ"
    assert dong_text(999) == "999\xa0đ"
    assert short_date(date(2026, 1, 2)) == "02/01/2026"
    assert long_date(date(2026, 1, 2)) == "ngày 02 tháng 01 năm 2026"
    assert moment_in_vietnam(ISSUED_AT) == "10:15:07 22/11/2026"


def test_details_say_the_kind_only_where_the_name_does_not() -> None:
    line = example_line(name_vi="Đăng ký khai sinh", kind=Kind.CHARGE, explanation_vi="", legal_basis="")
    assert details_of(line) == "Lệ phí – Tiểu mục 2716"
    assert details_of(replace(line, name_vi="Lệ phí hộ tịch", sub_item="")) == ""


def test_payment_is_told_as_far_as_known() -> None:
    receipt = example_receipt()
    assert payment_text(receipt) == "VNPAY – thẻ ATM NCB, mã giao dịch 14422574"
    assert payment_text(replace(receipt, provider_reference="")) == "VNPAY – thẻ ATM NCB"
    assert payment_text(replace(receipt, payment_method="")) == "mã giao dịch 14422574"


def test_fees_and_charges_are_summed_apart() -> None:
    assert parts_of(example_receipt(3)) == (Part("Phí", 1, 50_000), Part("Lệ phí", 2, 250_000))
    assert parts_of(example_receipt(1)) == (Part("Phí", 1, 50_000),)


def test_a_qr_code_is_a_small_png_that_never_varies() -> None:
    first, again = (qr_data_url(example_receipt().verify_url) for _ in range(2))
    assert first == again
    assert first.startswith("data:image/png;base64,")
    assert len(first) < 1_000
    assert first != qr_data_url("https://thuphi.example/r/other")


def test_this_machine_can_render() -> None:
    assert check_renderer() == []


def test_a_font_that_is_not_there_is_noticed() -> None:
    assert families_used("Lệ phí", "No Such Family") != frozenset({"No Such Family"})


def test_what_is_missing_is_told_with_its_remedy() -> None:
    problems = renderer_problems(False, {"Noto Sans": frozenset({"DejaVu Sans"}), "Noto Serif": frozenset()})
    assert len(problems) == 3
    assert all("apt-get install" in problem for problem in problems)
    assert "libharfbuzz-subset0" in problems[0]
    assert "Noto Sans" in problems[1]
    assert renderer_problems(True, {"Noto Sans": frozenset({"Noto Sans"})}) == []


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        ("print(pdf.check_renderer())", "['Pango cannot be loaded"),
        (
            "try: pdf.render(receipt, xml.write(receipt))\nexcept RendererUnusable as e: print(e)",
            "Pango cannot be",
        ),
    ],
)
def test_a_machine_without_pango_is_told_so_in_words(call: str, printed: str, tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from receipts import pdf, xml\nfrom receipts.errors import RendererUnusable\n"
        f"receipt = xml.read(sys.stdin.buffer.read())\n{call}"
    )
    written = xml.write(example_receipt())
    outcome = subprocess.run([sys.executable, "-c", program], input=written, capture_output=True, check=True)
    assert outcome.stdout.decode().startswith(printed)
    assert "apt-get install libpango-1.0-0" in outcome.stdout.decode()
