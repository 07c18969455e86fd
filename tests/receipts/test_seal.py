"""Keys seal what they may, when they may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from receipts import xml
from receipts.document import Receipt
from receipts.errors import UnreadableXml, UnusableKey
from receipts.pdf import render
from receipts.seal import Sealer, make_self_signed
from receipts.verify import Seal, load_certificates, verify_pdf, verify_xml
from tests.receipts.examples import (
    SIGNED_AT,
    example_key,
    example_receipt,
    example_sealer,
    sealed_pdf,
    sealed_xml,
    trusted,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def elliptic_pair(with_name: bool = True) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sở Tài chính")] if with_name else [])
    builder = x509.CertificateBuilder(holder, holder, key.public_key(), 9, NOW, NOW + timedelta(days=365))
    certificate = builder.sign(key, hashes.SHA256())
    return pem(key), certificate.public_bytes(serialization.Encoding.PEM)


def sealed_both_ways(sealer: Sealer) -> tuple[Receipt, bytes, bytes]:
    receipt = example_receipt()
    signed = sealer.seal_xml(xml.write(receipt), SIGNED_AT)
    return receipt, signed, sealer.seal_pdf(render(receipt, signed), SIGNED_AT)


def test_an_elliptic_key_seals_as_well() -> None:
    sealer = Sealer.from_pem(*elliptic_pair())
    receipt, signed, sealed = sealed_both_ways(sealer)
    certificates = load_certificates(sealer.certificate_pem)
    for outcome in (verify_xml(signed, certificates), verify_pdf(sealed, certificates)):
        assert outcome.problem is None
        assert outcome.receipt == receipt
        assert outcome.seal == Seal("Sở Tài chính", SIGNED_AT)


def test_a_certificate_without_a_name_still_seals() -> None:
    sealer = Sealer.from_pem(*elliptic_pair(with_name=False))
    assert sealer.signer_name == ""
    signed = sealer.seal_xml(xml.write(example_receipt()), SIGNED_AT)
    assert verify_xml(signed, load_certificates(sealer.certificate_pem)).holds


def test_the_signing_time_is_the_one_that_was_given() -> None:
    signature = PdfFileReader(BytesIO(sealed_pdf())).embedded_signatures[0]
    assert signature.self_reported_timestamp == SIGNED_AT
    assert b"<TDKy>2026-11-22T03:16:00.000000Z</TDKy></DLBLai>" in sealed_xml()


def test_another_verifier_finds_both_seals_good() -> None:
    """The libraries' own checks, with their own rules of trust, in place of ours."""
    certificate = trusted()[0]
    holder = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    context = ValidationContext(trust_roots=[holder], moment=SIGNED_AT, best_signature_time=SIGNED_AT)
    signature = PdfFileReader(BytesIO(sealed_pdf())).embedded_signatures[0]
    status = validate_pdf_signature(signature, context)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    rules = SignatureConfiguration(verification_time=SIGNED_AT)
    result = XMLVerifier().verify(sealed_xml(), x509_cert=certificate, id_attribute="Id", expect_config=rules)
    assert isinstance(result, VerifyResult)
    assert result.signed_data.startswith(b'<DLBLai xmlns="urn:thuphi:receipt:1" Id="BL-26TAA-00000001">')


def test_sealing_xml_twice_with_an_rsa_key_gives_the_same_bytes() -> None:
    again = example_sealer().seal_xml(xml.write(example_receipt()), SIGNED_AT)
    assert again == sealed_xml()


def test_sealing_a_pdf_leaves_the_rendered_bytes_untouched() -> None:
    assert sealed_pdf().startswith(render(example_receipt(), sealed_xml()))


def test_a_receipt_is_not_sealed_twice() -> None:
    with pytest.raises(UnusableKey, match="sealed already"):
        example_sealer().seal_xml(sealed_xml(), SIGNED_AT)


def test_only_receipts_are_sealed() -> None:
    with pytest.raises(UnreadableXml):
        example_sealer().seal_xml(b"<BLai/>", SIGNED_AT)


@pytest.mark.parametrize("moment", [NOW - timedelta(hours=1), NOW + timedelta(days=4_000)])
def test_outside_its_validity_a_certificate_seals_nothing(moment: datetime) -> None:
    sealer = example_sealer()
    assert not sealer.valid_at(moment)
    with pytest.raises(UnusableKey, match="renew"):
        sealer.seal_xml(xml.write(example_receipt()), moment)
    with pytest.raises(UnusableKey, match="renew"):
        sealer.seal_pdf(b"%PDF-", moment)


def test_key_and_certificate_must_belong_together() -> None:
    with pytest.raises(UnusableKey, match="another key"):
        Sealer.from_pem(example_key()[0], elliptic_pair()[1])


@pytest.mark.parametrize(
    "key_pem",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        pem(ed25519.Ed25519PrivateKey.generate()),
        pem(rsa.generate_private_key(65_537, 1_024)),  # noqa: S505 - too short on purpose
    ],
    ids=["empty", "damaged", "ed25519", "rsa-1024"],
)
def test_keys_that_cannot_seal_are_refused(key_pem: bytes) -> None:
    with pytest.raises(UnusableKey):
        Sealer.from_pem(key_pem, example_key()[1])


def test_a_key_behind_a_password_needs_it() -> None:
    key = serialization.load_pem_private_key(example_key()[0], None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open"),
    )
    assert Sealer.from_pem(locked, example_key()[1], b"open").signer_name.startswith("Trung tâm")
    for password in (None, b"wrong"):
        with pytest.raises(UnusableKey, match="not readable"):
            Sealer.from_pem(locked, example_key()[1], password)


def test_the_key_is_in_no_representation() -> None:
    sealer = example_sealer()
    assert repr(sealer) == "Sealer('Trung tâm PVHCC phường Tây Nha Trang')"
    assert b"PRIVATE" not in sealer.certificate_pem


def test_a_self_made_certificate_says_what_it_was_given() -> None:
    certificate = trusted()[0]
    assert certificate.serial_number == 7
    assert certificate.not_valid_before_utc <= NOW <= certificate.not_valid_after_utc
    assert isinstance(certificate.public_key(), rsa.RSAPublicKey)


@pytest.mark.parametrize("name", ["", "ễ" * 22])
def test_a_name_that_no_certificate_holds_is_refused(name: str) -> None:
    with pytest.raises(UnusableKey, match="64 bytes"):
        make_self_signed(name, NOW, 1)
