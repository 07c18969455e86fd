"""From a file to a fee that counts: brought, checked, approved by another, published from a day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from payments.core.fees.inputs import Facts
from payments.core.fees.quote import quote
from payments.core.fees.refusals import FeeRefusal
from payments.core.publication import SHIPPED_BY, DraftState
from payments.core.refusals import Conflict, Invalid, NotFound, Refusal
from payments.store.database import reading, transaction
from payments.store.tables import fee_item_periods, fee_schedules
from payments.use_cases.approve_draft import approve_draft, withdraw_draft
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.check_draft import check_draft
from payments.use_cases.compiled_catalogues import LastCatalogue
from payments.use_cases.draft_views import list_drafts, list_published, read_draft
from payments.use_cases.fee_text import read_fee_text, text_row
from payments.use_cases.gateway import Gateway
from payments.use_cases.import_draft import import_draft
from payments.use_cases.preview_drafts import difference_of, replay
from payments.use_cases.publish_draft import publish_drafts
from payments.use_cases.publish_shipped import publish_shipped
from payments.use_cases.vietnam import today
from tests.gateway import START, Installation, catalogue_files, make_installation
from tests.use_cases.money import rows
from tests.use_cases.publishing import LAN, MAI, approved, bring, next_version, publish_now
from tests.use_cases.texts import case, procedures, schedule

TOMORROW = date(2026, 11, 23)


@pytest.fixture
def gateway(installation: Installation) -> Gateway:
    return installation.gateway


def price(gateway: Gateway, filed_on: date | None = None, **facts: Any) -> int | str:
    """What TP-THU costs by what counts now, or the code of the refusal."""
    day = filed_on or today(gateway.now())
    try:
        found = quote(
            current_catalogue(gateway), "TP-THU", Facts(inputs={}, filed_on=day, paid_on=day, **facts)
        )
    except FeeRefusal as refusal:
        return refusal.code
    return found.total_dong


def refused(code: str, *act: Any) -> Refusal:
    """The refusal with ``code`` that an act ends in."""
    deed, *arguments = act
    with pytest.raises(Refusal) as found:
        deed(*arguments)
    assert found.value.code == code
    return found.value


def test_a_text_counts_once_a_second_person_approved_it_and_it_is_published(gateway: Gateway) -> None:
    ids = bring(gateway, schedule(cases=case(50_000)), procedures())
    assert {each.state for each in list_drafts(gateway)} == {DraftState.CHECKED}
    refused("same_person", approve_draft, gateway, LAN, ids[0])
    for draft_id in ids:
        approve_draft(gateway, MAI, draft_id)
    assert price(gateway) == "unknown_procedure"
    publish_drafts(gateway, LAN, ids, today(gateway.now()))
    assert price(gateway) == 50_000
    assert {read_draft(gateway, each).state for each in ids} == {DraftState.PUBLISHED}
    assert list_drafts(gateway) == ()


def test_the_same_text_twice_is_the_same_draft(gateway: Gateway) -> None:
    first = import_draft(gateway, LAN, *schedule())
    assert import_draft(gateway, MAI, *schedule()) == first
    assert list_drafts(gateway) == (first,)


def test_every_step_is_in_the_audit_log(gateway: Gateway) -> None:
    publish_now(gateway, schedule())
    left = import_draft(gateway, LAN, *schedule("thu-2", item="test.other"))
    withdraw_draft(gateway, MAI, left.id, "nhập nhầm")
    found = [(row.actor, row.action) for row in rows(gateway.engine, "audit_log") if row.actor in (LAN, MAI)]
    assert found == [
        (LAN, "import_schedule"),
        (LAN, "check_schedule"),
        (MAI, "approve_schedule"),
        (LAN, "publish_schedule"),
        (LAN, "import_schedule"),
        (MAI, "withdraw_schedule"),
    ]


def test_a_file_that_cannot_be_read_is_refused_with_every_line(gateway: Gateway) -> None:
    name, text = schedule()
    wrong = text.replace("kind: fee", "kind: tax").replace("collector", "colector")
    found = refused("faulty_file", import_draft, gateway, LAN, name, wrong)
    assert [each.field for each in found.problems][:1] == ["thu-1.yaml:15"]
    assert len(found.problems) >= 3
    refused("file_name", import_draft, gateway, LAN, "phí mới.yaml", text)
    refused("file_too_big", import_draft, gateway, LAN, name, "#" * 1_000_001)
    assert list_drafts(gateway) == ()


def test_a_published_version_is_never_brought_again(gateway: Gateway) -> None:
    publish_now(gateway, schedule())
    refused("published_already", import_draft, gateway, LAN, *schedule())
    found = refused("schedule_changed", import_draft, gateway, LAN, *schedule(rule="60000"))
    assert "write version: 2" in found.message_en


def test_T30_a_text_that_overlaps_one_in_force_cannot_go_on(gateway: Gateway) -> None:
    publish_now(gateway, schedule(), procedures())
    (draft_id,) = bring(gateway, schedule("thu-2"))
    draft = read_draft(gateway, draft_id)
    assert draft.state is DraftState.DRAFT
    (finding,) = draft.findings
    assert (finding.file_name, finding.line, finding.place) == ("thu-2.yaml", 14, "items.0.code")
    assert "set for that time by Circular 1/2026/TT-THU too" in finding.message_en
    refused("draft_state", approve_draft, gateway, MAI, draft_id)


def test_T30_two_drafts_sound_alone_are_refused_when_the_second_is_published(gateway: Gateway) -> None:
    (first,) = approved(gateway, schedule())
    (second,) = approved(gateway, schedule("thu-2"))
    day = today(gateway.now())
    publish_drafts(gateway, LAN, [first], day)
    found = refused("faulty_draft", publish_drafts, gateway, LAN, [second], day)
    assert "test.fee is set for that time" in found.message_en
    assert read_draft(gateway, second).state is DraftState.APPROVED


def test_one_text_ends_as_its_successor_begins(gateway: Gateway) -> None:
    publish_now(gateway, schedule(), procedures())
    ended = schedule(version=2, end="2026-12-31")
    successor = schedule("thu-2", rule="80000", begin="2027-01-01")
    publish_now(gateway, ended, successor)
    assert price(gateway, date(2026, 12, 31)) == 50_000
    assert price(gateway, date(2027, 1, 1)) == 80_000
    assert {row.publication for row in list_published(gateway) if row.published_by == LAN} == {2, 3}


def test_several_texts_are_published_together_or_not_at_all(gateway: Gateway) -> None:
    sound = approved(gateway, schedule(), procedures())
    (waiting,) = bring(gateway, schedule("thu-2", item="test.other"))
    before = current_catalogue(gateway)
    refused("draft_state", publish_drafts, gateway, LAN, [*sound, waiting], today(gateway.now()))
    assert {read_draft(gateway, each).state for each in sound} == {DraftState.APPROVED}
    assert current_catalogue(gateway) is before


def test_a_text_published_from_tomorrow_counts_from_tomorrow_in_every_process(
    installation: Installation,
) -> None:
    gateway = installation.gateway
    other_process = replace(gateway, last_catalogue=LastCatalogue())
    publish_now(gateway, schedule(), procedures())
    assert [price(each) for each in (gateway, other_process)] == [50_000, 50_000]
    publish_now(other_process, schedule(version=2, rule="60000"), from_day=TOMORROW)
    assert [price(each) for each in (gateway, other_process)] == [50_000, 50_000]
    installation.clock.moment = installation.clock.moment.replace(hour=17)  # midnight in Vietnam
    assert [price(each) for each in (gateway, other_process)] == [60_000, 60_000]


def test_a_later_version_is_followed_but_not_overtaken(gateway: Gateway) -> None:
    publish_now(gateway, schedule(), procedures())
    publish_now(gateway, schedule(version=2, rule="60000"), from_day=TOMORROW)
    ids = approved(gateway, schedule(version=3, rule="70000"))
    found = refused("overtakes", publish_drafts, gateway, LAN, ids, today(gateway.now()))
    assert "2026-11-23" in found.message_en
    publish_drafts(gateway, LAN, ids, TOMORROW)
    periods = [(row.version, row.published_to) for row in list_published(gateway) if row.id == "thu-1"]
    assert periods == [(1, TOMORROW), (2, TOMORROW), (3, None)]


def test_the_checks_are_made_for_every_later_day_of_change(gateway: Gateway) -> None:
    """A text that fits today would meet one that begins to count tomorrow."""
    publish_now(gateway, schedule("thu-2", item="test.other"), from_day=TOMORROW)
    ids = approved(gateway, schedule(item="test.other"))
    refused("faulty_draft", publish_drafts, gateway, LAN, ids, today(gateway.now()))


def test_a_file_of_procedures_gets_the_next_number(gateway: Gateway) -> None:
    publish_now(gateway, schedule(), procedures())
    name, text = procedures()
    publish_now(gateway, (name, text.replace("Thủ tục thử", "Thủ tục mới")))
    found = [row.version for row in list_published(gateway) if row.id == "procedures/procedures-thu"]
    assert found == [1, 2]
    assert current_catalogue(gateway).procedure("TP-THU").name_vi == "Thủ tục mới"


def test_a_worked_case_that_comes_out_otherwise_is_a_finding(gateway: Gateway) -> None:
    first, _ = bring(gateway, schedule(cases=case(49_999)), procedures())
    (finding,) = read_draft(gateway, first).findings
    assert finding.place == "cases[one page]"
    assert "50,000" in finding.message_en
    assert "50.000" in finding.message_vi


def test_what_does_not_exist_or_is_past_is_refused(gateway: Gateway) -> None:
    ids = approved(gateway, schedule())
    yesterday = today(gateway.now()) - timedelta(days=1)
    refused("past_day", publish_drafts, gateway, LAN, ids, yesterday)
    for act in (check_draft, approve_draft):
        with pytest.raises(NotFound):
            act(gateway, MAI, "fd_nothing")
    with pytest.raises(NotFound):
        publish_drafts(gateway, LAN, [], TOMORROW)
    with pytest.raises(Invalid):
        withdraw_draft(gateway, LAN, ids[0], " ")
    publish_drafts(gateway, LAN, ids, TOMORROW)
    with pytest.raises(Conflict):
        withdraw_draft(gateway, LAN, ids[0], "trễ")


def test_two_drafts_of_one_text_are_not_published_together(gateway: Gateway) -> None:
    first, second = (approved(gateway, schedule(rule=rule))[0] for rule in ("50000", "60000"))
    refused("two_drafts_of_one_text", publish_drafts, gateway, LAN, [first, second], TOMORROW)


def test_a_new_text_of_the_directory_waits_for_two_people(gateway: Gateway) -> None:
    name = next(name for name in catalogue_files() if "226" in name)
    changed = {**catalogue_files(), name: next_version(catalogue_files()[name])}
    shipped = publish_shipped(gateway, changed)
    assert shipped.published == 0
    (draft_id,) = shipped.drafts
    assert publish_shipped(gateway, changed) == shipped
    check_draft(gateway, MAI, draft_id)
    assert approve_draft(gateway, MAI, draft_id).imported_by == SHIPPED_BY
    day = today(gateway.now())
    refused("same_person", publish_drafts, gateway, MAI, [draft_id], day)
    publish_drafts(gateway, LAN, [draft_id], day)
    assert publish_shipped(gateway, changed).drafts == ()
    # Going back to an older directory brings nothing old back.
    assert publish_shipped(gateway, catalogue_files()).drafts == ()


def test_a_withdrawn_text_of_the_directory_does_not_come_back_at_the_next_start(gateway: Gateway) -> None:
    name, text = schedule()
    changed = {**catalogue_files(), name: text}
    (draft_id,) = publish_shipped(gateway, changed).drafts
    withdraw_draft(gateway, LAN, draft_id, "không áp dụng ở đây")
    assert publish_shipped(gateway, changed).drafts == ()
    assert import_draft(gateway, LAN, name, text).id != draft_id


def test_the_first_start_publishes_the_directory_as_it_is(gateway: Gateway, engine: Engine) -> None:
    found = list_published(gateway)
    assert {(row.published_by, row.publication) for row in found} == {(SHIPPED_BY, 1)}
    assert {row.kind for row in found} == {"schedule", "procedures", "provinces"}
    with reading(engine) as connection:
        periods = connection.execute(select(fee_item_periods)).all()
    assert len(periods) > 50
    assert list_drafts(gateway) == ()


def test_the_difference_names_each_place(gateway: Gateway) -> None:
    publish_now(gateway, schedule(), procedures())
    draft = import_draft(gateway, LAN, *schedule(version=2, rule="60000"))
    told = [each.told_en for each in difference_of(gateway, draft.id)]
    assert "items[test.fee].rule: 50000 → 60000" in told
    name, text = procedures()
    changed = import_draft(gateway, LAN, name, text.replace("Tests", "Trials"))
    assert [each.told_vi for each in difference_of(gateway, changed.id)] == [
        "@@ -6,3 +6,3 @@",
        "     field_vi: Thử",
        "-    field_en: Tests",
        "+    field_en: Trials",
        "     level: commune",
    ]


def test_the_replay_counts_sums_and_names_what_would_have_changed(installation: Installation) -> None:
    gateway = installation.gateway
    for number in range(3):
        installation.request_payment(dossier_code=f"HS-{number}")
    installation.request_payment(dossier_code="HS-BIG", inputs={"pages": 30, "copies": 2})
    installation.request_payment(dossier_code="HS-OTHER", procedure_code="2.000884", inputs={"papers": 1})
    name = next(name for name in catalogue_files() if "226" in name)
    dearer = next_version(catalogue_files()[name]).replace("price: 2000}", "price: 3000}")
    (draft_id,) = bring(gateway, (name, dearer))
    found = replay(gateway, [draft_id])
    assert (found.requests, found.changed, found.whole) == (5, 4, True)
    assert found.then_dong - found.now_dong == 3 * 2_000 + 4_000
    assert (found.largest[0].dossier_code, found.largest[0].difference_dong) == ("HS-BIG", 4_000)
    assert found.refused == ()


def test_the_replay_names_what_could_no_longer_be_computed(installation: Installation) -> None:
    request = installation.request_payment()
    name = next(name for name in catalogue_files() if "226" in name)
    ended = next_version(catalogue_files()[name]).replace("effective_to: null", "effective_to: 2026-06-30")
    draft = import_draft(installation.gateway, LAN, name, ended)
    found = replay(installation.gateway, [draft.id])
    assert [(each.request_id, each.then_dong) for each in found.refused] == [(request.id, None)]
    assert "No rate" in found.refused[0].why_en


def test_texts_that_were_kept_before_there_were_periods_count_on_and_are_guarded(engine: Engine) -> None:
    """A database of before has rows of schedules alone, of which the newest version counted."""
    name = next(name for name in catalogue_files() if "226" in name)
    old = read_fee_text(name, catalogue_files()[name])
    before = {"published_at": START, "published_by": SHIPPED_BY}
    with transaction(engine) as connection:
        connection.execute(insert(fee_schedules), [{**text_row(old), **before, "file_name": ""}])
    gateway = make_installation(engine).gateway
    (kept,) = (row for row in list_published(gateway) if row.id == old.id)
    assert (kept.publication, kept.published_from, kept.published_to) == (0, date.min, None)
    with reading(engine) as connection:
        query = select(fee_item_periods.c.item_code).where(fee_item_periods.c.text_id == old.id)
        assert "certification.copy" in connection.execute(query).scalars().all()
    assert current_catalogue(gateway).procedure("2.000815").code == "2.000815"


def test_two_files_of_one_text_in_the_directory_are_refused(gateway: Gateway) -> None:
    name, text = procedures()
    refused("two_files_of_one_text", publish_shipped, gateway, {f"a/{name}": text, f"b/{name}": text})
