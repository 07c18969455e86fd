"""What one item comes to in one case: the amount, the outcome and the calculation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from payments.core.fees.benefits import CompiledBenefit, exempt_share, reduce
from payments.core.fees.clauses import Conflict
from payments.core.fees.context import Context
from payments.core.fees.exact import round_to, write_number
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.trace import DONG, NBSP, NO_UNIT, Step, sentence
from payments.core.fees.words import Outcome

if TYPE_CHECKING:
    from payments.core.fees.catalogue import CompiledItem

REDUCTIONS = frozenset({"pay", "less", "instead", "granted"})


@dataclass(frozen=True, slots=True)
class Assessment:
    """``step`` is the calculation before rounding; None where nothing was computed."""

    outcome: Outcome
    amount_dong: int
    step: Step | None = None
    benefits: tuple[CompiledBenefit, ...] = ()
    reason_vi: str = ""
    reason_en: str = ""
    subsidised_dong: int = 0
    notes: tuple[tuple[str, str], ...] = ()  # what else the payer should know, in both languages

    def explain(self, language: str, basis: str) -> str:
        """One sentence that a citizen can follow, ending with the legal basis."""
        reason = self.reason_vi if language == "vi" else self.reason_en
        used = [benefit.note(language) for benefit in self.benefits]
        told = [note[language == "en"] for note in self.notes]
        if self.step is None:
            why = "; ".join([reason or "; ".join(used), *told])
            return f"{_OPENINGS[self.outcome, language]}: {why}, {basis}"
        notes = "; ".join([*used, *told])
        text = sentence(self.step, language)
        arises_dong = self.amount_dong + self.subsidised_dong
        if self.step.value != arises_dong:
            text += _ROUNDED[language].format(_dong(arises_dong, language))
        if self.subsidised_dong:
            text += _SUBSIDISED[language].format(_dong(self.subsidised_dong, language))
        return f"{text}; {notes}; {basis}" if notes else f"{text}, {basis}"


_OPENINGS = {
    ("exempt", "vi"): "Được miễn",
    ("exempt", "en"): "Exempt",
    ("not_payable", "vi"): "Không phải nộp",
    ("not_payable", "en"): "Not payable",
    ("zero_by_rule", "vi"): "Mức thu 0 đồng",
    ("zero_by_rule", "en"): "The rate is 0",
}
_ROUNDED = {"vi": ", làm tròn {}", "en": ", rounded to {}"}
_SUBSIDISED = {"vi": "; ngân sách trả thay {}", "en": "; a budget pays {}"}


def _dong(amount_dong: int, language: str) -> str:
    return write_number(amount_dong, language) + NBSP + ("đ" if language == "vi" else "VND")


def assess(found: CompiledItem, context: Context) -> Assessment:
    """Assess one item. Raises FeeRefusal where the text leaves the case open or an input is missing."""
    for holds, refusal in found.refused:
        if holds(context):
            raise FeeRefusal(refusal.code, refusal.reason_vi, refusal.reason_en)
    decisions = tuple(_decision(conflict) for holds, conflict in found.conflicts if holds(context))
    for holds, note in found.not_payable:
        if holds(context):
            reasons = (note.reason_vi, note.reason_en)
            return Assessment("not_payable", 0, None, (), *reasons, notes=decisions)
    meant = [benefit for benefit in found.benefits if benefit.applies(context)]
    used_up = [benefit for benefit in meant if benefit.used_up(context)]
    benefits = [benefit for benefit in meant if benefit not in used_up]
    assessment = _freed(benefits) or _computed(found, benefits, context)
    spent = tuple((benefit.used_up_note("vi"), benefit.used_up_note("en")) for benefit in used_up)
    return replace(assessment, notes=(*spent, *decisions)) if spent or decisions else assessment


def _decision(conflict: Conflict) -> tuple[str, str]:
    """What was decided where texts disagree. Raises FeeRefusal while nobody has decided."""
    if conflict.decided_on is None:
        readings = " / ".join(conflict.readings)
        raise FeeRefusal(
            "conflicting_texts",
            f"{conflict.about_vi}: các văn bản mâu thuẫn và chưa có quyết định ({readings}). Cần hỏi cán bộ.",
            f"{conflict.about_en}: the texts disagree and nobody has decided ({readings}). Ask an officer.",
        )
    day = conflict.decided_on
    return (
        f"{conflict.decision_vi} (quyết định của {conflict.decided_by}, ngày {day:%d/%m/%Y})",
        f"{conflict.decision_en} (decided by {conflict.decided_by} on {day})",
    )


def _freed(benefits: list[CompiledBenefit]) -> Assessment | None:
    """A whole exemption, or a price of 0 đồng; an exemption is named first, for it must be recorded."""
    for benefit in benefits:
        if benefit.benefit.effect == "exempt" and benefit.share is None:
            return Assessment("exempt", 0, benefits=(benefit,))
    for benefit in benefits:
        if benefit.benefit.effect == "zero":
            return Assessment("zero_by_rule", 0, benefits=(benefit,))
    return None


def _computed(found: CompiledItem, benefits: list[CompiledBenefit], context: Context) -> Assessment:
    reductions = [benefit for benefit in benefits if benefit.benefit.effect in REDUCTIONS]
    step, used = reduce(_in_dong(found.rule.explain(context)), reductions, found.item, context)
    for benefit in benefits:
        if benefit.benefit.effect == "exempt":
            step = exempt_share(benefit, step, context)
            used.append(benefit)
    full_dong = amount_dong = _whole(step, found)
    for benefit in benefits:
        if benefit.benefit.effect == "paid_by_budget" and amount_dong == full_dong:
            amount_dong = _whole(exempt_share(benefit, step, context), found)
            used.append(benefit)
    outcome = _outcome(full_dong, used)
    return Assessment(outcome, amount_dong, step, tuple(used), subsidised_dong=full_dong - amount_dong)


def _outcome(full_dong: int, used: list[CompiledBenefit]) -> Outcome:
    if full_dong:
        return "due"
    exempt = any(benefit.benefit.effect == "exempt" for benefit in used)
    return "exempt" if exempt else "zero_by_rule"


def _in_dong(step: Step) -> Step:
    return replace(step, unit=DONG) if step.unit == NO_UNIT else step


def _whole(step: Step, found: CompiledItem) -> int:
    """The one rounding."""
    if step.value < 0:
        raise FeeRefusal(
            "input_invalid", "Số tiền tính ra nhỏ hơn 0.", "The amount comes to less than nought."
        )
    rounding = found.item.rounding
    return int(round_to(step.value, rounding.to_dong, rounding.way))
