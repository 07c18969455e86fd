"""How VNPAY writes amounts, fields and signatures.

Two rules of signing exist side by side: the pay page, the return and the IPN sign their sorted and encoded
fields; querydr and refund sign bare values in a fixed order. Both are HMAC-SHA512 in lower-case hex.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote_plus

from providers.protocol import LocalProviderError, Malformed
from providers.signing import Keys

MOST_DONG = 9_999_999_999  # vnp_Amount has at most twelve digits, two of them for the x 100

# The values that the server calls sign, in this order, joined with bars and not encoded.
QUERY_SIGNED = (
    "vnp_RequestId",
    "vnp_Version",
    "vnp_Command",
    "vnp_TmnCode",
    "vnp_TxnRef",
    "vnp_TransactionDate",
    "vnp_CreateDate",
    "vnp_IpAddr",
    "vnp_OrderInfo",
)
REFUND_SIGNED = (
    "vnp_RequestId",
    "vnp_Version",
    "vnp_Command",
    "vnp_TmnCode",
    "vnp_TransactionType",
    "vnp_TxnRef",
    "vnp_Amount",
    "vnp_TransactionNo",
    "vnp_TransactionDate",
    "vnp_CreateBy",
    "vnp_CreateDate",
    "vnp_IpAddr",
    "vnp_OrderInfo",
)
REFUND_ANSWER_SIGNED = (
    "vnp_ResponseId",
    "vnp_Command",
    "vnp_ResponseCode",
    "vnp_Message",
    "vnp_TmnCode",
    "vnp_TxnRef",
    "vnp_Amount",
    "vnp_BankCode",
    "vnp_PayDate",
    "vnp_TransactionNo",
    "vnp_TransactionType",
    "vnp_TransactionStatus",
    "vnp_OrderInfo",
)
QUERY_ANSWER_SIGNED = (*REFUND_ANSWER_SIGNED, "vnp_PromotionCode", "vnp_PromotionAmount")


def encoded(fields: Mapping[str, str]) -> str:
    """The fields as VNPAY signs and sends them: without empty ones, sorted by name, form-encoded."""
    pairs = sorted((name, value) for name, value in fields.items() if value)
    return "&".join(f"{_form(name)}={_form(value)}" for name, value in pairs)


def _form(text: str) -> str:
    # The form encoding of the HTML standard; Python's helper differs from it in these two characters.
    return quote_plus(text, safe="*").replace("~", "%7E")


def joined(fields: Mapping[str, str], names: tuple[str, ...]) -> bytes:
    """The values of ``names`` in their order, as the server calls sign them; absent ones are empty."""
    return "|".join(fields.get(name, "") for name in names).encode()


def signed_url(address: str, fields: Mapping[str, str], keys: Keys) -> str:
    """``address`` with the fields and their signature, which stands last."""
    text = encoded(fields)
    return f"{address}?{text}&vnp_SecureHash={keys.sign(text.encode())}"


def wire_amount(amount_dong: int) -> str:
    """đồng as VNPAY counts, x 100. Raises LocalProviderError outside 1 to MOST_DONG."""
    if type(amount_dong) is not int or not 1 <= amount_dong <= MOST_DONG:
        raise LocalProviderError(f"VNPAY carries whole amounts from 1 to {MOST_DONG} VND")
    return str(amount_dong * 100)


def read_amount(text: str) -> int:
    """The đồng of a wire amount. Raises Malformed unless it is a positive whole number of them."""
    if not re.fullmatch(r"[1-9][0-9]{0,11}", text) or int(text) % 100:
        raise Malformed("vnp_Amount is not a whole number of VND")
    return int(text) // 100
