"""VNPAY payment gateway, API version 2.1.0: pay page, return, IPN, querydr and refund.

Sources: VNPAY's own pages ``apis/docs/thanh-toan-pay/pay.html`` and
``apis/docs/truy-van-hoan-tien/querydr&refund.html``; the vectors under ``tests/providers/vectors`` were made
by running the npm package ``vnpay`` 2.5.0. What confirms which rule is told in ``docs/providers/vnpay.md``.

On the wire amounts are đồng x 100 and times are ``yyyyMMddHHmmss`` in GMT+7.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from providers.protocol import (
    ALL_COVERED,
    Acknowledgement,
    Answer,
    Ask,
    BadSignature,
    Capabilities,
    Incoming,
    LocalProviderError,
    Malformed,
    Notice,
    Order,
    Question,
    Redirect,
    RefundOrder,
    RefundOutcome,
    RefundQuestion,
    RefundVerdict,
    RemoteProviderError,
    Reply,
    Request,
    Setting,
    Verdict,
)
from providers.settings import check_names, secrets_of, text_of, url_of
from providers.signing import Digest, Keys
from providers.vnpay_codes import (
    ACKNOWLEDGEMENTS,
    QUERY_VERDICTS,
    queried_refund_verdict,
    queried_verdict,
    refund_verdict,
    verdict_of,
)
from providers.vnpay_wire import (
    MOST_DONG,
    QUERY_ANSWER_SIGNED,
    QUERY_SIGNED,
    REFUND_ANSWER_SIGNED,
    REFUND_SIGNED,
    encoded,
    joined,
    read_amount,
    signed_url,
    wire_amount,
)
from providers.wire import (
    address_text,
    compact_time,
    read_compact_time,
    read_json_object,
    read_query,
    unaccented,
)

VERSION = "2.1.0"
MOST_DESCRIPTION_CHARACTERS = 255

LOCALES = {"vi": "vn", "en": "en"}
FULL_REFUND, PARTIAL_REFUND = "02", "03"  # vnp_TransactionType

NOTICE_FIELDS = (
    "vnp_TmnCode",
    "vnp_TxnRef",
    "vnp_Amount",
    "vnp_ResponseCode",
    "vnp_TransactionStatus",
)


@dataclass(frozen=True, slots=True)
class VnPay:
    """One terminal at VNPAY."""

    name: ClassVar[str] = "vnpay"
    title: ClassVar[str] = "VNPAY"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("terminal_code", "vnp_TmnCode: the eight characters that name the terminal"),
        Setting("hash_secret", "vnp_HashSecret, or a list of them from oldest to newest", secret=True),
        Setting("pay_url", "address of the pay page, given with the contract"),
        Setting("api_url", "address of the querydr and refund service, given with the contract"),
        Setting("order_type", "vnp_OrderType: VNPAY's category of goods; 250000 if absent", required=False),
        Setting("bank_code", "vnp_BankCode: such as VNPAYQR; the payer chooses if absent", required=False),
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        least_dong=1,
        most_dong=MOST_DONG,
        query=True,
        refund=True,
        partial_refund=True,
        refund_query=True,
        payment_window_seconds=900,
    )

    terminal: str
    keys: Keys
    pay_url: str
    api_url: str
    order_type: str = "250000"  # payment of bills
    bank_code: str = ""

    @classmethod
    def from_settings(cls, values: Mapping[str, Any]) -> VnPay:
        """A terminal from its settings. Raises LocalProviderError naming the one that is wrong."""
        check_names(values, cls.settings)
        return cls(
            terminal=text_of(values, "terminal_code", r"[A-Za-z0-9]{8}"),
            keys=Keys.of(Digest.SHA512, secrets_of(values, "hash_secret")),
            pay_url=url_of(values, "pay_url"),
            api_url=url_of(values, "api_url"),
            order_type=text_of(values, "order_type", r"[A-Za-z0-9]{1,100}", "250000"),
            bank_code=text_of(values, "bank_code", r"([A-Za-z0-9]{3,20})?"),
        )

    @property
    def merchant(self) -> str:
        """The terminal code."""
        return self.terminal

    def start(self, order: Order) -> Redirect:
        """The signed address of the pay page.

        Raises LocalProviderError when VNPAY's fields cannot carry the order.
        """
        if order.expires_at <= order.created_at:
            raise LocalProviderError("the order expires before it begins")
        fields = {
            "vnp_Version": VERSION,
            "vnp_Command": "pay",
            "vnp_TmnCode": self.terminal,
            "vnp_Amount": wire_amount(order.amount_dong),
            "vnp_CurrCode": "VND",
            "vnp_TxnRef": _reference(order.reference),
            "vnp_OrderInfo": _description(order.description, f"Thanh toan {order.reference}"),
            "vnp_OrderType": self.order_type,
            "vnp_Locale": LOCALES.get(order.language, "vn"),
            "vnp_ReturnUrl": _return_url(order.return_url),
            "vnp_IpAddr": address_text(order.payer_address),
            "vnp_CreateDate": compact_time(order.created_at),
            "vnp_ExpireDate": compact_time(order.expires_at),
            "vnp_BankCode": self.bank_code,
        }
        return Redirect(signed_url(self.pay_url, fields, self.keys))

    def hear(self, incoming: Incoming) -> Notice:
        """What a return or an IPN says; both are signed alike.

        Raises BadSignature when the signature is absent or wrong, and Malformed when a signed message
        breaks the protocol or is for another terminal.
        """
        fields = read_query(incoming.query_string, "vnp_")
        signature = fields.pop("vnp_SecureHash", "")
        fields.pop("vnp_SecureHashType", None)  # left over from 2.0, never signed
        if not self.keys.accepts(encoded(fields).encode(), signature):
            raise BadSignature("vnp_SecureHash is missing or wrong")
        for name in NOTICE_FIELDS:
            if not fields.get(name):
                raise Malformed(f"{name} is missing")
        self._check_terminal(fields)
        return _notice(fields, verdict_of(fields["vnp_ResponseCode"], fields["vnp_TransactionStatus"]))

    def reply(self, acknowledgement: Acknowledgement) -> Answer:
        """The JSON that VNPAY expects; the HTTP status is 200 whatever it says."""
        code, message = ACKNOWLEDGEMENTS[acknowledgement]
        body = json.dumps({"RspCode": code, "Message": message}).encode()
        return Answer(status=200, media_type="application/json", body=body)

    def query(self, question: Question) -> Ask[Notice]:
        """A querydr, which tells the order by its reference and the time it was created."""
        request = self._querydr(
            question.order, question.request_id, question.asked_at, question.caller_address
        )
        return Ask(request, lambda reply: self._read_query(question.order, reply))

    def _querydr(self, order: Order, request_id: str, asked_at: datetime, caller_address: str) -> Request:
        fields = {
            "vnp_RequestId": _request_id(request_id),
            "vnp_Version": VERSION,
            "vnp_Command": "querydr",
            "vnp_TmnCode": self.terminal,
            "vnp_TxnRef": _reference(order.reference),
            "vnp_OrderInfo": f"Truy van GD {order.reference}",
            "vnp_TransactionNo": order.provider_reference,
            "vnp_TransactionDate": compact_time(order.created_at),
            "vnp_CreateDate": compact_time(asked_at),
            "vnp_IpAddr": address_text(caller_address),
        }
        return self._request(fields, self.keys.sign(joined(fields, QUERY_SIGNED)), may_repeat=True)

    def _read_query(self, order: Order, reply: Reply) -> Notice:
        fields = self._answer(reply, QUERY_ANSWER_SIGNED, "querydr", order.reference)
        code = fields["vnp_ResponseCode"]
        if code == "00":
            for name in ("vnp_Amount", "vnp_TransactionStatus"):
                if not fields.get(name):
                    raise Malformed(f"{name} is missing")
            return _queried(fields)
        return Notice(
            verdict=QUERY_VERDICTS.get(code, Verdict.UNKNOWN),
            reference=order.reference,
            covered=ALL_COVERED,
            code=code,
            message=fields.get("vnp_Message", ""),
        )

    def refund(self, refund: RefundOrder) -> Ask[RefundOutcome]:
        """A refund of all or a part of a payment; never to be repeated by the transport.

        Raises LocalProviderError when more is to be given back than was asked. When its answer is lost or
        cannot be believed, the outcome is unknown: money may be on its way.
        """
        order = refund.order
        if refund.amount_dong > order.amount_dong:
            raise LocalProviderError("a refund cannot be more than the payment")
        fields = {
            "vnp_RequestId": _request_id(refund.reference),
            "vnp_Version": VERSION,
            "vnp_Command": "refund",
            "vnp_TmnCode": self.terminal,
            "vnp_TransactionType": FULL_REFUND if refund.is_full else PARTIAL_REFUND,
            "vnp_TxnRef": _reference(order.reference),
            "vnp_Amount": wire_amount(refund.amount_dong),
            "vnp_OrderInfo": _description(refund.reason, f"Hoan tien {order.reference}"),
            "vnp_TransactionNo": order.provider_reference,
            "vnp_TransactionDate": compact_time(order.created_at),
            "vnp_CreateBy": _description(refund.officer, "thuphi"),
            "vnp_CreateDate": compact_time(refund.asked_at),
            "vnp_IpAddr": address_text(refund.caller_address),
        }
        # Where VNPAY's number is not known, it is signed as 0 and left out of the body.
        signed = {**fields, "vnp_TransactionNo": order.provider_reference or "0"}
        request = self._request(fields, self.keys.sign(joined(signed, REFUND_SIGNED)), may_repeat=False)
        return Ask(request, lambda reply: self._read_refund(refund, reply))

    def _read_refund(self, refund: RefundOrder, reply: Reply) -> RefundOutcome:
        fields = self._answer(reply, REFUND_ANSWER_SIGNED, "refund", refund.order.reference)
        code, status = fields["vnp_ResponseCode"], fields.get("vnp_TransactionStatus", "")
        amount = fields.get("vnp_Amount", "")
        if amount and read_amount(amount) != refund.amount_dong:
            raise Malformed("vnp_Amount is not the amount asked to be given back")
        return RefundOutcome(
            verdict=refund_verdict(code, status),
            provider_reference=_transaction_number(fields),
            code=_codes(code, status),
            message=fields.get("vnp_Message", ""),
        )

    def query_refund(self, question: RefundQuestion) -> Ask[RefundOutcome]:
        """A querydr on the refunded order, which VNPAY then answers with the refund's transaction.

        It has no question about one refund, so an answer that speaks of the payment, or of a refund of another
        amount, says nothing and is unknown.
        """
        refund = question.refund
        request = self._querydr(refund.order, question.request_id, question.asked_at, question.caller_address)
        return Ask(request, lambda reply: self._read_refund_query(refund, reply))

    def _read_refund_query(self, refund: RefundOrder, reply: Reply) -> RefundOutcome:
        fields = self._answer(reply, QUERY_ANSWER_SIGNED, "querydr", refund.order.reference)
        code, status = fields["vnp_ResponseCode"], fields.get("vnp_TransactionStatus", "")
        kind, amount = fields.get("vnp_TransactionType", ""), fields.get("vnp_Amount", "")
        speaks_of_it = code == "00" and bool(amount) and read_amount(amount) == refund.amount_dong
        verdict = queried_refund_verdict(kind, status) if speaks_of_it else RefundVerdict.UNKNOWN
        return RefundOutcome(
            verdict=verdict,
            provider_reference=_transaction_number(fields) if speaks_of_it else "",
            code=_codes(code, status, kind if kind in (FULL_REFUND, PARTIAL_REFUND) else ""),
            message=fields.get("vnp_Message", ""),
            names_order_only=True,
        )

    def _request(self, fields: Mapping[str, str], signature: str, *, may_repeat: bool) -> Request:
        sent = {name: value for name, value in fields.items() if value}
        body = json.dumps({**sent, "vnp_SecureHash": signature}).encode()
        headers = {"content-type": "application/json"}
        return Request("POST", self.api_url, headers, body, may_repeat=may_repeat)

    def _answer(self, reply: Reply, signed: tuple[str, ...], command: str, reference: str) -> dict[str, str]:
        """The fields of a server's answer, once its hash holds and it answers what was asked."""
        if reply.status != 200:
            raise RemoteProviderError(f"VNPAY answered HTTP {reply.status}")
        fields = read_json_object(reply.body)
        if not self.keys.accepts(joined(fields, signed), fields.get("vnp_SecureHash", "")):
            raise BadSignature("vnp_SecureHash of the answer is missing or wrong")
        self._check_terminal(fields)
        if fields.get("vnp_Command") != command or fields.get("vnp_TxnRef") != reference:
            raise Malformed("the answer is to another request")
        if not fields.get("vnp_ResponseCode"):
            raise Malformed("vnp_ResponseCode is missing")
        return fields

    def _check_terminal(self, fields: Mapping[str, str]) -> None:
        if fields.get("vnp_TmnCode") != self.terminal:
            raise Malformed("vnp_TmnCode is another terminal's")


def _notice(fields: Mapping[str, str], verdict: Verdict, *more_codes: str) -> Notice:
    codes = (fields["vnp_ResponseCode"], fields["vnp_TransactionStatus"], *more_codes)
    return Notice(
        verdict=verdict,
        reference=fields["vnp_TxnRef"],
        # All fields are signed; a terminal has no other currency than VND, so naming it settles that too.
        covered=ALL_COVERED,
        amount_dong=read_amount(fields["vnp_Amount"]),
        provider_reference=_transaction_number(fields),
        occurred_at=read_compact_time(fields.get("vnp_PayDate", "")),
        code=_codes(*codes),
        message=fields.get("vnp_Message", ""),
        method=" ".join(filter(None, (fields.get("vnp_BankCode"), fields.get("vnp_CardType")))),
    )


def _queried(fields: Mapping[str, str]) -> Notice:
    kind, status = fields.get("vnp_TransactionType", ""), fields["vnp_TransactionStatus"]
    of_refund = kind in (FULL_REFUND, PARTIAL_REFUND)
    notice = _notice(fields, queried_verdict(kind, status), *((kind,) if of_refund else ()))
    return replace(notice, of_refund=of_refund)


def _codes(*codes: str) -> str:
    return "/".join(filter(None, codes))


def _transaction_number(fields: Mapping[str, str]) -> str:
    number = fields.get("vnp_TransactionNo", "")
    return "" if number == "0" else number  # 0 is how VNPAY says that there was no transaction


def _reference(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", text):
        raise LocalProviderError("the order's reference is not 1 to 100 letters, digits, . _ -")
    return text


def _request_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{1,32}", text):
        raise LocalProviderError("the request's number is not 1 to 32 letters and digits")
    return text


def _description(text: str, otherwise: str) -> str:
    return unaccented(text)[:MOST_DESCRIPTION_CHARACTERS].strip() or otherwise


def _return_url(address: str) -> str:
    if not (10 <= len(address) <= 255 and re.fullmatch(r"https?://[ -~]+", address)):
        raise LocalProviderError("the return address is not an http address of 10 to 255 characters")
    return address
