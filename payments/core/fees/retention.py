"""Who keeps what of a fee.

A charge (lệ phí) goes to the budget whole. Of a fee (phí) only a body on a lump-sum budget, or one that
the text names, keeps a part; any other remits all of it, whatever percentage the text states (Law 97/2015,
article 12; Decree 120/2016, article 5). A service price is the collector's own, on an invoice.
Where the text's percentage is not on file the split is refused, not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from payments.core.fees.clauses import Retention
from payments.core.fees.conditions import Predicate, compile_condition
from payments.core.fees.context import Context
from payments.core.fees.exact import read_number
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Item
from payments.core.refusals import Problem

BUDGET = "state_budget"
RETAINED = "retained"


@dataclass(frozen=True, slots=True)
class Share:
    """One body's part of an amount: ``retained``, ``state_budget`` or the name of another body."""

    to: str
    amount_dong: int


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of an amount; they sum to it exactly."""

    shares: tuple[Share, ...]
    document: str = "receipt"

    @property
    def remitted_dong(self) -> int:
        """What goes to the State budget."""
        return sum(share.amount_dong for share in self.shares if share.to == BUDGET)

    @property
    def retained_dong(self) -> int:
        """What the collector keeps or passes on to other bodies."""
        return sum(share.amount_dong for share in self.shares if share.to != BUDGET)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """``begin`` and ``end`` are days of payment: money is shared out as the rule of that day says."""

    statuses: frozenset[str]
    begin: date
    end: date
    holds: Predicate
    shares: tuple[tuple[str, Fraction], ...]
    odd_dong_to: str
    document: str


def compile_retention(retention: Retention) -> RetentionRule:
    shares = {name: Fraction(read_number(share)) for name, share in (retention.shares or {}).items()}
    if retention.kept is not None:
        kept = Fraction(read_number(retention.kept))
        shares = {RETAINED: kept, BUDGET: 1 - kept}
    return RetentionRule(
        frozenset(retention.status),
        retention.from_ or date.min,
        retention.until or date.max,
        compile_condition(retention.when),
        tuple(shares.items()),
        retention.odd_dong_to,
        retention.document,
    )


def split_amount(item: Item, rules: tuple[RetentionRule, ...], context: Context, amount_dong: int) -> Split:
    """Share ``amount_dong`` out. Raises FeeRefusal when a percentage is needed and not on file."""
    if item.kind == "service_price":
        return Split((Share(RETAINED, amount_dong),), "invoice")
    status, paid_on = context.facts.collector_status, context.facts.paid_on
    for rule in rules:
        if rule.statuses & {status, "any"} and rule.begin <= paid_on <= rule.end and rule.holds(context):
            return Split(_divide(rule, amount_dong), rule.document)
    if item.kind == "charge" or status == "budget" or amount_dong == 0:
        return Split((Share(BUDGET, amount_dong),))
    problem = Problem(
        "collector_status",
        f"Chưa có tỷ lệ để lại của “{item.name_vi}” cho tổ chức thu loại “{status}”.",
        f"The share that a collector of status {status} keeps of “{item.name_en}” is not on file.",
    )
    raise FeeRefusal("no_rate_in_force", problem.message_vi, problem.message_en, (problem,))


def _divide(rule: RetentionRule, amount_dong: int) -> tuple[Share, ...]:
    """Every part is rounded down; the đồng left over go where the text says."""
    whole = {name: amount_dong * share.numerator // share.denominator for name, share in rule.shares}
    left_over_dong = amount_dong - sum(whole.values())
    if left_over_dong:
        whole[rule.odd_dong_to] = whole.get(rule.odd_dong_to, 0) + left_over_dong
    return tuple(Share(name, part_dong) for name, part_dong in whole.items())
