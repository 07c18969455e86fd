"""Receipts to try things on, a key to seal them with, and strategies that draw more of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from hypothesis import strategies as st

from receipts import xml
from receipts.document import (
    MOST_NUMBER,
    SERIAL_LETTERS,
    Kind,
    Line,
    Party,
    Receipt,
    ReplacedReceipt,
    serial_for,
    vietnam_date,
)
from receipts.pdf import render
from receipts.seal import Sealer, make_self_signed
from receipts.verify import load_certificates

ISSUED_AT = datetime(2026, 11, 22, 3, 15, 7, tzinfo=UTC)
SIGNED_AT = datetime(2026, 11, 22, 3, 16, tzinfo=UTC)
COLLECTOR = Party(
    "Trung tâm Phục vụ hành chính công phường Tây Nha Trang",
    "4200123456-001",
    "12 đường Yersin, phường Tây Nha Trang, tỉnh Khánh Hòa",
)
PAYER = Party("Nguyễn Thị Hồng Ngọc", "056190001234", "45/2 đường 23 Tháng 10, tỉnh Khánh Hòa")
NAMES = (
    (Kind.FEE, "Phí thẩm định cấp giấy phép khai thác nước dưới đất", "Appraisal fee for groundwater"),
    (Kind.CHARGE, "Lệ phí cấp giấy chứng nhận quyền sử dụng đất", "Charge for a land-use certificate"),
    (Kind.CHARGE, "Lệ phí hộ tịch", ""),
)


def example_line(place: int = 0, **changes: Any) -> Line:
    kind, name_vi, name_en = NAMES[place % len(NAMES)]
    line = Line(
        kind=kind,
        name_vi=name_vi,
        name_en=name_en,
        amount_dong=(place + 1) * 50_000,
        legal_basis="Thông tư 85/2019/TT-BTC",
        explanation_vi="Mức thu 50.000 đồng/hồ sơ",
        sub_item="2716",
    )
    return replace(line, **changes)


def example_receipt(line_count: int = 1, **changes: Any) -> Receipt:
    """A complete receipt; ``total_dong`` follows the lines unless it is changed, too."""
    lines = changes.get("lines", tuple(example_line(place) for place in range(line_count)))
    fields: dict[str, Any] = {
        "form_code": "EBL01",
        "serial": "26TAA",
        "number": 1,
        "issued_at": ISSUED_AT,
        "collector": COLLECTOR,
        "payer": PAYER,
        "lines": lines,
        "total_dong": sum(line.amount_dong for line in lines),
        "lookup_code": "7K3M-9QXT-2DHV",
        "verify_url": "https://thuphi.example/r/7K3M-9QXT-2DHV",
        "dossier_code": "H32.12-261122-0004",
        "procedure_name": "Cấp giấy phép khai thác nước dưới đất",
        "payment_method": "VNPAY – thẻ ATM NCB",
        "provider_reference": "14422574",
    }
    return Receipt(**(fields | changes))


FULL: dict[str, Any] = {
    "delegate": Party("Bưu điện tỉnh Khánh Hòa", "4200000000", "01 Pasteur, phường Nha Trang"),
    "replaces": ReplacedReceipt("01BLP0-001", "AA-26E", 77, date(2026, 6, 1)),
}


@cache
def example_key(name: str = "Trung tâm PVHCC phường Tây Nha Trang") -> tuple[bytes, bytes]:
    return make_self_signed(name, datetime(2026, 11, 1, tzinfo=UTC), 7)


@cache
def example_sealer(name: str = "Trung tâm PVHCC phường Tây Nha Trang") -> Sealer:
    return Sealer.from_pem(*example_key(name))


def trusted() -> list[x509.Certificate]:
    return load_certificates(example_sealer().certificate_pem)


@cache
def sealed_xml() -> bytes:
    return example_sealer().seal_xml(xml.write(example_receipt()), SIGNED_AT)


@cache
def sealed_pdf() -> bytes:
    return example_sealer().seal_pdf(render(example_receipt(), sealed_xml()), SIGNED_AT)


texts = st.text(max_size=40)
names = texts.map(lambda text: f"Tên {text}")
parties = st.builds(Party, names, texts, names)
moments = st.timedeltas(timedelta(), timedelta(days=20_000)).map(
    lambda age: datetime(2026, 7, 2, tzinfo=UTC) + age
)
lines = st.builds(
    Line,
    kind=st.sampled_from(Kind),
    name_vi=names,
    amount_dong=st.integers(1, 10**12),
    name_en=texts,
    legal_basis=texts,
    explanation_vi=texts,
    sub_item=texts,
)
replaced_receipts = st.builds(
    ReplacedReceipt,
    st.sampled_from(("EBL01", "01BLP0-001")),
    st.sampled_from(("26TAA", "AA-26E")),
    st.integers(1, 9_999_999),
    st.dates(date(2022, 7, 1), date(2026, 12, 31)),
)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    issued_at = draw(moments)
    letters = draw(st.text(SERIAL_LETTERS, min_size=2, max_size=2))
    return example_receipt(
        serial=serial_for(vietnam_date(issued_at), letters),
        number=draw(st.integers(1, MOST_NUMBER)),
        issued_at=issued_at,
        payer=draw(st.none() | parties),
        delegate=draw(st.none() | parties),
        lines=tuple(draw(st.lists(lines, min_size=1, max_size=4))),
        dossier_code=draw(texts),
        procedure_name=draw(texts),
        payment_method=draw(texts),
        provider_reference=draw(texts),
        replaces=draw(st.none() | replaced_receipts),
    )
