"""A sealed receipt is either what was signed, byte for byte, or found out."""

from __future__ import annotations

import base64
from datetime import timedelta
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from receipts import pades, xml
from receipts.pdf import render
from receipts.verify import Problem, Seal, describe_seal, verify_pdf, verify_xml
from tests.receipts.examples import (
    SIGNED_AT,
    example_receipt,
    example_sealer,
    sealed_pdf,
    sealed_xml,
    trusted,
)

SIGNER = "Trung tâm PVHCC phường Tây Nha Trang"
OTHER_SIGNER = "Kẻ mạo danh"
GAP_START = sealed_pdf().rindex(b"/ByteRange")


def with_byte(data: bytes, place: int, delta: int) -> bytes:
    place %= len(data)
    return data[:place] + bytes([(data[place] + delta) % 256]) + data[place + 1 :]


def test_what_was_sealed_holds_and_is_read_back() -> None:
    for outcome in (verify_xml(sealed_xml(), trusted()), verify_pdf(sealed_pdf(), trusted())):
        assert outcome.holds
        assert outcome.receipt == example_receipt()
        assert outcome.seal == Seal(SIGNER, SIGNED_AT)


@settings(max_examples=300)
@given(st.integers(0, len(sealed_pdf()) - 1), st.integers(1, 255))
@example(len(sealed_pdf()) - 1, 1)
@example(0, 1)
def test_T38_any_one_byte_changed_in_the_pdf_is_found(place: int, delta: int) -> None:
    outcome = verify_pdf(with_byte(sealed_pdf(), place, delta), trusted())
    assert not outcome.holds
    assert outcome.receipt is None


@settings(max_examples=300)
@given(st.integers(GAP_START, len(sealed_pdf()) - 1), st.sampled_from([1, 32, -32, 255]))
def test_T38_no_byte_around_the_signature_is_slack(place: int, delta: int) -> None:
    assert not verify_pdf(with_byte(sealed_pdf(), place, delta), trusted()).holds


@settings(max_examples=300)
@given(st.integers(0, len(sealed_xml()) - 1), st.integers(1, 255))
def test_T38_any_one_byte_changed_in_the_xml_is_found(place: int, delta: int) -> None:
    assert not verify_xml(with_byte(sealed_xml(), place, delta), trusted()).holds


@settings(max_examples=100)
@given(st.integers(0, len(sealed_pdf())), st.binary(min_size=1, max_size=3))
def test_T38_bytes_put_into_the_pdf_are_found(place: int, more: bytes) -> None:
    data = sealed_pdf()[:place] + more + sealed_pdf()[place:]
    assert not verify_pdf(data, trusted()).holds


@settings(max_examples=100)
@given(st.integers(0, len(sealed_xml())), st.sampled_from([b" ", b"\n", b"<!---->", b"A", b"="]))
def test_T38_bytes_put_into_the_xml_are_found(place: int, more: bytes) -> None:
    data = sealed_xml()[:place] + more + sealed_xml()[place:]
    assert not verify_xml(data, trusted()).holds


@settings(max_examples=50)
@given(st.integers(0, len(sealed_pdf()) - 1))
def test_T38_a_pdf_cut_short_is_found(length: int) -> None:
    assert not verify_pdf(sealed_pdf()[:length], trusted()).holds


def test_T38_the_receipt_of_another_code_is_found() -> None:
    asked_for = example_receipt(lookup_code="OTHER-CODE")
    assert verify_pdf(sealed_pdf(), trusted(), asked_for).problem is Problem.OTHER_RECEIPT
    assert verify_xml(sealed_xml(), trusted(), asked_for).problem is Problem.OTHER_RECEIPT
    assert verify_pdf(sealed_pdf(), trusted(), example_receipt()).holds


def test_a_seal_by_somebody_else_is_the_wrong_signer() -> None:
    other = example_sealer(OTHER_SIGNER)
    forged = other.seal_xml(xml.write(example_receipt()), SIGNED_AT)
    assert verify_xml(forged, trusted()).problem is Problem.WRONG_SIGNER
    forged_pdf = other.seal_pdf(render(example_receipt(), sealed_xml()), SIGNED_AT)
    assert verify_pdf(forged_pdf, trusted()).problem is Problem.WRONG_SIGNER


def test_a_pdf_of_ours_around_the_xml_of_somebody_else_is_the_wrong_signer() -> None:
    forged = example_sealer(OTHER_SIGNER).seal_xml(xml.write(example_receipt()), SIGNED_AT)
    sealed = example_sealer().seal_pdf(render(example_receipt(), forged), SIGNED_AT)
    assert verify_pdf(sealed, trusted()).problem is Problem.WRONG_SIGNER


def test_our_certificate_around_the_signature_of_somebody_else_is_a_change() -> None:
    forged = example_sealer(OTHER_SIGNER).seal_xml(xml.write(example_receipt()), SIGNED_AT)
    theirs, ours = (body_of(data) for data in (forged, sealed_xml()))
    assert verify_xml(forged.replace(theirs, ours), trusted()).problem is Problem.CHANGED


def body_of(data: bytes) -> bytes:
    return data.partition(b"<ds:X509Certificate>")[2].partition(b"</ds:X509Certificate>")[0]


def test_nobody_is_trusted_by_default() -> None:
    assert verify_xml(sealed_xml(), []).problem is Problem.WRONG_SIGNER
    assert verify_pdf(sealed_pdf(), []).problem is Problem.WRONG_SIGNER


def test_a_receipt_without_a_seal_is_unsigned() -> None:
    unsigned = xml.write(example_receipt())
    assert verify_xml(unsigned, trusted()).problem is Problem.UNSIGNED
    assert verify_pdf(render(example_receipt(), sealed_xml()), trusted()).problem is Problem.UNSIGNED
    sealed = example_sealer().seal_pdf(render(example_receipt(), unsigned), SIGNED_AT)
    assert verify_pdf(sealed, trusted()).problem is Problem.UNSIGNED


@pytest.mark.parametrize("junk", [b"", b"%PDF", b"<a/>", b"\x00" * 100])
def test_junk_is_unreadable(junk: bytes) -> None:
    assert verify_pdf(junk, trusted()).problem is Problem.UNREADABLE
    assert verify_xml(junk, trusted()).problem is Problem.UNREADABLE


def test_another_document_sealed_with_the_key_is_no_receipt() -> None:
    blank = PdfWriter()
    blank.add_blank_page(100, 100)
    output = BytesIO()
    blank.write(output)
    sealed = example_sealer().seal_pdf(output.getvalue(), SIGNED_AT)
    assert verify_pdf(sealed, trusted()).problem is Problem.UNREADABLE


def test_a_signing_time_outside_the_certificate_is_found() -> None:
    late = b"<TDKy>2046-11-22T03:16:00.000000Z</TDKy>"
    moved = sealed_xml().replace(b"<TDKy>2026-11-22T03:16:00.000000Z</TDKy>", late)
    assert verify_xml(moved, trusted()).problem is Problem.OUTSIDE_VALIDITY


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<ds:KeyInfo>", b'<ds:KeyInfo Id="a">'),
        (b"</ds:KeyInfo>", b"</ds:KeyInfo> "),
        (b"</ds:KeyInfo>", b"</ds:KeyInfo><ds:Object/>"),
        (b"</ds:X509Data>", b"<ds:X509SubjectName>a</ds:X509SubjectName></ds:X509Data>"),
        (b"</DLBLai>", b"</DLBLai>\n"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>\n"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>*"),
        (b"</ds:X509Certificate>", b"\n</ds:X509Certificate>"),
        (b"xmldsig-more#rsa-sha256", b"xmldsig-more#rsa-sha512"),
        (b'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"', b'Algorithm="urn:none"'),
        (b"<ds:SignedInfo>", b"<ds:SignedInfo><ds:Junk/>"),
        (b'URI="#BL-26TAA-00000001"', b'URI="#elsewhere"'),
    ],
)
def test_slack_in_the_signature_is_a_change(old: bytes, new: bytes) -> None:
    assert old in sealed_xml()
    assert verify_xml(sealed_xml().replace(old, new, 1), trusted()).problem is Problem.CHANGED


def test_a_damaged_certificate_is_a_change() -> None:
    body = body_of(sealed_xml())
    damaged = sealed_xml().replace(body, base64.b64encode(b"no certificate"))
    assert verify_xml(damaged, trusted()).problem is Problem.CHANGED
    assert describe_seal(damaged) is None


def test_a_damaged_pdf_signature_is_a_change() -> None:
    signature = pades.find_signature(sealed_pdf())
    assert signature is not None
    emptied = sealed_pdf().replace(signature.gap, b"<" + b"0" * (len(signature.gap) - 2) + b">")
    assert verify_pdf(emptied, trusted()).problem is Problem.CHANGED


def test_T38_a_signature_value_with_one_other_digit_is_a_change() -> None:
    signature = pades.find_signature(sealed_pdf())
    assert signature is not None
    last_digits = len(signature.contents.dump()) * 2  # the signature value ends the structure
    other = b"1" if signature.gap[last_digits : last_digits + 1] == b"0" else b"0"
    gap = signature.gap[:last_digits] + other + signature.gap[last_digits + 1 :]
    assert verify_pdf(sealed_pdf().replace(signature.gap, gap), trusted()).problem is Problem.CHANGED


def test_a_seal_is_described_before_it_is_checked() -> None:
    assert describe_seal(sealed_xml()) == Seal(SIGNER, SIGNED_AT)
    assert describe_seal(xml.write(example_receipt())) is None


def test_a_certificate_that_ended_since_does_not_undo_its_seals() -> None:
    later = trusted()[0].not_valid_after_utc + timedelta(days=1)
    assert later > SIGNED_AT
    assert verify_pdf(sealed_pdf(), trusted()).holds
