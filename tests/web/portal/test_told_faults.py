"""How faults of a call are told: under the path that the portal wrote, once, and in words of each language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from payments.core.money import MOST_DONG
from payments.web.portal.field_problems import SHAPES
from payments.web.portal.reference import document
from tests.web.portal.conftest import PATH, Caller, notice, problems, wish


def test_entries_that_are_wrong_are_named_and_not_counted_as_missing(caller: Caller) -> None:
    line = {**notice()["lines"][0], "sub_item": "27"}
    for lines, named in (
        ([line], {"obligation.lines[0].sub_item"}),
        ([line, 3], {"obligation.lines[0].sub_item", "obligation.lines[1]"}),
        ([], {"obligation.lines"}),
    ):
        body = wish(procedure_code=None, inputs=None, obligation={**notice(), "lines": lines})
        assert set(problems(caller, body)) == named


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"agency_code": "nobody"}, "obligation.agency_code"),
        ({"lines": notice(amount_dong=MOST_DONG)["lines"] * 2}, "obligation.lines"),
    ],
)
def test_fields_of_an_obligation_are_named_where_the_portal_wrote_them(
    caller: Caller, changed: dict[str, Any], field: str
) -> None:
    body = wish(procedure_code=None, inputs=None, obligation={**notice(), **changed})
    assert set(problems(caller, body)) == {field}


def test_limits_choices_and_shapes_are_said_in_the_words_of_each_language(caller: Caller) -> None:
    line = {**notice(amount_dong=MOST_DONG + 1)["lines"][0], "kind": "gift", "sub_item": "27"}
    body = wish(
        procedure_code=None,
        inputs=None,
        obligation={**notice(), "lines": [line]},
        payer={"tax_code": "abc"},
        lifetime_seconds=10**9,
    )
    errors = caller.post(PATH, body).json()["errors"]
    errors += caller.post(PATH, wish(), key="two words").json()["errors"]
    errors += caller.get(f"{PATH}?state=gone&cursor=x").json()["errors"]
    told = {each["field"].rpartition(".")[2]: (each["message_vi"], each["message"]) for each in errors}
    assert told["amount_dong"][0] == "Không được lớn hơn 1.000.000.000.000."
    assert told["lifetime_seconds"][1] == "This must be at most 15,552,000."
    assert told["kind"] == (
        "Phải là một trong: fee, charge, obligation.",
        "Use one of: fee, charge, obligation.",
    )
    assert told["state"][0] == "Phải là một trong: open, paid, cancelled, expired."
    assert told["sub_item"][0] == "Phải là tiểu mục ngân sách gồm 4 chữ số."
    assert told["tax_code"][0].startswith("Phải là mã số thuế 10 hoặc 13 chữ số")
    assert not [message for pair in told.values() for message in pair if "[" in message or "^" in message]


def test_every_pattern_of_the_interface_is_said_in_words() -> None:
    def patterns(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from (part["pattern"] for _ in [0] if isinstance(part.get("pattern"), str))
            part = list(part.values())
        if isinstance(part, list):
            for each in part:
                yield from patterns(each)

    assert set(patterns(document())) == set(SHAPES)
