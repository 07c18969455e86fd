"""The signature in a sealed PDF, taken apart and checked byte for byte.

A PDF signature covers the file except the gap that holds it (``ByteRange``). Here the gap must hold
exactly the hexadecimal digits that :mod:`receipts.seal` writes for that certificate and signature,
so no byte of the file is left uncovered. The PDF itself is never interpreted on the way.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from asn1crypto.parser import parse as parse_der
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

SUBFILTER = b"/ETSI.CAdES.detached"  # marks a PAdES signature
BYTE_RANGE = re.compile(rb"/ByteRange ?\[ ?0 ([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10}) ?\]")


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """A signature as found in the file. ``gap`` is what stands where the signature is kept."""

    covered: bytes
    gap: bytes
    contents: cms.ContentInfo
    certificate: x509.Certificate


def find_signature(pdf_bytes: bytes) -> PdfSignature | None:
    """The last signature of the file, unchecked; None when there is none that can be read."""
    ranges = BYTE_RANGE.findall(pdf_bytes)
    if not ranges:
        return None
    first_length, second_start, second_length = (int(number) for number in ranges[-1])
    if not first_length < second_start <= len(pdf_bytes) == second_start + second_length:
        return None
    gap = pdf_bytes[first_length:second_start]
    try:
        contents = _contents_of(gap)
        certificate = x509.load_der_x509_certificate(contents["content"]["certificates"][0].chosen.dump())
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None  # what the DER reader raises for damaged bytes
    return PdfSignature(pdf_bytes[:first_length] + pdf_bytes[second_start:], gap, contents, certificate)


def _contents_of(gap: bytes) -> cms.ContentInfo:
    padded = bytes.fromhex(gap[1:-1].decode("ascii"))
    _, _, _, header, body, trailer = parse_der(padded)
    return cms.ContentInfo.load(header + body + trailer)


def holds(signature: PdfSignature) -> bool:
    """Whether the signature covers these very bytes and stands in the file as we write it."""
    try:
        signer = signature.contents["content"]["signer_infos"][0]
        as_written = _as_written(signature, signer)
        digest = _message_digest(signer)
        signed_bytes = signer["signed_attrs"].untag().dump()
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return False  # what the DER reader raises for damaged bytes
    return (
        signature.gap == as_written
        and digest == hashlib.sha256(signature.covered).digest()
        and _is_signed(signature.certificate, signer["signature"].native, signed_bytes)
    )


def _as_written(signature: PdfSignature, signer: cms.SignerInfo) -> bytes:
    """The gap that sealing would have written around the same signed attributes and signature."""
    der: bytes = _rebuilt(signature.certificate, signer).dump()
    digits = len(signature.gap) - 2
    return b"<" + der.hex().upper().encode().ljust(digits, b"0") + b">"


def _rebuilt(certificate: x509.Certificate, signer: cms.SignerInfo) -> cms.ContentInfo:
    holder = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    is_rsa = isinstance(certificate.public_key(), rsa.RSAPublicKey)
    signer_info = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": holder.issuer, "serial_number": holder.serial_number}},
        "digest_algorithm": {"algorithm": "sha256"},
        "signature_algorithm": {"algorithm": "sha256_rsa" if is_rsa else "sha256_ecdsa"},
        "signed_attrs": signer["signed_attrs"].untag(),
        "signature": signer["signature"].native,
    }
    signed_data = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [holder],
        "signer_infos": [signer_info],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed_data)})


def _message_digest(signer: cms.SignerInfo) -> bytes | None:
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            return bytes(attribute["values"][0].native)
    return None


def _is_signed(certificate: x509.Certificate, signature: bytes, data: bytes) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
