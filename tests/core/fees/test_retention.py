"""Who keeps what: the parts always sum to the amount."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.core.fees import FeeRefusal
from payments.core.fees.clauses import Retention
from payments.core.fees.context import Context
from payments.core.fees.retention import Split, compile_retention, split_amount
from payments.core.fees.schedule import Item
from tests.core.fees.building import facts, item, line

KEPT = [{"status": ["lump_sum"], "kept": "50%"}]


def split(amount: int, status: str, **changes: Any) -> tuple[int, int, dict[str, int]]:
    found = line(item(amount, **changes), {"x": "option"}, {"x": "a"}, collector_status=status)
    return found.retained_dong, found.remitted_dong, {share.to: share.amount_dong for share in found.shares}


def test_a_lump_sum_body_keeps_its_percentage_and_another_keeps_nothing() -> None:
    assert split(1000, "lump_sum", retention=KEPT) == (500, 500, {"retained": 500, "state_budget": 500})
    assert split(1000, "budget", retention=KEPT) == (0, 1000, {"state_budget": 1000})


def test_a_charge_is_remitted_whole_by_every_body() -> None:
    assert split(1000, "lump_sum", kind="charge") == (0, 1000, {"state_budget": 1000})


def test_a_percentage_that_is_not_on_file_is_refused_and_not_guessed() -> None:
    with pytest.raises(FeeRefusal) as refused:
        split(1000, "lump_sum")
    assert refused.value.code == "no_rate_in_force"
    assert [problem.field for problem in refused.value.problems] == ["collector_status"]


def test_nothing_due_needs_no_percentage() -> None:
    assert split(0, "lump_sum") == (0, 0, {"state_budget": 0})


def test_the_odd_dong_goes_to_the_budget_unless_the_text_says_otherwise() -> None:
    assert split(3, "lump_sum", retention=KEPT) == (1, 2, {"retained": 1, "state_budget": 2})
    kept = [{**KEPT[0], "odd_dong_to": "retained"}]
    assert split(3, "lump_sum", retention=kept) == (2, 1, {"retained": 2, "state_budget": 1})


def test_parts_passed_on_to_other_bodies_count_as_retained() -> None:
    shares = {"retained": "34%", "police": "51%", "state_budget": "15%"}
    rule = [{"status": ["centre"], "shares": shares}]
    assert split(1001, "centre", retention=rule) == (
        850,
        151,
        {"retained": 340, "police": 510, "state_budget": 151},
    )


def test_a_share_for_every_status_overrides_the_rest() -> None:
    rule = [{"status": ["any"], "kept": "25%"}]
    assert split(1000, "budget", retention=rule)[:2] == (250, 750)


def test_the_percentage_may_depend_on_the_case() -> None:
    rule = [{**KEPT[0], "when": {"x": "b"}}, {"status": ["lump_sum"], "when": {"x": "a"}, "kept": "90%"}]
    assert split(1000, "lump_sum", retention=rule)[:2] == (900, 100)


def test_a_private_office_issues_an_invoice() -> None:
    rule = [{"status": ["private"], "kept": "100%", "document": "invoice"}]
    assert line(item(10, retention=rule), {}, {}, collector_status="private").document == "invoice"


@st.composite
def shared_out(draw: st.DrawFn) -> dict[str, Any]:
    cuts = sorted(draw(st.lists(st.integers(0, 1000), max_size=4)))
    ends = [0, *cuts, 1000]
    parts = [high - low for low, high in pairwise(ends)]
    names = ["state_budget", "retained", "police", "centre", "city"]
    shares = {names[place]: f"{part // 10}.{part % 10}%" for place, part in enumerate(parts)}
    return {"status": ["s"], "shares": shares, "odd_dong_to": draw(st.sampled_from(names))}


@given(rule=shared_out(), amount_dong=st.one_of(st.integers(0, 1000), st.integers(0, 10**12)))
def test_T33_every_split_sums_to_the_amount_exactly(rule: dict[str, Any], amount_dong: int) -> None:
    found: Split = _split(rule, amount_dong)
    assert found.retained_dong + found.remitted_dong == amount_dong
    assert sum(share.amount_dong for share in found.shares) == amount_dong
    assert all(share.amount_dong >= 0 for share in found.shares)


def _split(rule: dict[str, Any], amount_dong: int) -> Split:
    def none(code: str, context: Context) -> Any:
        raise AssertionError(code)

    context = Context({}, facts(collector_status="s"), {}, none, none)
    compiled = compile_retention(Retention.model_validate(rule))
    return split_amount(Item.model_validate(item(1)), (compiled,), context, amount_dong)
