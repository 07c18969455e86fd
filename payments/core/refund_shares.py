"""What a refund does to the books.

Money is taken back from where its payment still has it credited (the shares of the collectors, or suspense), in
proportion to what is left there, each part rounded down and the odd đồng taken from the largest. The parts sum to the
refund exactly, and refunds that together give back everything leave nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence

from payments.core.ledger import Transfer, TransferCode, receivable, refunds_payable

Part = tuple[str, int]
"""An account and an amount in it."""


def promise(account_code: str, amount_dong: int, credited: Sequence[Part]) -> list[Transfer]:
    """An approved refund: the money is now owed to the payer. Raises ValueError when less is credited."""
    return [
        Transfer(TransferCode.REFUND_PROMISED, source, refunds_payable(account_code), part)
        for source, part in apportion(credited, amount_dong)
    ]


def paid_back(account_code: str, amount_dong: int) -> list[Transfer]:
    """The provider has given the money back."""
    return [
        Transfer(
            TransferCode.REFUND_PAID, refunds_payable(account_code), receivable(account_code), amount_dong
        )
    ]


def withdraw(account_code: str, promised: Sequence[Part]) -> list[Transfer]:
    """The refund failed: what was promised is reversed, part by part."""
    return [
        Transfer(TransferCode.REFUND_WITHDRAWN, refunds_payable(account_code), source, part)
        for source, part in promised
    ]


def apportion(parts: Sequence[Part], amount_dong: int) -> list[Part]:
    """Split ``amount_dong`` over ``parts`` in proportion to their amounts, exactly.

    Raises ValueError when the amount is above what the parts hold together.
    """
    whole = sum(weight for _, weight in parts)
    if amount_dong > whole:
        raise ValueError("a refund takes back at most what is credited")
    if amount_dong == 0:
        return []
    shares = [weight * amount_dong // whole for _, weight in parts]
    odd = amount_dong - sum(shares)
    largest_first = sorted(range(len(parts)), key=lambda index: -parts[index][1])
    for index in largest_first[:odd]:
        shares[index] += 1
    return [(name, share) for (name, _), share in zip(parts, shares, strict=True) if share]
