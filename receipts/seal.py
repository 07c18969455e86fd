"""The collector's signature over the XML and over the PDF.

XML: an XML-DSig signature in ``DSCKS/TCThu`` over the data element by its ``Id``, exclusive
canonicalisation, SHA-256, with the signing time inside the signed part. PDF: PAdES over the whole
file, which already carries the sealed XML. The order is therefore always XML first, then PDF.

A :class:`Sealer` holds its key in memory, loaded and checked once: checking an RSA key at every
signature costs more than the signature. The signing time is an argument everywhere.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from receipts.errors import UnusableKey
from receipts.xml import SIGNATURE_NAMESPACE, moment_text, parse, serialise, tag

SIGNATURE_FIELD = "ChuKyToChucThu"
CMS_OVERHEAD_BYTES = 1_024  # signed attributes and structure around certificate and signature
SELF_SIGNED_DAYS = 3_650
MOST_NAME_BYTES = 64  # X.520

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Sealer:
    """One signing key with its certificate. Its representation never shows the key."""

    def __init__(self, key: PrivateKey, certificate: x509.Certificate) -> None:
        if certificate.public_key() != key.public_key():
            raise UnusableKey("the signing certificate belongs to another key")
        self._key = key
        self._certificate = certificate
        self._pdf_signer = _PdfSigner(key, certificate)
        der_bytes = len(certificate.public_bytes(serialization.Encoding.DER))
        # pyHanko counts the hexadecimal digits in the file, two for each byte.
        self._bytes_reserved = 2 * (der_bytes + key.key_size // 8 + CMS_OVERHEAD_BYTES)

    @classmethod
    def from_pem(cls, key_pem: bytes, certificate_pem: bytes, password: bytes | None = None) -> Sealer:
        """The sealer of a PEM key and its PEM certificate; UnusableKey says what is wrong with them.

        RSA from 2048 bits and elliptic-curve keys are taken.
        """
        try:
            key = serialization.load_pem_private_key(key_pem, password)
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except (TypeError, ValueError) as error:
            raise UnusableKey("the signing key or certificate is not readable PEM") from error
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2_048:
            return cls(key, certificate)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return cls(key, certificate)
        raise UnusableKey("a signing key is RSA from 2048 bits or elliptic-curve")

    def __repr__(self) -> str:
        return f"Sealer({self.signer_name!r})"

    @property
    def certificate_pem(self) -> bytes:
        """The public certificate that verifiers trust."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def signer_name(self) -> str:
        return common_name(self._certificate)

    def valid_at(self, moment: datetime) -> bool:
        """Whether the certificate may sign at this moment."""
        return self._certificate.not_valid_before_utc <= moment <= self._certificate.not_valid_after_utc

    def seal_xml(self, xml_bytes: bytes, signed_at: datetime) -> bytes:
        """The receipt XML with signing time and signature. Raises UnreadableXml, UnusableKey."""
        self._require_valid(signed_at)
        root = parse(xml_bytes)
        if len(root) > 1:
            raise UnusableKey("the receipt is sealed already")
        etree.SubElement(root[0], tag("TDKy")).text = moment_text(signed_at)
        signature_list = etree.SubElement(root, tag("DSCKS"))
        collector = etree.SubElement(signature_list, tag("TCThu"))
        etree.SubElement(
            collector,
            f"{{{SIGNATURE_NAMESPACE}}}Signature",
            {"Id": "placeholder"},
            {"ds": SIGNATURE_NAMESPACE},
        )
        return serialise(self._sign_element(root))

    def _sign_element(self, root: etree._Element) -> etree._Element:
        is_rsa = isinstance(self._key, rsa.RSAPrivateKey)
        signer = XMLSigner(
            signature_algorithm=SignatureMethod.RSA_SHA256 if is_rsa else SignatureMethod.ECDSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        data_id = root[0].get("Id")
        return signer.sign(
            root, key=self._key, cert=[self._certificate], reference_uri=data_id, id_attribute="Id"
        )

    def seal_pdf(self, pdf_bytes: bytes, signed_at: datetime) -> bytes:
        """The PDF with an invisible PAdES signature over all of it. Raises UnusableKey.

        Call it from plain code, not from a running event loop: pyHanko brings its own.
        """
        self._require_valid(signed_at)
        return asyncio.run(self._sign_pdf(pdf_bytes, signed_at))

    async def _sign_pdf(self, pdf_bytes: bytes, signed_at: datetime) -> bytes:
        metadata = signers.PdfSignatureMetadata(
            field_name=SIGNATURE_FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
        )
        writer = _Writer(BytesIO(pdf_bytes))
        session = signers.PdfSigner(metadata, self._pdf_signer).init_signing_session(writer)
        session.system_time = signed_at
        document = session.prepare_tbs_document(None, self._bytes_reserved)
        output = BytesIO()
        digest, _ = document.digest_tbs_document(output=output)
        signed = await document.perform_signature(
            digest.document_digest, PdfCMSSignedAttributes(signing_time=signed_at)
        )
        await signed.post_signature_processing(output)
        return output.getvalue()

    def _require_valid(self, signed_at: datetime) -> None:
        if not self.valid_at(signed_at):
            raise UnusableKey("the signing certificate is not valid at the signing time: renew it")


class _PdfSigner(signers.Signer):
    """Signs for pyHanko with a key that stays loaded."""

    def __init__(self, key: PrivateKey, certificate: x509.Certificate) -> None:
        der = certificate.public_bytes(serialization.Encoding.DER)
        super().__init__(signing_cert=asn1_x509.Certificate.load(der))
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


class _Writer(IncrementalPdfFileWriter):
    """Appends the signature and leaves the document's own metadata as they were rendered.

    pyHanko would write the clock's time into them, and the time of sealing is ours to give.
    """

    def _update_meta(self) -> None:
        """Nothing in the metadata changes."""


def common_name(certificate: x509.Certificate) -> str:
    """The name of a certificate's holder; empty when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def make_self_signed(name: str, now: datetime, serial_number: int) -> tuple[bytes, bytes]:
    """A new RSA-2048 key and its self-made certificate, both PEM, for trials and the first start.

    ``name`` (at most 64 bytes) becomes the holder's name, ``now`` the start of ten years' validity;
    ``serial_number`` must be above zero. Nobody but this installation vouches for it: real use needs
    the organisation's own certificate. Raises UnusableKey for a name that does not fit.
    """
    if not 1 <= len(name.encode()) <= MOST_NAME_BYTES:
        raise UnusableKey(f"the holder's name of a certificate has 1 to {MOST_NAME_BYTES} bytes")
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    certificate = _self_certificate(key, name, now.astimezone(UTC), serial_number)
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key_pem, certificate.public_bytes(serialization.Encoding.PEM)


def _self_certificate(key: Any, name: str, now: datetime, serial_number: int) -> x509.Certificate:
    holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder(holder, holder, key.public_key(), serial_number)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=SELF_SIGNED_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    return builder.sign(key, hashes.SHA256())
