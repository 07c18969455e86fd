"""The receipt as XML, and back.

The format is ours (``urn:thuphi:receipt:1``, version in ``PBan``, schema in
``templates/receipt-1.xsd``). Its element names follow the abbreviation style of the e-invoice data
format, but the Tax Department's list for receipts is not public, so no conformity is claimed;
``docs/receipts.md`` holds the table of fields. Another target format is another module like this one.

    BLai
    ├── DLBLai Id="BL-26TAA-00000001"    the data, and the only part that is signed
    │   ├── TTChung                      form, serial, number, dates, references
    │   ├── NDBLai                       collector, delegate, payer, lines, totals
    │   └── TDKy                         signing time, written when the receipt is sealed
    └── DSCKS/TCThu/ds:Signature         the collector's signature, once sealed
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from lxml import etree

from receipts.document import Kind, Line, Party, Receipt, ReplacedReceipt
from receipts.errors import UnreadableXml

NAMESPACE = "urn:thuphi:receipt:1"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
NAMESPACES: dict[str, str] = {None: NAMESPACE}  # type: ignore[dict-item]  # the stubs know no default
VERSION = "1.0.0"
DOCUMENT_NAME = "Biên lai thu phí, lệ phí"
CURRENCY = "VND"
KIND_NAMES = {Kind.FEE: "Phí", Kind.CHARGE: "Lệ phí"}
KINDS = {name: kind for kind, name in KIND_NAMES.items()}
MOST_BYTES = 2_000_000

SCHEMA_PATH = Path(__file__).parent / "templates" / "receipt-1.xsd"


def tag(name: str) -> str:
    """The name of one of our elements with its namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


def write(receipt: Receipt) -> bytes:
    """The receipt as unsigned XML. Equal receipts give equal bytes."""
    root = etree.Element(tag("BLai"), nsmap=NAMESPACES)
    data = etree.SubElement(root, tag("DLBLai"), Id=f"BL-{receipt.serial}-{receipt.number_text}")
    _write_general(data, receipt)
    _write_contents(data, receipt)
    return serialise(root)


def serialise(root: etree._Element) -> bytes:
    """The one byte form in which our XML is stored and compared."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add(parent: etree._Element, name: str, text: str) -> None:
    """Empty text has no element: absence is the one way to say "not known"."""
    if text:
        etree.SubElement(parent, tag(name)).text = text


def _write_general(data: etree._Element, receipt: Receipt) -> None:
    general = etree.SubElement(data, tag("TTChung"))
    for name, text in (
        ("PBan", VERSION),
        ("TBLai", DOCUMENT_NAME),
        ("KHMSBLai", receipt.form_code),
        ("KHBLai", receipt.serial),
        ("SBLai", receipt.number_text),
        ("NLap", receipt.issued_on.isoformat()),
        ("TDLap", moment_text(receipt.issued_at)),
        ("DVTTe", CURRENCY),
        ("MHSo", receipt.dossier_code),
        ("TTTHChinh", receipt.procedure_name),
        ("HTTToan", receipt.payment_method),
        ("MGDich", receipt.provider_reference),
        ("MTCuu", receipt.lookup_code),
        ("DCTCuu", receipt.verify_url),
    ):
        _add(general, name, text)
    if receipt.replaces is not None:
        _write_replaced(general, receipt.replaces)


def _write_replaced(general: etree._Element, replaced: ReplacedReceipt) -> None:
    element = etree.SubElement(general, tag("BLBTThe"))
    _add(element, "KHMSBLai", replaced.form_code)
    _add(element, "KHBLai", replaced.serial)
    _add(element, "SBLai", replaced.number_text)
    _add(element, "NLap", replaced.issued_on.isoformat())


def _write_contents(data: etree._Element, receipt: Receipt) -> None:
    contents = etree.SubElement(data, tag("NDBLai"))
    for name, party in (("TCThu", receipt.collector), ("BUNThu", receipt.delegate), ("NNop", receipt.payer)):
        if party is not None:
            _write_party(contents, name, party)
    lines = etree.SubElement(contents, tag("DSKThu"))
    for place, line in enumerate(receipt.lines, start=1):
        _write_line(lines, place, line)
    totals = etree.SubElement(contents, tag("TToan"))
    _add(totals, "TgTTTBSo", str(receipt.total_dong))
    _add(totals, "TgTTTBChu", receipt.total_in_words)


def _write_party(contents: etree._Element, name: str, party: Party) -> None:
    element = etree.SubElement(contents, tag(name))
    _add(element, "Ten", party.name)
    _add(element, "MST", party.tax_code)
    _add(element, "DChi", party.address)


def _write_line(lines: etree._Element, place: int, line: Line) -> None:
    element = etree.SubElement(lines, tag("KThu"))
    for name, text in (
        ("STT", str(place)),
        ("LKThu", KIND_NAMES[line.kind]),
        ("TKThu", line.name_vi),
        ("TKThuTA", line.name_en),
        ("TMuc", line.sub_item),
        ("CCPLy", line.legal_basis),
        ("DGiai", line.explanation_vi),
        ("ThTien", str(line.amount_dong)),
    ):
        _add(element, name, text)


def moment_text(moment: datetime) -> str:
    """A moment in UTC with microseconds, as TDLap and TDKy carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA_PATH)))


def parse(xml_bytes: bytes) -> etree._Element:
    """The root element of bytes that our schema accepts; UnreadableXml for all others.

    Entities, document types and anything that would reach outside the bytes are refused.
    """
    if len(xml_bytes) > MOST_BYTES:
        raise UnreadableXml(f"a receipt has at most {MOST_BYTES} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml_bytes, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableXml("the bytes are not XML") from error
    if b"<!DOCTYPE" in xml_bytes:
        raise UnreadableXml("a receipt has no document type")
    if any(not isinstance(node.tag, str) for node in root.iter()):
        # A comment is invisible to the signature and cuts a text in two for the reader.
        raise UnreadableXml("a receipt has no comments and no instructions")
    if not _schema().validate(root):
        raise UnreadableXml("the XML is not a receipt of this format")
    return root


def read(xml_bytes: bytes) -> Receipt:
    """The receipt that the XML holds, sealed or not. Says nothing about signatures: see verify.

    Raises UnreadableXml for another format or contradictory contents.
    """
    return read_data(parse(xml_bytes)[0])


def read_data(data: etree._Element) -> Receipt:
    """The receipt in a ``DLBLai`` element that the schema has accepted."""
    try:
        receipt = _receipt(data[0], data[1])
    except ValueError as error:
        raise UnreadableXml(f"the XML holds no valid receipt: {error}") from error
    _check_agreement(data, receipt)
    return receipt


def _check_agreement(data: etree._Element, receipt: Receipt) -> None:
    """What is stated twice must agree: writing the receipt again gives the same data."""
    again = etree.fromstring(write(receipt))[0]
    stated = [_canonical(element) for element in data if element.tag != tag("TDKy")]
    if again.get("Id") != data.get("Id") or [_canonical(element) for element in again] != stated:
        raise UnreadableXml("the XML contradicts itself")


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)


def _text(parent: etree._Element, name: str) -> str:
    return parent.findtext(tag(name)) or ""


def _receipt(general: etree._Element, contents: etree._Element) -> Receipt:
    replaced = general.find(tag("BLBTThe"))
    return Receipt(
        form_code=_text(general, "KHMSBLai"),
        serial=_text(general, "KHBLai"),
        number=int(_text(general, "SBLai")),
        issued_at=datetime.fromisoformat(_text(general, "TDLap")),
        collector=_party(contents, "TCThu") or Party(),
        delegate=_party(contents, "BUNThu"),
        payer=_party(contents, "NNop"),
        lines=tuple(_line(element) for element in contents.iterfind(f"{tag('DSKThu')}/{tag('KThu')}")),
        total_dong=int(contents.findtext(f"{tag('TToan')}/{tag('TgTTTBSo')}") or 0),
        dossier_code=_text(general, "MHSo"),
        procedure_name=_text(general, "TTTHChinh"),
        payment_method=_text(general, "HTTToan"),
        provider_reference=_text(general, "MGDich"),
        lookup_code=_text(general, "MTCuu"),
        verify_url=_text(general, "DCTCuu"),
        replaces=None if replaced is None else _replaced(replaced),
    )


def _party(contents: etree._Element, name: str) -> Party | None:
    element = contents.find(tag(name))
    if element is None:
        return None
    return Party(_text(element, "Ten"), _text(element, "MST"), _text(element, "DChi"))


def _line(element: etree._Element) -> Line:
    return Line(
        kind=KINDS[_text(element, "LKThu")],
        name_vi=_text(element, "TKThu"),
        name_en=_text(element, "TKThuTA"),
        sub_item=_text(element, "TMuc"),
        legal_basis=_text(element, "CCPLy"),
        explanation_vi=_text(element, "DGiai"),
        amount_dong=int(_text(element, "ThTien")),
    )


def _replaced(element: etree._Element) -> ReplacedReceipt:
    return ReplacedReceipt(
        form_code=_text(element, "KHMSBLai"),
        serial=_text(element, "KHBLai"),
        number=int(_text(element, "SBLai")),
        issued_on=date.fromisoformat(_text(element, "NLap")),
    )


def signing_time(data: etree._Element) -> datetime | None:
    """The signing time inside a ``DLBLai`` element; None when the receipt is not sealed."""
    text = data.findtext(tag("TDKy"))
    return None if text is None else datetime.fromisoformat(text)
