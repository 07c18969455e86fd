"""From a procedure and the facts of a case to what is due, and why.

The order for each item is fixed: cases the text leaves open are refused; what is not payable is nought;
exemptions come before everything else; then the rule, reductions, an exempt share, and one rounding at the
end. ``docs/fees.md`` tells it with worked tables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from payments.core.fees.assess import Assessment, assess
from payments.core.fees.catalogue import Catalogue, CompiledCharge, CompiledItem, Procedure
from payments.core.fees.context import Context
from payments.core.fees.inputs import Facts, Known, check_inputs, missing_input
from payments.core.fees.refusals import FeeRefusal, missing
from payments.core.fees.retention import Share, split_amount
from payments.core.fees.schedule import Schedule
from payments.core.fees.trace import Step
from payments.core.fees.words import ItemKind, Outcome
from payments.core.money import MOST_DONG


@dataclass(frozen=True, slots=True)
class ScheduleRef:
    """The exact version of a text that a quote rests on."""

    id: str
    version: int
    document: str


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One fee or charge. ``retained_dong`` + ``remitted_dong`` is ``amount_dong``, always.

    ``retained_dong`` is what the collector keeps or passes on to other bodies, ``remitted_dong`` what goes to
    the State budget; ``shares`` names every part. ``subsidised_dong`` arises too but a budget pays it.
    ``sub_item`` is empty where no budget code is established.
    """

    item_code: str
    kind: ItemKind
    name_vi: str
    name_en: str
    amount_dong: int
    retained_dong: int
    remitted_dong: int
    collector: str
    sub_item: str
    legal_basis_vi: str
    legal_basis_en: str
    explanation_vi: str
    explanation_en: str
    schedule_id: str
    schedule_version: int
    outcome: Outcome
    trace: dict[str, Any]
    shares: tuple[Share, ...] = ()
    subsidised_dong: int = 0
    document: str = "receipt"  # or "invoice", where the collector's revenue is its own


@dataclass(frozen=True, slots=True)
class Quote:
    """What is due for a procedure on the facts given; it binds once a payment request keeps it."""

    procedure_code: str
    procedure_name_vi: str
    procedure_name_en: str
    total_dong: int
    lines: tuple[QuoteLine, ...]
    schedules: tuple[ScheduleRef, ...]


def quote(catalogue: Catalogue, procedure_code: str, facts: Facts) -> Quote:
    """Compute what ``procedure_code`` costs on ``facts``.

    Raises FeeRefusal: nothing is guessed, and wrong inputs are all named at once.
    """
    procedure = catalogue.procedure(procedure_code)
    if not facts.territory and procedure.territory:
        facts = _placed(facts, procedure.territory)
    known = check_inputs(procedure.inputs, facts, catalogue.claimable)
    context = Context(known, facts, procedure.units, catalogue.find_rule, catalogue.find_parameter)
    charged = [charge for charge in procedure.items if charge.holds(context)]
    if not charged:
        raise _nothing_applies(procedure)
    priced = [_line(catalogue, charge, context, procedure) for charge in charged]
    lines = tuple(line for line, _ in priced)
    total_dong = sum(line.amount_dong for line in lines)
    if total_dong > MOST_DONG:
        raise _too_large()
    return Quote(
        procedure.code,
        procedure.name_vi,
        procedure.name_en,
        total_dong,
        lines,
        _references([schedule for _, used in priced for schedule in used]),
    )


def _placed(facts: Facts, territory: str) -> Facts:
    """A procedure of one territory needs no telling where it is."""
    return replace(facts, territory=territory)


def _line(
    catalogue: Catalogue, charge: CompiledCharge, context: Context, procedure: Procedure
) -> tuple[QuoteLine, tuple[Schedule, ...]]:
    found = catalogue.item(charge.item_code, context.facts)
    there = _renamed(charge, replace(context, texts=[])).within(found.schedule.areas, found.computed)
    try:
        assessment = assess(found, there)
        if assessment.amount_dong > MOST_DONG:
            raise _too_large()
        split = split_amount(found.item, found.retention, there, assessment.amount_dong)
    except FeeRefusal as refusal:
        raise _located(_in_words(refusal, procedure), found) from None
    line = _assembled(
        found, assessment, split.shares, split.retained_dong, split.remitted_dong, split.document
    )
    return line, (found.schedule, *there.texts, *(benefit.schedule for benefit in assessment.benefits))


def _renamed(charge: CompiledCharge, context: Context) -> Context:
    if not charge.renamed and not charge.answers:
        return context
    known: dict[str, Known] = dict(charge.answers)
    steps: dict[str, Step] = {}
    for name, part in charge.renamed.items():
        if not isinstance(part, str):
            steps[name] = part.explain(context)
        elif part in context.known:
            value = context.known[part]
            if isinstance(value, int | Fraction) and not isinstance(value, bool):
                steps[name] = context.explain(part)
            else:
                known[name] = value
    return context.renamed(steps, known)


def _assembled(
    found: CompiledItem,
    assessment: Assessment,
    shares: tuple[Share, ...],
    retained_dong: int,
    remitted_dong: int,
    document: str,
) -> QuoteLine:
    item, schedule = found.item, found.schedule
    return QuoteLine(
        item_code=item.code,
        kind=item.kind,
        name_vi=item.name_vi,
        name_en=item.name_en,
        amount_dong=assessment.amount_dong,
        retained_dong=retained_dong,
        remitted_dong=remitted_dong,
        collector=item.collector,
        sub_item=item.sub_item or "",
        legal_basis_vi=legal_basis(found, "vi"),
        legal_basis_en=legal_basis(found, "en"),
        explanation_vi=assessment.explain("vi", legal_basis(found, "vi")),
        explanation_en=assessment.explain("en", legal_basis(found, "en")),
        schedule_id=schedule.schedule,
        schedule_version=schedule.version,
        outcome=assessment.outcome,
        trace=_trace(found, assessment, shares),
        shares=shares,
        subsidised_dong=assessment.subsidised_dong,
        document=document,
    )


def legal_basis(found: CompiledItem, language: str) -> str:
    """Article and document, for example ``khoản 1 Điều 4 Thông tư …``."""
    document, item = found.schedule.document, found.item
    if language == "vi":
        return f"{item.article_vi} {document.name_vi}"
    return f"{item.article_en}, {document.name_en}"


def _trace(found: CompiledItem, assessment: Assessment, shares: tuple[Share, ...]) -> dict[str, Any]:
    """Everything needed to compute the line again without this program."""
    trace: dict[str, Any] = {
        "schedule": found.schedule.schedule,
        "version": found.schedule.version,
        "outcome": assessment.outcome,
        "amount_dong": assessment.amount_dong,
        "rounding": {"way": found.item.rounding.way, "to_dong": found.item.rounding.to_dong},
        "benefits": [
            {
                "code": benefit.benefit.code,
                "schedule": benefit.schedule.schedule,
                "version": benefit.schedule.version,
                "vi": benefit.note("vi"),
                "en": benefit.note("en"),
            }
            for benefit in assessment.benefits
        ],
        "shares": {share.to: share.amount_dong for share in shares},
    }
    if assessment.step is not None:
        trace["calculation"] = assessment.step.as_data()
    if assessment.notes:
        trace["notes"] = [{"vi": vi, "en": en} for vi, en in assessment.notes]
    if assessment.subsidised_dong:
        trace["subsidised_dong"] = assessment.subsidised_dong
    return trace


def _references(schedules: list[Schedule]) -> tuple[ScheduleRef, ...]:
    unique = {schedule.schedule: schedule for schedule in schedules}
    return tuple(
        ScheduleRef(schedule.schedule, schedule.version, schedule.document.name_vi)
        for schedule in unique.values()
    )


def _in_words(refusal: FeeRefusal, procedure: Procedure) -> FeeRefusal:
    """The same refusal; what is missing is called as the procedure's form calls it."""
    labels = {asked.name: (asked.label_vi, asked.label_en) for asked in procedure.inputs}
    found = refusal.problems[0].field if refusal.problems else ""
    if found not in labels or refusal.problems != missing(found).problems:
        return refusal
    problem = missing_input(found, *labels[found])
    return FeeRefusal(refusal.code, problem.message_vi, problem.message_en, (problem,))


def _located(refusal: FeeRefusal, found: CompiledItem) -> FeeRefusal:
    """The same refusal, naming the text it comes from."""
    if refusal.schedule:
        return refusal
    return FeeRefusal(
        refusal.code,
        f"{found.item.name_vi} ({legal_basis(found, 'vi')}): {refusal.message_vi}",
        f"{found.item.name_en} ({legal_basis(found, 'en')}): {refusal.message_en}",
        refusal.problems,
        schedule=found.schedule.schedule,
        article=found.item.article_en,
    )


def _nothing_applies(procedure: Procedure) -> FeeRefusal:
    return FeeRefusal(
        "out_of_scope",
        f"Không khoản nào của thủ tục “{procedure.name_vi}” áp dụng cho thông tin đã khai.",
        f"Nothing that “{procedure.name_en}” charges applies to what was supplied.",
    )


def _too_large() -> FeeRefusal:
    return FeeRefusal(
        "input_invalid",
        "Số tiền tính ra vượt 1.000 tỷ đồng; hãy kiểm tra lại thông tin đã khai.",
        "The amount comes to more than 10^12 đồng; check what was supplied.",
    )
