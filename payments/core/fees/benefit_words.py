"""Exemptions, reductions and channel prices in words: who has them, when, how much, and by which paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from payments.core.fees.clauses import Benefit
from payments.core.fees.condition_words import Vocabulary, condition_in_words
from payments.core.fees.exact import read_number, write_percent
from payments.core.fees.rule_lines import line
from payments.core.fees.rule_words import Row, rule_in_words
from payments.core.fees.schedule import Schedule

_EFFECTS: Mapping[tuple[str, str], str] = {
    ("exempt", "vi"): "Miễn",
    ("exempt", "en"): "Exempt",
    ("zero", "vi"): "Mức thu 0 đồng",
    ("zero", "en"): "Rate of 0 VND",
    ("less", "vi"): "Giảm {}",
    ("less", "en"): "{} off",
    ("instead", "vi"): "Mức thu riêng",
    ("instead", "en"): "A rate of its own",
    ("granted", "vi"): "Cán bộ có thẩm quyền quyết định giảm, nhiều nhất {}",
    ("granted", "en"): "A reduction that an officer decides, at most {}",
    ("paid_by_budget", "vi"): "Ngân sách nhà nước trả thay",
    ("paid_by_budget", "en"): "Paid by the State budget",
    ("pay", "vi"): "Nộp {} mức thu",
    ("pay", "en"): "{} of the rate is due",
}


@dataclass(frozen=True, slots=True)
class ToldBenefit:
    """One benefit; ``conditions`` say for whom and when, ``rows`` the rate that counts instead."""

    name: str
    effect: str
    conditions: tuple[str, ...]
    evidence: str
    legal_basis: str
    rows: tuple[Row, ...]


def tell_benefit(benefit: Benefit, schedule: Schedule, words: Vocabulary, place: str = "") -> ToldBenefit:
    """``benefit``, which ``schedule`` grants, in words; ``place`` where it counts in one territory only."""
    document = schedule.document
    basis = words.choose(
        f"{benefit.article_vi} {document.name_vi}".strip(),
        f"{benefit.article_en}, {document.name_en}".removeprefix(", "),
    )
    return ToldBenefit(
        words.choose(benefit.name_vi, benefit.name_en),
        _effect(benefit, words),
        tuple(text for text in (_only_in(place, words), *_conditions(benefit, schedule, words)) if text),
        words.choose(benefit.evidence_vi, benefit.evidence_en),
        basis,
        rule_in_words(benefit.value, words) if benefit.effect == "instead" else (),
    )


def _effect(benefit: Benefit, words: Vocabulary) -> str:
    value = ""
    if benefit.effect in ("pay", "less"):
        value = line(benefit.value, words, "dong" if benefit.effect == "less" else "number")
    if benefit.ceiling is not None:
        value = write_percent(read_number(benefit.ceiling), words.language)
    text = _EFFECTS[benefit.effect, words.language].format(value)
    if benefit.share is not None:
        share = line(benefit.share, words, "dong")
        text += words.choose(f", trên phần {share}", f", on {share} of it")
    return text


def _only_in(place: str, words: Vocabulary) -> str:
    return words.choose(f"Tại {place}", f"In {place}") if place else ""


def _conditions(benefit: Benefit, schedule: Schedule, words: Vocabulary) -> list[str]:
    told = []
    if benefit.beneficiaries:
        groups = words.either([words.group(code) for code in benefit.beneficiaries])
        told.append(words.choose(f"Đối tượng: {groups}", f"For: {groups}"))
    if benefit.channels:
        channels = words.either([words.channel(code) for code in benefit.channels])
        told.append(words.choose(f"Khi {channels}", f"When {channels}"))
    told.append(condition_in_words(benefit.when, words))
    begin, end = benefit.from_ or schedule.effective_from, benefit.until or schedule.effective_to
    if benefit.from_ or end:
        first = words.choose("từ {}", "from {}").format(words.day(begin)) if begin else ""
        last = words.choose("đến hết {}", "through {}").format(words.day(end)) if end else ""
        told.append(f"{first} {last}".strip())
    if benefit.quota is not None:
        per = words.choose(benefit.quota.per_vi, benefit.quota.per_en)
        times = benefit.quota.times
        told.append(words.choose(f"Nhiều nhất {times} lần, {per}", f"At most {times} times, {per}"))
    return told
