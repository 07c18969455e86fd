"""What a refund does to the books.

Money that settled a request is taken back from the shares it was credited to, in proportion, each rounded down and
the odd đồng taken from the largest shares, so that the parts sum to the refund exactly. Money in suspense is simply
no longer held.
"""

from __future__ import annotations

from collections.abc import Sequence

from payments.core.ledger import (
    Share,
    Transfer,
    TransferCode,
    receivable,
    refunds_payable,
    retained_revenue,
    state_revenue,
    suspense,
)


def promise(account_code: str, amount_dong: int, shares: Sequence[Share] | None = None) -> list[Transfer]:
    """An approved refund: the money is now owed to the payer."""
    return [
        Transfer(TransferCode.REFUND_PROMISED, source, refunds_payable(account_code), part)
        for source, part in _sources(account_code, amount_dong, shares)
    ]


def paid_back(account_code: str, amount_dong: int) -> list[Transfer]:
    """The provider has given the money back."""
    return [
        Transfer(
            TransferCode.REFUND_PAID, refunds_payable(account_code), receivable(account_code), amount_dong
        )
    ]


def withdraw(account_code: str, amount_dong: int, shares: Sequence[Share] | None = None) -> list[Transfer]:
    """The refund failed: the promise is reversed, part by part."""
    return [
        Transfer(TransferCode.REFUND_WITHDRAWN, refunds_payable(account_code), source, part)
        for source, part in _sources(account_code, amount_dong, shares)
    ]


def _sources(account_code: str, amount_dong: int, shares: Sequence[Share] | None) -> list[tuple[str, int]]:
    if shares is None:
        return [(suspense(account_code), amount_dong)]
    parts = [part for share in shares for part in _parts(share) if part[1]]
    return apportion(parts, amount_dong)


def _parts(share: Share) -> tuple[tuple[str, int], tuple[str, int]]:
    return (
        (retained_revenue(share.agency_code, share.item_code), share.retained_dong),
        (state_revenue(share.agency_code, share.item_code), share.remitted_dong),
    )


def apportion(parts: Sequence[tuple[str, int]], amount_dong: int) -> list[tuple[str, int]]:
    """Split ``amount_dong`` over ``parts`` in proportion to their weights, exactly.

    Raises ValueError when the amount is above what the parts hold together.
    """
    whole = sum(weight for _, weight in parts)
    if amount_dong > whole:
        raise ValueError("a refund takes back at most what was credited")
    shares = [weight * amount_dong // whole for _, weight in parts]
    odd = amount_dong - sum(shares)
    largest_first = sorted(range(len(parts)), key=lambda index: -parts[index][1])
    for index in largest_first[:odd]:
        shares[index] += 1
    return [(name, share) for (name, _), share in zip(parts, shares, strict=True) if share]
