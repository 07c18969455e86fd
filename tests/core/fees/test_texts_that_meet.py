"""Texts that follow each other, disagree, refer to each other or share: invented schedules, computed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, FilesRefused, quote, read_catalogue
from tests.core.fees.asking import ask, benefit, day, refusal
from tests.core.fees.building import facts, item, line, procedure, question, schedule, texts

OLD = schedule(item(100), schedule="old", effective_to="2026-07-31", decided_by="paid_on")
LEFT = {
    "when": {"received_on": {"under": "2026-08-01"}, "paid_on": {"at_most": "2026-12-31"}},
    "older": ["old"],
}
NEW = schedule(
    item(300), schedule="new", effective_from="2026-08-01", decided_by="paid_on", transitions=[LEFT]
)


@pytest.mark.parametrize(
    ("received_on", "paid_on", "due", "text"),
    [
        ("2026-07-31", "2026-07-31", 100, "old"),
        ("2026-07-31", "2026-12-31", 100, "old"),
        ("2026-07-31", "2027-01-01", 300, "new"),
        ("2026-08-01", "2026-08-01", 300, "new"),
        (None, "2026-08-01", 300, "new"),
    ],
)
def test_two_dates_decide_which_text_still_governs(
    received_on: str | None, paid_on: str, due: int, text: str
) -> None:
    catalogue = Catalogue.from_files(texts(OLD, NEW, procedures=[procedure()]))
    received = None if received_on is None else day(received_on)
    found = quote(catalogue, "TP-TEST", facts(received_on=received, paid_on=day(paid_on)))
    assert (found.total_dong, [used.id for used in found.schedules]) == (due, [text])


def test_an_older_text_that_still_governs_brings_its_exemptions_along() -> None:
    poor = benefit("poor", "exempt", beneficiaries=["poor_household"])
    old = OLD | {"items": [item(100, benefits=[poor])]}
    catalogue = Catalogue.from_files(texts(old, NEW, procedures=[procedure()]))
    case = facts(
        received_on=day("2026-07-31"), paid_on=day("2026-09-01"), beneficiaries=frozenset({"poor_household"})
    )
    assert quote(catalogue, "TP-TEST", case).lines[0].outcome == "exempt"


def test_of_an_older_text_what_was_in_force_last_still_governs_and_two_such_texts_are_refused() -> None:
    stages = [item(50, effective_to="2025-12-31"), item(100, effective_from="2026-01-01")]
    case = facts(received_on=day("2026-07-31"), paid_on=day("2026-09-01"))
    catalogue = Catalogue.from_files(texts(OLD | {"items": stages}, NEW, procedures=[procedure()]))
    assert quote(catalogue, "TP-TEST", case).total_dong == 100
    twin = OLD | {"schedule": "twin", "effective_from": "2026-07-31"}
    both = NEW | {"transitions": [LEFT | {"older": ["old", "twin"]}]}
    first = OLD | {"effective_to": "2026-07-30"}
    assert quote(catalogue_of(first, twin, both), "TP-TEST", case).total_dong == 100
    catalogue, _ = read_catalogue(texts(OLD, twin, both, procedures=[procedure()]))
    with pytest.raises(FeeRefusal) as refused:
        quote(catalogue, "TP-TEST", case)
    assert refused.value.code == "conflicting_texts"


def catalogue_of(*schedules: dict[str, Any]) -> Catalogue:
    return Catalogue.from_files(texts(*schedules, procedures=[procedure()]))


def test_a_case_left_to_a_text_that_is_not_on_file_is_refused() -> None:
    left = {"when": {"channel": "online"}, "article_en": "Article 9"}
    found = refusal(schedule(item(1), transitions=[left]), channel="online")
    assert (found.code, found.schedule, found.article) == ("no_rate_in_force", "test", "Article 9")
    assert ask(schedule(item(1), transitions=[left]), channel="post").total_dong == 1
    with pytest.raises(FilesRefused, match="leaves cases to gone, which no file is"):
        ask(schedule(item(1), transitions=[{**left, "applies_to": ["test.item"], "older": ["gone"]}]))


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ({"transitions": [{"when": {"pages": {"over": 1}}}]}, "cannot ask for pages"),
        ({"transitions": [{"when": {"channel": "post"}, "applies_to": ["test.gone"]}]}, "test.gone"),
        ({"conflicts": [{"about_vi": "x", "about_en": "x", "readings": ["a", "b"], "applies_to": ["test.gone"]}]},
         "test.gone"),
    ],
)  # fmt: skip
def test_clauses_speak_of_facts_and_of_items_of_their_file(clause: Any, message: str) -> None:
    with pytest.raises(FilesRefused, match=message):
        ask(schedule(item(1), **clause))


def test_an_item_may_go_by_another_date_than_its_file() -> None:
    found = schedule(item(7, decided_by="event_on", effective_to="2025-12-31"))
    assert ask(found, event_on=day("2025-12-31")).total_dong == 7
    assert refusal(found, event_on=day("2026-01-01")).code == "no_rate_in_force"


# the printed table says 1,500 for the third class, its own formula gives 1,050
MISPRINT = {
    "about_vi": "Mức của hạng 3",
    "about_en": "The rate of class 3",
    "readings": ["bảng in: 1.500", "công thức: 1.050"],
    "applies_to": ["test.item"],
    "when": {"kind": "c"},
}
DECIDED = {
    **MISPRINT,
    "decided_by": "Giám đốc Sở Tài chính",
    "decided_on": "2026-03-01",
    "decision_vi": "áp dụng công thức",
    "decision_en": "the formula counts",
}
CLASSES = {"type": "lookup", "by": ["kind"], "table": {"a": 500, "b": 700, "c": 1050}}


def test_a_table_that_contradicts_its_formula_is_refused_until_somebody_has_decided() -> None:
    found = refusal(
        schedule(item(CLASSES), conflicts=[MISPRINT]), question("kind", "option"), given={"kind": "c"}
    )
    assert found.code == "conflicting_texts"
    assert "bảng in: 1.500 / công thức: 1.050" in found.message_vi
    other = ask(
        schedule(item(CLASSES), conflicts=[MISPRINT]), question("kind", "option"), given={"kind": "b"}
    )
    assert other.total_dong == 700


def test_a_decision_is_told_with_who_made_it_and_when() -> None:
    found = ask(schedule(item(CLASSES), conflicts=[DECIDED]), question("kind", "option"), given={"kind": "c"})
    assert found.total_dong == 1050
    told = found.lines[0]
    assert "áp dụng công thức (quyết định của Giám đốc Sở Tài chính, ngày 01/03/2026)" in told.explanation_vi
    assert "the formula counts (decided by Giám đốc Sở Tài chính on 2026-03-01)" in told.explanation_en


@pytest.mark.parametrize("dropped", ["decided_on", "decided_by", "decision_vi"])
def test_half_a_decision_is_none(dropped: str) -> None:
    half = {name: value for name, value in DECIDED.items() if name != dropped}
    with pytest.raises(FilesRefused, match="decision"):
        ask(schedule(item(CLASSES), conflicts=[half]), question("kind", "option"))


@pytest.mark.parametrize("status", ["budget", "lump_sum", "anything"])
def test_a_service_price_is_its_collectors_own_and_stands_on_an_invoice(status: str) -> None:
    found = line(item(923_000, kind="service_price"), {}, {}, collector_status=status)
    assert (found.kind, found.document) == ("service_price", "invoice")
    assert (found.retained_dong, found.remitted_dong) == (923_000, 0)


@pytest.mark.parametrize("wrong", [{"sub_item": "2715"}, {"retention": [{"status": ["any"], "kept": "50%"}]}])
def test_a_service_price_is_no_revenue_of_the_budget(wrong: dict[str, Any]) -> None:
    with pytest.raises(FilesRefused, match="a service price has no budget sub-item"):
        line(item(1, kind="service_price", **wrong), {}, {})


@pytest.mark.parametrize(
    ("paid_on", "kept"), [("2025-12-31", 50), ("2026-01-01", 60), ("2026-06-30", 60), ("2026-07-01", 70)]
)
def test_the_share_that_is_kept_has_dates_of_its_own(paid_on: str, kept: int) -> None:
    retention = [
        {"status": ["lump_sum"], "until": "2025-12-31", "kept": "50%"},
        {"status": ["lump_sum"], "from": "2026-01-01", "until": "2026-06-30", "kept": "60%"},
        {"status": ["lump_sum"], "from": "2026-07-01", "kept": "70%"},
    ]
    found = line(item(100, retention=retention), {}, {}, collector_status="lump_sum", paid_on=day(paid_on))
    assert found.retained_dong == kept


def test_a_day_on_which_no_share_is_on_file_is_refused() -> None:
    retention = [{"status": ["lump_sum"], "from": "2026-01-01", "kept": "50%"}]
    found = schedule(item(100, retention=retention))
    assert refusal(found, collector_status="lump_sum", paid_on=day("2025-12-31")).code == "no_rate_in_force"


def test_an_input_cannot_take_a_word_of_the_language() -> None:
    for word in ("amount", "channel", "area_of_place"):
        with pytest.raises(FilesRefused, match="word of the language"):
            ask(schedule(item(1)), question(word, "whole"))


def test_the_same_benefit_cannot_stand_twice_in_an_item() -> None:
    twice = [benefit("a", "exempt"), benefit("a", "zero")]
    with pytest.raises(FilesRefused, match="two benefits of the item have one code"):
        ask(schedule(item(1, benefits=twice)))
