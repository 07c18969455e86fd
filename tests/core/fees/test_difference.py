from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from payments.core.fees.difference import differences
from payments.core.fees.load import FilesRefused, parse_file
from payments.core.fees.schedule import Schedule

CATALOGUE = Path(__file__).parents[3] / "catalogue" / "vn"
COPY = CATALOGUE / "thong-tu-226-2016.yaml"


def _schedules() -> list[Schedule]:
    found = [parse_file(path.read_text("utf-8"), path.name) for path in sorted(CATALOGUE.glob("*.yaml"))]
    return [each for each in found if isinstance(each, Schedule)]


def _changed(old: str, new: str) -> Schedule:
    text = COPY.read_text("utf-8")
    assert old in text
    found = parse_file(text.replace(old, new), "changed.yaml")
    assert isinstance(found, Schedule)
    return found


def test_no_schedule_differs_from_itself() -> None:
    for schedule in _schedules():
        assert differences(schedule, schedule) == ()


def test_a_price_that_changed_is_named_with_its_place_and_both_values() -> None:
    before = _changed("version: 1", "version: 1")
    found = differences(before, _changed("through: 2, price: 2000", "through: 2, price: 2500"))
    assert [each.told("vi") for each in found] == [
        "items[certification.copy].rule.factors[2].value.steps[1].price: 2000 → 2500"
    ]


def test_a_new_order_of_items_is_no_difference() -> None:
    schedule = _changed("version: 1", "version: 1")
    turned = schedule.model_copy(update={"items": list(reversed(schedule.items))})
    assert differences(schedule, turned) == ()


def test_what_is_added_one_way_is_removed_the_other_way() -> None:
    schedule = _changed("version: 1", "version: 1")
    shorter = schedule.model_copy(update={"items": schedule.items[1:]})
    (gone,) = differences(schedule, shorter)
    (come,) = differences(shorter, schedule)
    assert (gone.kind, come.kind) == ("removed", "added")
    assert gone.place == come.place == "items[certification.copy]"
    assert gone.old == come.new
    assert come.told("en").startswith("items[certification.copy] is added: {")


def test_without_an_older_text_everything_is_new() -> None:
    assert {each.kind for each in differences(None, _schedules()[0])} == {"added"}


@pytest.mark.parametrize("schedule", _schedules(), ids=lambda schedule: schedule.schedule)
def test_a_schedule_written_out_and_read_again_does_not_differ(schedule: Schedule) -> None:
    written = schedule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    try:
        again = parse_file(yaml.safe_dump(written, allow_unicode=True), "again.yaml")
    except FilesRefused as refused:
        pytest.fail(str(refused))
    assert isinstance(again, Schedule)
    assert differences(schedule, again) == ()
