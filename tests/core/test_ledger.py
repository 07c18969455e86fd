"""Transfers: balanced by being written, complete, chained."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.core import ledger
from payments.core.ledger import FIRST_DIGEST, Share, Transfer, TransferCode, collect, hold, link, release
from payments.core.refund_shares import Part, apportion, paid_back, promise, withdraw

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

shares = st.lists(
    st.builds(
        Share,
        agency_code=st.sampled_from(["a", "b"]),
        item_code=st.sampled_from(["copy", "seal"]),
        retained_dong=st.integers(0, 10**9),
        remitted_dong=st.integers(0, 10**9),
    ),
    min_size=1,
    max_size=6,
)


def balances(transfers: list[Transfer]) -> Counter[str]:
    """Debits minus credits, by account."""
    sums: Counter[str] = Counter()
    for transfer in transfers:
        sums[transfer.debit_account] += transfer.amount_dong
        sums[transfer.credit_account] -= transfer.amount_dong
    return Counter({account: balance for account, balance in sums.items() if balance})


@given(shares)
def test_a_settlement_credits_every_share_and_debits_their_sum(owed: list[Share]) -> None:
    whole = sum(share.retained_dong + share.remitted_dong for share in owed)
    transfers = collect("vnpay", owed)
    expected: Counter[str] = Counter({"receivable:vnpay": whole})
    for share in owed:
        expected[f"revenue:{share.agency_code}:{share.item_code}:retained"] -= share.retained_dong
        expected[f"revenue:{share.agency_code}:{share.item_code}:state"] -= share.remitted_dong
    assert balances(transfers) == Counter({account: sum_ for account, sum_ in expected.items() if sum_})
    assert {transfer.code for transfer in transfers} <= {TransferCode.COLLECTED}


@given(shares)
def test_holding_and_releasing_comes_to_the_same_as_settling(owed: list[Share]) -> None:
    whole = sum(share.retained_dong + share.remitted_dong for share in owed)
    if whole:
        assert balances(hold("vnpay", whole) + release("vnpay", owed)) == balances(collect("vnpay", owed))


parts = st.lists(st.integers(1, 10**9), min_size=1, max_size=6).map(
    lambda amounts: [(f"revenue:a:item-{index}:state", amount) for index, amount in enumerate(amounts)]
)


@given(parts, st.data())
def test_a_refund_that_fails_leaves_the_books_as_they_were(credited: list[Part], data: st.DataObject) -> None:
    amount_dong = data.draw(st.integers(1, sum(amount for _, amount in credited)))
    promised = promise("vnpay", amount_dong, credited)
    assert sum(transfer.amount_dong for transfer in promised) == amount_dong
    taken = [(transfer.debit_account, transfer.amount_dong) for transfer in promised]
    assert balances(promised + withdraw("vnpay", taken)) == Counter()
    paid = balances(promised + paid_back("vnpay", amount_dong))
    assert paid["receivable:vnpay"] == -amount_dong
    assert paid["refunds_payable:vnpay"] == 0


@given(parts, st.lists(st.integers(1, 10**6), max_size=8))
def test_refunds_that_together_give_back_everything_leave_nothing_behind(
    credited: list[Part], wanted: list[int]
) -> None:
    left = dict(credited)
    for amount_dong in [*wanted, None]:
        rest = sum(left.values())
        amount = min(amount_dong or rest, rest)
        if amount == 0:
            break
        for transfer in promise("vnpay", amount, sorted((code, dong) for code, dong in left.items() if dong)):
            left[transfer.debit_account] -= transfer.amount_dong
            assert left[transfer.debit_account] >= 0
    assert set(left.values()) == {0}


def test_a_refund_of_held_money_comes_out_of_suspense() -> None:
    promised = promise("vnpay", 500, [("suspense:vnpay", 500)])
    assert balances(promised) == Counter({"suspense:vnpay": 500, "refunds_payable:vnpay": -500})
    assert balances(hold("vnpay", 500) + promised + paid_back("vnpay", 500)) == Counter()


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8), st.data())
def test_T33_apportioned_parts_sum_to_the_whole_and_none_exceeds_its_own(
    weights: list[int], data: st.DataObject
) -> None:
    amount_dong = data.draw(st.integers(0, sum(weights)))
    parts = [(str(index), weight) for index, weight in enumerate(weights)]
    split = dict(apportion(parts, amount_dong))
    assert sum(split.values()) == amount_dong
    for name, weight in parts:
        exact = weight * amount_dong / sum(weights)
        assert split.get(name, 0) <= weight
        assert abs(split.get(name, 0) - exact) < 1.000001


def test_more_than_was_credited_cannot_be_taken_back() -> None:
    with pytest.raises(ValueError, match="at most what is credited"):
        apportion([("a", 5), ("b", 5)], 11)


def test_the_odd_dong_comes_from_the_largest_share() -> None:
    assert apportion([("small", 1), ("large", 2)], 2) == [("large", 2)]
    assert apportion([("a", 50), ("b", 50)], 33) == [("a", 17), ("b", 16)]


@pytest.mark.parametrize("amount_dong", [0, -1])
def test_a_transfer_moves_a_positive_amount(amount_dong: int) -> None:
    with pytest.raises(ValueError, match="positive amount"):
        Transfer(TransferCode.HELD, "a", "b", amount_dong)


def test_a_transfer_needs_two_accounts() -> None:
    with pytest.raises(ValueError, match="two accounts"):
        Transfer(TransferCode.HELD, "a", "a", 1)


def test_every_field_of_a_row_is_bound_into_the_chain() -> None:
    row = Transfer(TransferCode.HELD, "receivable:v", "suspense:v", 500)
    rows = [
        link(FIRST_DIGEST, 1, row, "pm_1", "", NOW),
        link("1" * 64, 1, row, "pm_1", "", NOW),
        link(FIRST_DIGEST, 2, row, "pm_1", "", NOW),
        link(
            FIRST_DIGEST,
            1,
            Transfer(TransferCode.RELEASED, "receivable:v", "suspense:v", 500),
            "pm_1",
            "",
            NOW,
        ),
        link(
            FIRST_DIGEST, 1, Transfer(TransferCode.HELD, "receivable:w", "suspense:v", 500), "pm_1", "", NOW
        ),
        link(
            FIRST_DIGEST, 1, Transfer(TransferCode.HELD, "receivable:v", "suspense:w", 500), "pm_1", "", NOW
        ),
        link(
            FIRST_DIGEST, 1, Transfer(TransferCode.HELD, "receivable:v", "suspense:v", 501), "pm_1", "", NOW
        ),
        link(FIRST_DIGEST, 1, row, "pm_2", "", NOW),
        link(FIRST_DIGEST, 1, row, "pm_1", "RF1", NOW),
        link(FIRST_DIGEST, 1, row, "pm_1", "", NOW + timedelta(microseconds=1)),
    ]
    assert len(set(rows)) == len(rows)
    assert all(len(one) == 64 and one != other for one, other in pairwise(rows))


def test_accounts_say_whose_they_are() -> None:
    assert ledger.provider_ledger_accounts("vnpay") == (
        "receivable:vnpay",
        "suspense:vnpay",
        "refunds_payable:vnpay",
    )
    assert list(ledger.share_accounts([Share("a", "copy", 1, 1)])) == [
        "revenue:a:copy:retained",
        "revenue:a:copy:state",
    ]
    assert [ledger.family(code) for code in ("revenue:a:b:state", "suspense:x")] == ["revenue", "suspense"]
