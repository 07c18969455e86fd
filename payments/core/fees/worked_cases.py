"""Compute the worked cases of files, and say where the engine comes to something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from payments.core.fees.case_model import Expected, WorkedCase
from payments.core.fees.catalogue import Catalogue
from payments.core.fees.exact import write_number
from payments.core.fees.inputs import Facts
from payments.core.fees.quote import Quote, quote
from payments.core.fees.refunds import refund_due
from payments.core.fees.refusals import FeeRefusal


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Whether a case came out as written; the messages say what came out, and every difference."""

    case: WorkedCase
    passed: bool
    message_vi: str
    message_en: str


@dataclass(frozen=True, slots=True)
class _Difference:
    about_vi: str
    about_en: str
    found: object
    expected: object

    def told(self, language: str) -> str:
        found, expected = _written(self.found, language), _written(self.expected, language)
        if language == "vi":
            return f"{self.about_vi} là {found}, đáng lẽ là {expected}"
        return f"{self.about_en} is {found} and should be {expected}"


def run_cases(catalogue: Catalogue, cases: Iterable[WorkedCase]) -> tuple[CaseResult, ...]:
    """Compute each case in ``catalogue``; a refusal that was not expected is a difference as well."""
    return tuple(_run(catalogue, case) for case in cases)


def facts_of(case: WorkedCase) -> Facts:
    """The facts of a case, as anybody could supply them."""
    return Facts(
        inputs=case.inputs,
        filed_on=case.filed_on,
        paid_on=case.paid_on or case.filed_on,
        channel=case.channel,
        territory=case.territory,
        agency_territories=frozenset({case.territory.partition("/")[0]}),
        beneficiaries=frozenset(case.beneficiaries),
        collector_status=case.collector_status,
        received_on=case.received_on,
        event_on=case.event_on,
    )


def _run(catalogue: Catalogue, case: WorkedCase) -> CaseResult:
    try:
        found = quote(catalogue, case.procedure, facts_of(case))
    except FeeRefusal as refusal:
        return _refused(case, refusal)
    differences = list(_differences(catalogue, found, case.expected))
    if not differences:
        vi, en = _written(found.total_dong, "vi"), _written(found.total_dong, "en")
        return CaseResult(case, True, f"Đúng: {vi} đồng.", f"As written: {en} đồng.")
    told_vi, told_en = ("; ".join(each.told(language) for each in differences) for language in ("vi", "en"))
    return CaseResult(case, False, f"Khác: {told_vi}.", f"Different: {told_en}.")


def _refused(case: WorkedCase, refusal: FeeRefusal) -> CaseResult:
    if refusal.code == case.expected.refused:
        message_vi = f"Đúng: từ chối ({refusal.code}). {refusal.message_vi}"
        return CaseResult(
            case, True, message_vi, f"As written: refused ({refusal.code}). {refusal.message_en}"
        )
    expected = case.expected.refused or case.expected.total_dong
    told = _Difference("Kết quả", "The result", f"{refusal.code}", expected)
    message_vi = f"{told.told('vi')}. {refusal.message_vi}"
    return CaseResult(case, False, message_vi, f"{told.told('en')}. {refusal.message_en}")


def _differences(catalogue: Catalogue, found: Quote, expected: Expected) -> Iterator[_Difference]:
    if expected.refused is not None:
        yield _Difference("Kết quả", "The result", found.total_dong, expected.refused)
        return
    lines = found.lines
    sums: tuple[tuple[str, str, object, object], ...] = (
        ("Tổng số tiền", "The total", found.total_dong, expected.total_dong),
        ("Các khoản", "The list of items", _by_item(found), expected.lines),
        (
            "Phần để lại",
            "The retained part",
            sum(line.retained_dong for line in lines),
            expected.retained_dong,
        ),
        (
            "Phần nộp ngân sách",
            "The remitted part",
            sum(x.remitted_dong for x in lines),
            expected.remitted_dong,
        ),
        (
            "Phần ngân sách trả",
            "What a budget pays",
            sum(x.subsidised_dong for x in lines),
            expected.subsidised_dong,
        ),
        ("Các phần chia", "The split", _shares(found, expected.shares), expected.shares),
        ("Kết luận", "The outcome", _alike({line.outcome for line in lines}), expected.outcome),
        ("Chứng từ", "The document", _alike({line.document for line in lines}), expected.document),
    )
    for about_vi, about_en, came, should in sums:
        if should is not None and came != should:
            yield _Difference(about_vi, about_en, came, should)
    yield from _refunds(catalogue, found, expected)


def _refunds(catalogue: Catalogue, found: Quote, expected: Expected) -> Iterator[_Difference]:
    for event, should in (expected.refunds or {}).items():
        came: int | str
        try:
            came = refund_due(catalogue, found, event)
        except FeeRefusal as refusal:
            came = refusal.code
        if came != should:
            yield _Difference(f"Hoàn trả khi “{event}”", f"The refund for {event}", came, should)


def _by_item(found: Quote) -> dict[str, int]:
    amounts: Counter[str] = Counter()
    for line in found.lines:
        amounts[line.item_code] += line.amount_dong
    return dict(amounts)


def _shares(found: Quote, expected: dict[str, int] | None) -> dict[str, int]:
    """Parts of 0 đồng need not be written."""
    shares: Counter[str] = Counter(dict.fromkeys(expected or {}, 0))
    for line in found.lines:
        for share in line.shares:
            shares[share.to] += share.amount_dong
    return {name: amount for name, amount in shares.items() if amount or name in (expected or {})}


def _alike(words: set[str]) -> str:
    return ", ".join(sorted(words))


def _written(value: object, language: str) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_written(part, language)}" for name, part in sorted(value.items()))
    return write_number(value, language) if isinstance(value, int) else str(value)
