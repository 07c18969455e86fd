"""The books: which transfers a sum of money causes.

A transfer moves one positive amount from a credit account to a debit account, so it balances by being written.
Nothing is ever edited; a mistake is put right by a further transfer. Accounts are named by family and owner, so
that a row can be read without a second table:

    receivable:<provider account>             what the provider has taken and still owes the collectors
    revenue:<agency>:<item>:retained          the share of a fee that the collector may keep
    revenue:<agency>:<item>:state             the share owed to the State budget
    suspense:<provider account>               money that has arrived but pays nothing yet
    refunds_payable:<provider account>        money promised back to payers
    provider_charges:<provider account>       what the provider charges for its service

Every chain (one per provider account) is a chain of digests, so that a row taken out, put in or changed later is
seen by ``thuphi ledger verify``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

FIRST_DIGEST = "0" * 64


class TransferCode(StrEnum):
    """Why money moved in the books."""

    COLLECTED = "collected"  # a payment settled its request
    HELD = "held"  # a payment arrived that settles nothing yet
    RELEASED = "released"  # a held payment now settles its request
    REFUND_PROMISED = "refund_promised"
    REFUND_PAID = "refund_paid"
    REFUND_WITHDRAWN = "refund_withdrawn"  # the refund failed; the money is the collector's again


@dataclass(frozen=True, slots=True)
class Share:
    """What one line of a request brings to whom."""

    agency_code: str
    item_code: str
    retained_dong: int
    remitted_dong: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One row of the ledger. Raises ValueError unless the amount is positive and the accounts differ."""

    code: TransferCode
    debit_account: str
    credit_account: str
    amount_dong: int

    def __post_init__(self) -> None:
        if self.amount_dong <= 0:
            raise ValueError("a transfer moves a positive amount")
        if self.debit_account == self.credit_account:
            raise ValueError("a transfer needs two accounts")


def receivable(account_code: str) -> str:
    return f"receivable:{account_code}"


def suspense(account_code: str) -> str:
    return f"suspense:{account_code}"


def refunds_payable(account_code: str) -> str:
    return f"refunds_payable:{account_code}"


def retained_revenue(agency_code: str, item_code: str) -> str:
    return f"revenue:{agency_code}:{item_code}:retained"


def state_revenue(agency_code: str, item_code: str) -> str:
    return f"revenue:{agency_code}:{item_code}:state"


def family(account: str) -> str:
    """The family of an account code."""
    return account.partition(":")[0]


def provider_ledger_accounts(account_code: str) -> tuple[str, ...]:
    """The accounts that every provider account has from its first day."""
    return receivable(account_code), suspense(account_code), refunds_payable(account_code)


def share_accounts(shares: Iterable[Share]) -> Iterator[str]:
    """The revenue accounts that settling ``shares`` may need."""
    for share in shares:
        yield retained_revenue(share.agency_code, share.item_code)
        yield state_revenue(share.agency_code, share.item_code)


def collect(account_code: str, shares: Iterable[Share]) -> list[Transfer]:
    """A payment settles its request: the provider owes each collector its shares."""
    return _credit_shares(TransferCode.COLLECTED, receivable(account_code), shares)


def hold(account_code: str, amount_dong: int) -> list[Transfer]:
    """A payment arrives that settles nothing yet."""
    return [Transfer(TransferCode.HELD, receivable(account_code), suspense(account_code), amount_dong)]


def release(account_code: str, shares: Iterable[Share]) -> list[Transfer]:
    """A payment that was held settles its request after all."""
    return _credit_shares(TransferCode.RELEASED, suspense(account_code), shares)


def _credit_shares(code: TransferCode, debit: str, shares: Iterable[Share]) -> list[Transfer]:
    transfers = []
    for share in shares:
        for credit, amount_dong in (
            (retained_revenue(share.agency_code, share.item_code), share.retained_dong),
            (state_revenue(share.agency_code, share.item_code), share.remitted_dong),
        ):
            if amount_dong:
                transfers.append(Transfer(code, debit, credit, amount_dong))
    return transfers


def link(
    previous_digest: str,
    position: int,
    transfer: Transfer,
    payment_id: str,
    refund_reference: str,
    booked_at: datetime,
) -> str:
    """The digest that chains this row to the one before it."""
    fields = (
        previous_digest,
        str(position),
        transfer.code,
        transfer.debit_account,
        transfer.credit_account,
        str(transfer.amount_dong),
        payment_id,
        refund_reference,
        booked_at.astimezone(UTC).isoformat(timespec="microseconds"),
    )
    return hashlib.sha256("|".join(fields).encode()).hexdigest()
