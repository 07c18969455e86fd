"""What the look-alike VNPAY decides: choices on the bank's page, questions, refunds.

Nothing here waits, sends or remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from providers.sandbox.vnpay_messages import signed_query

OTHER_AMOUNT_DONG = 1_000  # how much more is paid than was asked, where the choice is another amount
REFUND_SECONDS = 60  # how long a refund is being processed after it was taken in
MOST_WIRE_AMOUNT = 999_999_999_900


@dataclass(frozen=True, slots=True)
class Transaction:
    """One payment as VNPAY knows it. Amounts are wire amounts (đồng x 100), times wire times."""

    terminal: str
    reference: str
    create_date: str
    expire_date: str
    amount: int
    order_info: str
    return_url: str
    locale: str
    token: str
    number: str = "0"
    response: str = ""
    status: str = "01"
    pay_date: str = ""
    bank: str = "NCB"
    card: str = "ATM"
    refunded: int = 0
    refund_type: str = ""
    refund_amount: int = 0
    refund_number: str = ""
    refund_ends_at: str = ""  # until then the refund is being processed
    refund_end: str = "00"  # the status that it then has


@dataclass(frozen=True, slots=True)
class Choice:
    """One button of the bank's page: how the payment ends and which IPNs tell of it."""

    response: str
    status: str
    notices: tuple[str, ...]  # of "now", "late", "forged"
    other_amount: bool = False


CHOICES: dict[str, Choice] = {
    "pay": Choice("00", "00", ("now",)),
    "cancel": Choice("24", "02", ("now",)),
    "fail": Choice("51", "02", ("now",)),
    "late": Choice("00", "00", ("late",)),
    "silent": Choice("00", "00", ()),
    "double": Choice("00", "00", ("now", "now")),
    "other_amount": Choice("00", "00", ("now",), other_amount=True),
    # The payer leaves without paying, and somebody else claims the contrary.
    "forged": Choice("24", "02", ("forged",)),
    "fraud": Choice("07", "07", ("now",)),
}
EXPIRED = Choice("11", "02", ("now",))

# Money is taken, so the transaction has a number of its own.
TAKEN = frozenset({"00", "07"})
# The payer may choose again: nothing was chosen yet, or the first card had not enough money.
OPEN_RESPONSES = frozenset({"", "51"})

MESSAGES = {
    "00": "Success",
    "02": "Invalid terminal",
    "03": "Invalid data format",
    "91": "Transaction not found",
    "94": "Request duplicated",
    "95": "Payment was not successful",
    "97": "Invalid signature",
    "99": "Other error",
}


def chosen(transaction: Transaction, choice: Choice, now: str, number: str) -> Transaction:
    """The transaction once ``choice`` was made at ``now``; ``number`` is used when money is taken."""
    taken = choice.response in TAKEN
    return replace(
        transaction,
        response=choice.response,
        status=choice.status,
        pay_date=now,
        number=number if taken else "0",
        amount=_other_amount(transaction.amount) if choice.other_amount else transaction.amount,
    )


def _other_amount(amount: int) -> int:
    step = OTHER_AMOUNT_DONG * 100
    return amount + step if amount + step <= MOST_WIRE_AMOUNT else amount - step


def is_expired(transaction: Transaction, now: str) -> bool:
    """Whether its window is over and no money was taken in it."""
    return transaction.response not in TAKEN and now > transaction.expire_date


def notice_fields(transaction: Transaction) -> dict[str, str]:
    """What the return and the IPN say; empty fields are neither sent nor signed."""
    paid = transaction.number != "0"
    return {
        "vnp_Amount": str(transaction.amount),
        "vnp_BankCode": transaction.bank,
        "vnp_BankTranNo": f"VNP{transaction.number}" if paid else "",
        "vnp_CardType": transaction.card,
        "vnp_OrderInfo": transaction.order_info,
        "vnp_PayDate": transaction.pay_date,
        "vnp_ResponseCode": transaction.response,
        "vnp_TmnCode": transaction.terminal,
        "vnp_TransactionNo": transaction.number,
        "vnp_TransactionStatus": transaction.status,
        "vnp_TxnRef": transaction.reference,
    }


def forged_query(transaction: Transaction) -> str:
    """An IPN that claims success and is signed by somebody who does not have the secret."""
    claimed = {"vnp_ResponseCode": "00", "vnp_TransactionStatus": "00", "vnp_TransactionNo": "99999999"}
    return signed_query({**notice_fields(transaction), **claimed}, "not-the-secret")


def query_answer(transaction: Transaction | None, now: str) -> dict[str, str]:
    """What a querydr is answered about the transaction, or 91 where there is none."""
    if transaction is None:
        return {"vnp_ResponseCode": "91"}
    expired = is_expired(transaction, now)
    answer = {
        "vnp_ResponseCode": "00",
        "vnp_Amount": str(transaction.amount),
        "vnp_BankCode": transaction.bank,
        "vnp_PayDate": transaction.pay_date,
        "vnp_TransactionNo": transaction.number,
        "vnp_TransactionType": "01",
        "vnp_TransactionStatus": "02" if expired else transaction.status,
        "vnp_OrderInfo": transaction.order_info,
    }
    return {**answer, **_refund_fields(transaction, now)} if transaction.refund_type else answer


def _refund_fields(transaction: Transaction, now: str) -> dict[str, str]:
    ended = now >= transaction.refund_ends_at
    return {
        "vnp_Amount": str(transaction.refund_amount),
        "vnp_TransactionNo": transaction.refund_number,
        "vnp_TransactionType": transaction.refund_type,
        "vnp_TransactionStatus": transaction.refund_end if ended else "05",
    }


def refund_code(transaction: Transaction | None, asked: Mapping[str, str]) -> str:
    """The response code that a refund deserves: 91, 95, 03, 99 for too much, or 00."""
    number = asked.get("vnp_TransactionNo", "0") or "0"
    if transaction is None or number not in ("0", transaction.number):
        return "91"
    if transaction.status != "00":
        return "95"
    kind, amount = asked.get("vnp_TransactionType"), asked.get("vnp_Amount", "")
    if kind not in ("02", "03") or not amount.isdecimal() or int(amount) == 0:
        return "03"
    return "00" if _can_give_back(transaction, str(kind), int(amount)) else "99"


def _can_give_back(transaction: Transaction, kind: str, amount: int) -> bool:
    if kind == "02":
        return amount == transaction.amount and not transaction.refunded
    return amount + transaction.refunded <= transaction.amount


def refunded(
    transaction: Transaction, asked: Mapping[str, str], number: str, ends_at: str, declined: bool
) -> Transaction:
    """The transaction once a refund that deserves 00 was taken in; a declined one gives nothing back."""
    amount = int(asked["vnp_Amount"])
    return replace(
        transaction,
        refunded=transaction.refunded + (0 if declined else amount),
        refund_ends_at=ends_at,
        refund_end="09" if declined else "00",
        refund_type=asked["vnp_TransactionType"],
        refund_amount=amount,
        refund_number=number,
    )


def refund_answer(transaction: Transaction, now: str) -> dict[str, str]:
    """What an accepted refund is answered."""
    answer = {
        "vnp_ResponseCode": "00",
        "vnp_BankCode": transaction.bank,
        "vnp_PayDate": now,
        "vnp_OrderInfo": transaction.order_info,
    }
    return {**answer, **_refund_fields(transaction, now)}
