"""Is this sealed receipt what the collector signed?

Both checks are strict beyond the cryptography: the bytes must be exactly in the form in which
:mod:`receipts.seal` writes them, so a change of any one byte is found, also where a signature's
encoding has slack (white space, letter case of hexadecimal digits, padding, tags).

Trust is by certificate: the caller gives the certificates that the collector has used, and a seal
made with any other is a wrong signer. Whether an authority has since revoked a certificate is not
asked here, since that needs the network.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from receipts import pades, xml
from receipts.document import Receipt
from receipts.errors import UnreadableXml
from receipts.seal import common_name

SIGNATURE_LOCATION = f"./{xml.tag('DSCKS')}/{xml.tag('TCThu')}/"
DS = f"{{{xml.SIGNATURE_NAMESPACE}}}"
CERTIFICATE_PATH = f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"
UNSIGNED_PARTS = (f"{DS}SignatureValue", f"{DS}KeyInfo")


class Problem(StrEnum):
    """What is wrong with a sealed receipt; the first reason found, as the rest would be guesses."""

    UNREADABLE = "unreadable"  # not a receipt of ours at all
    UNSIGNED = "unsigned"  # a receipt without a seal
    WRONG_SIGNER = "wrong_signer"  # sealed, but not with a certificate that is trusted
    CHANGED = "changed"  # sealed with a trusted certificate, and altered since
    OUTSIDE_VALIDITY = "outside_validity"  # sealed when the certificate was not valid
    OTHER_RECEIPT = "other_receipt"  # genuine, but not the receipt it is held for


@dataclass(frozen=True, slots=True)
class Seal:
    """Who sealed, and when (UTC). Facts as written in the XML; only a check makes them true."""

    signer_name: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of a check. ``receipt`` and ``seal`` are there only when nothing is wrong."""

    problem: Problem | None
    receipt: Receipt | None = None
    seal: Seal | None = None

    @property
    def holds(self) -> bool:
        return self.problem is None


class _Found(Exception):
    """Ends a check with its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def load_certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM file, to be trusted as signers."""
    return x509.load_pem_x509_certificates(pem)


def describe_seal(xml_bytes: bytes) -> Seal | None:
    """Who sealed the XML and when, unchecked; None when it bears no seal. Raises UnreadableXml."""
    root = xml.parse(xml_bytes)
    signed_at = xml.signing_time(root[0])
    certificate = _certificate_in(root)
    if signed_at is None or certificate is None:
        return None
    return Seal(common_name(certificate), signed_at)


def verify_xml(
    xml_bytes: bytes, trusted: Sequence[x509.Certificate], expected: Receipt | None = None
) -> Verification:
    """Check sealed XML against the trusted certificates and, when given, the expected receipt."""
    try:
        return _checked_xml(xml_bytes, trusted, expected)
    except _Found as found:
        return Verification(found.problem)


def verify_pdf(
    pdf_bytes: bytes, trusted: Sequence[x509.Certificate], expected: Receipt | None = None
) -> Verification:
    """Check a sealed PDF, and the sealed XML inside it, as :func:`verify_xml` does.

    Every byte of the file counts: nothing of the PDF is interpreted before its signature holds.
    """
    try:
        return _checked_xml(_check_pdf(pdf_bytes, trusted), trusted, expected)
    except _Found as found:
        return Verification(found.problem)


def _demand(holds: bool, problem: Problem) -> None:
    if not holds:
        raise _Found(problem)


def _checked_xml(
    xml_bytes: bytes, trusted: Sequence[x509.Certificate], expected: Receipt | None
) -> Verification:
    root, receipt = _read_xml(xml_bytes)
    signed_at = xml.signing_time(root[0])
    if len(root) == 1 or signed_at is None:
        raise _Found(Problem.UNSIGNED)
    certificate = _certificate_in(root)
    if certificate is None:
        raise _Found(Problem.CHANGED)
    _demand(certificate in trusted, Problem.WRONG_SIGNER)
    _demand(_is_valid_at(certificate, signed_at), Problem.OUTSIDE_VALIDITY)
    _demand(_is_in_our_form(root, certificate, xml_bytes), Problem.CHANGED)
    _demand(_xml_signature_holds(root, certificate, signed_at), Problem.CHANGED)
    _demand(expected is None or receipt == expected, Problem.OTHER_RECEIPT)
    return Verification(None, receipt, Seal(common_name(certificate), signed_at))


def _read_xml(xml_bytes: bytes) -> tuple[etree._Element, Receipt]:
    try:
        root = xml.parse(xml_bytes)
        return root, xml.read_data(root[0])
    except UnreadableXml as error:
        raise _Found(Problem.UNREADABLE) from error


def _certificate_in(root: etree._Element) -> x509.Certificate | None:
    text = root.findtext(f"{SIGNATURE_LOCATION}{DS}Signature/{CERTIFICATE_PATH}")
    if text is None:
        return None
    try:
        return x509.load_der_x509_certificate(base64.b64decode(text))
    except ValueError:
        return None


def _is_valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def _is_in_our_form(root: etree._Element, certificate: x509.Certificate, xml_bytes: bytes) -> bool:
    """Whether all that the signature does not cover is exactly as we write it."""
    signature = root[1][0][0]
    if [element.tag for element in signature] != [f"{DS}SignedInfo", *UNSIGNED_PARTS]:
        return False
    value, key_info = signature[1], signature[2]
    frame = [root, root[1], root[1][0], signature, *value.iter(), *key_info.iter()]
    tails = [root[0].tail, signature[0].tail, *(element.tail for element in frame)]
    values = {
        f"{DS}SignatureValue": _canonical_base64(value),
        f"{DS}X509Certificate": _pem_body(certificate),
    }
    texts = {element.tag: element.text for element in frame if element.text is not None}
    return (
        xml.serialise(root) == xml_bytes
        and not any(tails)
        and not any(element.attrib for element in frame)
        and texts == values
    )


def _canonical_base64(element: etree._Element) -> str:
    try:
        return base64.b64encode(base64.b64decode(element.text or "", validate=True)).decode()
    except binascii.Error:
        return ""


def _pem_body(certificate: x509.Certificate) -> str:
    lines = certificate.public_bytes(Encoding.PEM).decode().splitlines(keepends=True)
    return "".join(lines[1:-1])


def _xml_signature_holds(root: etree._Element, certificate: x509.Certificate, signed_at: datetime) -> bool:
    rules = SignatureConfiguration(
        location=SIGNATURE_LOCATION,
        expect_references=1,
        signature_methods=frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=signed_at,
    )
    try:
        result = XMLVerifier().verify(root, x509_cert=certificate, id_attribute="Id", expect_config=rules)
    except (SignXMLException, etree.LxmlError, ValueError):
        return False
    # What was signed must be the very element that was read.
    signed = etree.tostring(root[0], method="c14n", exclusive=True, with_tail=False)
    return isinstance(result, VerifyResult) and result.signed_data == signed


def _check_pdf(pdf_bytes: bytes, trusted: Sequence[x509.Certificate]) -> bytes:
    """The XML attached to a PDF whose signature holds."""
    _demand(pdf_bytes.startswith(b"%PDF-"), Problem.UNREADABLE)
    signature = pades.find_signature(pdf_bytes)
    if signature is None:
        raise _Found(Problem.CHANGED if pades.SUBFILTER in pdf_bytes else Problem.UNSIGNED)
    _demand(signature.certificate in trusted, Problem.WRONG_SIGNER)
    _demand(pades.holds(signature), Problem.CHANGED)
    signed_at, attached = _contents_of(pdf_bytes)
    _demand(_is_valid_at(signature.certificate, signed_at), Problem.OUTSIDE_VALIDITY)
    return attached


def _contents_of(pdf_bytes: bytes) -> tuple[datetime, bytes]:
    """Signing time and first attached file of a PDF whose signature holds: the signer wrote both."""
    try:
        reader = PdfFileReader(BytesIO(pdf_bytes))
        signed_at = reader.embedded_signatures[-1].self_reported_timestamp
        attached = reader.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"].data
    except (PdfError, AttributeError, IndexError, KeyError, TypeError) as error:
        # Signed by the collector, but some other document.
        raise _Found(Problem.UNREADABLE) from error
    if not isinstance(signed_at, datetime):
        raise _Found(Problem.UNREADABLE)
    return signed_at, bytes(attached)
