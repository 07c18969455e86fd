"""VNPAY's messages as the other side writes and checks them.

Written from the provider's pages with the standard library only; see the package's text for why.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote_plus

VIETNAM = timezone(timedelta(hours=7))
UNCHANGED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*_")
UNSIGNED = frozenset({"vnp_SecureHash", "vnp_SecureHashType"})

QUERY_ORDER = "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
REFUND_ORDER = (
    "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate CreateBy"
    " CreateDate IpAddr OrderInfo"
)
REFUND_ANSWER_ORDER = (
    "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo"
    " TransactionType TransactionStatus OrderInfo"
)
QUERY_ANSWER_ORDER = f"{REFUND_ANSWER_ORDER} PromotionCode PromotionAmount"

REQUEST_ORDERS = {"querydr": QUERY_ORDER, "refund": REFUND_ORDER}
ANSWER_ORDERS = {"querydr": QUERY_ANSWER_ORDER, "refund": REFUND_ANSWER_ORDER}


def wire_time(moment: datetime) -> str:
    """``yyyyMMddHHmmss`` in GMT+7."""
    return f"{moment.astimezone(VIETNAM):%Y%m%d%H%M%S}"


def digest(secret: str, text: str) -> str:
    """HMAC-SHA512 in lower-case hex."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def form_text(text: str) -> str:
    """``application/x-www-form-urlencoded``, byte by byte."""
    written = []
    for byte in text.encode():
        if byte in UNCHANGED:
            written.append(chr(byte))
        else:
            written.append("+" if byte == 0x20 else f"%{byte:02X}")
    return "".join(written)


def signable(fields: Mapping[str, str]) -> str:
    """The text that the pay page, the return and the IPN sign."""
    names = sorted(name for name in fields if name.startswith("vnp_") and name not in UNSIGNED)
    return "&".join(f"{form_text(name)}={form_text(fields[name])}" for name in names if fields[name])


def signed_query(fields: Mapping[str, str], secret: str) -> str:
    """The query string of a return or an IPN."""
    text = signable(fields)
    return f"{text}&vnp_SecureHash={digest(secret, text)}"


def read_query(query_string: str) -> dict[str, str]:
    """The fields of a pay address. Raises ValueError when one is given twice or is not UTF-8."""
    fields: dict[str, str] = {}
    for part in query_string.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name, errors="strict")
        if name in fields:
            raise ValueError(f"{name} is given twice")
        fields[name] = unquote_plus(value, errors="strict")
    return fields


def query_holds(fields: Mapping[str, str], secret: str) -> bool:
    """Whether the signature of a pay address is right."""
    claimed = fields.get("vnp_SecureHash", "").lower()
    return hmac.compare_digest(digest(secret, signable(fields)).encode(), claimed.encode())


def barred(fields: Mapping[str, str], order: str) -> str:
    """The values that querydr and refund sign, with bars between them."""
    return "|".join(fields.get(f"vnp_{name}", "") for name in order.split())


def request_holds(fields: Mapping[str, str], secret: str) -> bool:
    """Whether the hash of a querydr or a refund is right."""
    signed = dict(fields)
    if fields.get("vnp_Command") == "refund" and not fields.get("vnp_TransactionNo"):
        signed["vnp_TransactionNo"] = "0"
    text = barred(signed, REQUEST_ORDERS[fields["vnp_Command"]])
    claimed = fields.get("vnp_SecureHash", "").lower()
    return hmac.compare_digest(digest(secret, text).encode(), claimed.encode())


def signed_answer(fields: Mapping[str, str], secret: str) -> dict[str, str]:
    """The answer to a querydr or a refund with its hash; empty fields are left out."""
    text = barred(fields, ANSWER_ORDERS[fields["vnp_Command"]])
    kept = {name: value for name, value in fields.items() if value}
    return {**kept, "vnp_SecureHash": digest(secret, text)}


def read_request(body: bytes) -> dict[str, str]:
    """The fields of a querydr or a refund; numbers may come as text or as numbers.

    Raises ValueError when the body is not a JSON object of those.
    """
    value = json.loads(body)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if not all(isinstance(item, str | int) for item in value.values()):
        raise ValueError("neither text nor number")
    return {name: str(item) for name, item in value.items()}
