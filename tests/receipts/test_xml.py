"""The XML says the same as the receipt, and only its own form is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from lxml import etree

from receipts import xml
from receipts.document import Receipt
from receipts.errors import UnreadableXml
from tests.receipts.examples import FULL, SIGNED_AT, example_receipt, receipts, sealed_xml


@given(receipts())
def test_what_is_written_is_read_back(receipt: Receipt) -> None:
    written = xml.write(receipt)
    assert xml.read(written) == receipt
    assert xml.write(xml.read(written)) == written


def test_a_sealed_receipt_is_read_like_an_unsealed_one() -> None:
    assert xml.read(sealed_xml()) == example_receipt()
    assert xml.signing_time(xml.parse(sealed_xml())[0]) == SIGNED_AT
    assert xml.signing_time(xml.parse(xml.write(example_receipt()))[0]) is None


def test_the_mandatory_contents_are_there_under_their_names() -> None:
    data = etree.fromstring(xml.write(example_receipt(2, **FULL)))[0]
    found = {
        name: [element.text for element in data.iter(xml.tag(name))]
        for name in ("PBan", "KHMSBLai", "KHBLai", "SBLai", "NLap", "MST", "LKThu", "ThTien")
    }
    assert found == {
        "PBan": ["1.0.0"],
        "KHMSBLai": ["EBL01", "01BLP0-001"],
        "KHBLai": ["26TAA", "AA-26E"],
        "SBLai": ["00000001", "0000077"],
        "NLap": ["2026-11-22", "2026-06-01"],
        "MST": ["4200123456-001", "4200000000", "056190001234"],
        "LKThu": ["Phí", "Lệ phí"],
        "ThTien": ["50000", "100000"],
    }
    assert data.findtext(f".//{xml.tag('TgTTTBSo')}") == "150000"
    assert data.findtext(f".//{xml.tag('TgTTTBChu')}") == "Một trăm năm mươi nghìn đồng"


def test_what_is_not_known_has_no_element() -> None:
    written = xml.write(example_receipt(payer=None, dossier_code="", provider_reference=""))
    for name in (b"NNop", b"MHSo", b"MGDich", b"BUNThu", b"BLBTThe", b"TDKy"):
        assert b"<" + name not in written


def test_markup_in_names_stays_text() -> None:
    name = "</TTTHChinh><SBLai>9</SBLai>&amp;<!--"
    assert xml.read(xml.write(example_receipt(procedure_name=name))).procedure_name == name


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"<SBLai>00000001", b"<SBLai>00000002", "contradicts"),  # the Id says another number
        (b"<NLap>2026-11-22", b"<NLap>2026-11-21", "contradicts"),
        (b"<TgTTTBChu>N\xc4\x83m", b"<TgTTTBChu>S\xc3\xa1u", "contradicts"),
        (b"<STT>1", b"<STT>2", "contradicts"),
        (b"<PBan>1.0.0", b"<PBan>1.0.1", "contradicts"),
        (b"<ThTien>50000", b"<ThTien>50001", "no valid receipt: total_dong"),
        (b"<KHBLai>26TAA", b"<KHBLai>25TAA", "no valid receipt: serial"),
        (b"<PBan>1.0.0", b"<PBan>2.0.0", "not a receipt of this format"),
        (b"<ThTien>50000", b"<ThTien>050000", "not a receipt of this format"),
        (b"<NLap>2026-11-22", b"<NLap>2026-02-30", "not a receipt of this format"),
        (b"urn:thuphi:receipt:1", b"urn:thuphi:receipt:2", "not a receipt of this format"),
        (b"<DVTTe>VND</DVTTe>", b"", "not a receipt of this format"),
        (b"<ThTien>50000", b"<ThTien>5<!---->0000", "no comments"),
        (b"<ThTien>50000", b"<ThTien><?a b?>50000", "no comments"),
        (b"</BLai>", b"", "not XML"),
        (b"<BLai ", b'<!DOCTYPE BLai [<!ENTITY a "1">]><BLai ', "no document type"),
    ],
)
def test_xml_of_another_form_is_refused(old: bytes, new: bytes, problem: str) -> None:
    written = xml.write(example_receipt())
    assert old in written
    with pytest.raises(UnreadableXml, match=problem):
        xml.read(written.replace(old, new, 1))


@pytest.mark.parametrize("junk", [b"", b"\x00", b"%PDF-1.7", "Biên lai".encode()])
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(UnreadableXml, match="not XML"):
        xml.read(junk)


def test_endless_bytes_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(UnreadableXml, match="at most"):
        xml.read(b" " * (xml.MOST_BYTES + 1))
