"""Exemptions, reductions, channel prices and temporary cuts.

Exemption beats reduction. Reductions do not add up unless the text says so (``stacking``):

    none      one at most; when several apply and differ, the case is refused, for nothing says which counts
    best      the one that leaves the least
    chosen    the one that the payer picks
    product   one after the other, in the order of the text
    sum       what each takes off is taken off together
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from payments.core.fees.algebra import Node, compute
from payments.core.fees.areas import within_territory
from payments.core.fees.clauses import Benefit
from payments.core.fees.compile import compile_rule
from payments.core.fees.conditions import Predicate, compile_condition
from payments.core.fees.context import Context
from payments.core.fees.exact import Number, read_number
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Item, Schedule
from payments.core.fees.trace import DONG, RATE, Operation, Step
from payments.core.fees.walk import words_of
from payments.core.fees.words import AMOUNT
from payments.core.refusals import Problem


@dataclass(frozen=True, slots=True)
class CompiledBenefit:
    benefit: Benefit
    schedule: Schedule
    holds: Predicate
    value: Node  # nought where the effect needs none
    share: Node | None
    reads_amount: bool
    still_governs: bool = False  # its text governs this case although the text's own period is over

    def applies(self, context: Context) -> bool:
        """Whether the payer, the channel, the date and the territory are all meant."""
        benefit, facts = self.benefit, context.facts
        if benefit.beneficiaries is not None and facts.beneficiaries.isdisjoint(benefit.beneficiaries):
            return False
        if benefit.channels is not None and facts.channel not in benefit.channels:
            return False
        if not within_territory(facts.territory, self.schedule.territory):
            return False
        return self._in_time(context) and self.holds(self.scope(context))

    def scope(self, context: Context) -> Context:
        """The case with the areas of the text that grants the benefit."""
        if self.schedule.areas == context.areas or not (self.schedule.areas or context.areas):
            return context
        return replace(context, areas=self.schedule.areas)

    def used_up(self, context: Context) -> bool:
        """Whether it was had as often as the text allows. Raises FeeRefusal where nobody said how often."""
        quota = self.benefit.quota
        return quota is not None and context.number(quota.used) >= quota.times

    def _in_time(self, context: Context) -> bool:
        benefit, schedule = self.benefit, self.schedule
        begin = max(benefit.from_ or date.min, schedule.effective_from or date.min)
        last = date.max if self.still_governs else schedule.effective_to or date.max
        end = min(benefit.until or date.max, last)
        if (begin, end) == (date.min, date.max):
            return True
        return begin <= context.facts.day(benefit.decided_by or schedule.decided_by) <= end

    def basis(self, language: str) -> str:
        """The article and document that grant it."""
        document = self.schedule.document
        if language == "vi":
            return f"{self.benefit.article_vi} {document.name_vi}".strip()
        return f"{self.benefit.article_en}, {document.name_en}".removeprefix(", ")

    def note(self, language: str) -> str:
        """Its name, what grants it, and the paper that proves it."""
        benefit = self.benefit
        if language == "vi":
            paper = f"; giấy tờ: {benefit.evidence_vi}" if benefit.evidence_vi else ""
            return f"{benefit.name_vi} ({self.basis('vi')}{paper})"
        paper = f"; evidence: {benefit.evidence_en}" if benefit.evidence_en else ""
        return f"{benefit.name_en} ({self.basis('en')}{paper})"

    def used_up_note(self, language: str) -> str:
        """That it would apply, and was had as often as the text allows."""
        benefit, quota = self.benefit, self.benefit.quota
        if quota is None:
            return ""
        if language == "vi":
            most = f"tối đa {quota.times} lần {quota.per_vi}"
            return f"không còn được hưởng “{benefit.name_vi}” ({most}, {self.basis('vi')})"
        times = "once" if quota.times == 1 else f"{quota.times} times"
        return f"“{benefit.name_en}” is used up (at most {times} {quota.per_en}, {self.basis('en')})"


def compile_benefit(benefit: Benefit, schedule: Schedule) -> CompiledBenefit:
    value = compile_rule(0 if benefit.value is None else benefit.value, DONG)
    share = None if benefit.share is None else compile_rule(benefit.share)
    reads_amount = AMOUNT in words_of([benefit.value, benefit.share])
    return CompiledBenefit(benefit, schedule, compile_condition(benefit.when), value, share, reads_amount)


def reduce(
    step: Step, benefits: Sequence[CompiledBenefit], item: Item, context: Context
) -> tuple[Step, list[CompiledBenefit]]:
    """The amount after reductions, and those that counted. Raises FeeRefusal where nothing says which."""
    stacking = item.stacking
    if stacking == "chosen" and len(benefits) > 1:
        benefits = [_picked(benefits, str(item.chosen_by), context)]
    if not benefits:
        return step, []
    if stacking == "product":
        for benefit in sorted(benefits, key=lambda found: found.benefit.effect != "instead"):
            step = _reduced(benefit, step, context)
        return step, list(benefits)
    results = [(_reduced(benefit, step, context), benefit) for benefit in benefits]
    if stacking == "sum":
        return _all_taken_off(step, [result for result, _ in results]), list(benefits)
    if stacking == "none" and len({result.value for result, _ in results}) > 1:
        raise _undecided(benefits)
    least, benefit = min(results, key=lambda found: found[0].value)
    return least, [benefit]


def _picked(benefits: Sequence[CompiledBenefit], asked: str, context: Context) -> CompiledBenefit:
    """The one that the payer picks. Raises FeeRefusal until one of those that apply is picked."""
    answer = context.read(asked)
    for found in benefits:
        if found.benefit.code == answer:
            return found
    vi = "; ".join(f"{found.benefit.code}: {found.note('vi')}" for found in benefits)
    en = "; ".join(f"{found.benefit.code}: {found.note('en')}" for found in benefits)
    code = "input_missing" if answer is None else "input_invalid"
    told_vi, told_en = (
        f"Người nộp chọn một trong các mức giảm: {vi}.",
        f"The payer picks one reduction: {en}.",
    )
    raise FeeRefusal(code, told_vi, told_en, (Problem(asked, told_vi, told_en),))


def _all_taken_off(step: Step, results: Sequence[Step]) -> Step:
    taken = [_operation("subtract", step, result) for result in results]
    total = Step("add", compute("add", [part.value for part in taken]), tuple(taken), DONG)
    nought = Step("number", 0, unit=DONG)
    left = _operation("subtract", step, total)
    return Step("greatest", max(left.value, 0), (left, nought), DONG, "floor")


def _undecided(benefits: Sequence[CompiledBenefit]) -> FeeRefusal:
    names_vi = "; ".join(benefit.note("vi") for benefit in benefits)
    names_en = "; ".join(benefit.note("en") for benefit in benefits)
    return FeeRefusal(
        "conflicting_texts",
        f"Có nhiều mức giảm và văn bản không nói áp dụng mức nào: {names_vi}. Cần hỏi cán bộ.",
        f"Several reductions apply and no text says which counts: {names_en}. Ask an officer.",
        schedule=benefits[0].schedule.schedule,
        article=benefits[0].benefit.article_en,
    )


def _reduced(found: CompiledBenefit, step: Step, context: Context) -> Step:
    """The amount with one benefit alone; ``share`` limits the benefit to a part of the amount."""
    context = _with_amount(found, step, context)
    whole = _EFFECTS[found.benefit.effect](found, step, context)
    return whole if found.share is None else _blend(step, whole, found.share.explain(context))


def _with_amount(found: CompiledBenefit, step: Step, context: Context) -> Context:
    """The case as the benefit sees it: ``amount`` is what would be due without it."""
    there = found.scope(context)
    return there.renamed({AMOUNT: step}, {}) if found.reads_amount else there


def _blend(full: Step, reduced: Step, share: Step) -> Step:
    if not 0 <= share.value <= 1:
        problem = Problem("share", "Phần được hưởng phải từ 0 đến 1.", "The share must lie between 0 and 1.")
        raise FeeRefusal("input_invalid", problem.message_vi, problem.message_en, (problem,))
    rest = Step("number", 1 - share.value, unit=RATE)
    kept = _operation("multiply", rest, full)
    return _operation("add", kept, _operation("multiply", Step("number", share.value, unit=RATE), reduced))


def exempt_share(found: CompiledBenefit, step: Step, context: Context) -> Step:
    """What stays due when an exemption covers only a share."""
    if found.share is None:
        return Step("number", 0, unit=DONG)
    share = found.share.explain(_with_amount(found, step, context))
    return _blend(step, Step("number", 0, unit=DONG), share)


def _pay(found: CompiledBenefit, step: Step, context: Context) -> Step:
    return _operation("multiply", found.value.explain(context), step)


def _less(found: CompiledBenefit, step: Step, context: Context) -> Step:
    left = _operation("subtract", step, found.value.explain(context))
    return Step("greatest", max(left.value, 0), (left, Step("number", 0, unit=DONG)), DONG, "floor")


def _instead(found: CompiledBenefit, step: Step, context: Context) -> Step:
    return found.value.explain(context)


def _granted(found: CompiledBenefit, step: Step, context: Context) -> Step:
    name, ceiling = str(found.benefit.granted_by), read_number(str(found.benefit.ceiling))
    share: Number = Fraction(context.number(name))
    if not 0 <= share <= ceiling:
        vi = f"Mức giảm vượt mức tối đa {found.benefit.ceiling} mà văn bản cho phép."
        en = f"The reduction goes beyond the {found.benefit.ceiling} that the text allows."
        raise FeeRefusal(
            "above_ceiling",
            vi,
            en,
            (Problem(name, vi, en),),
            schedule=found.schedule.schedule,
            article=found.benefit.article_en,
        )
    return _operation("multiply", Step("number", 1 - share, unit=RATE), step)


def _operation(operation: Operation, left: Step, right: Step) -> Step:
    return Step(operation, compute(operation, [left.value, right.value]), (left, right), DONG)


_EFFECTS = {"pay": _pay, "less": _less, "instead": _instead, "granted": _granted}
