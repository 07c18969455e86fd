"""What a portal needs to draw a form, and how it finds the procedure."""

from __future__ import annotations

from tests.gateway import catalogue
from tests.web.portal.conftest import Caller

PATH = "/v1/procedures"


def test_procedures_are_found_without_accents(caller: Caller) -> None:
    found = caller.get(f"{PATH}?query=chung%20thuc%20ban%20sao&level=commune").json()["items"]
    assert "2.000815" in [each["code"] for each in found]
    assert all(each["level"] == "commune" for each in found)


def test_pages_hold_every_procedure_once(caller: Caller) -> None:
    codes: list[str] = []
    cursor = ""
    while True:
        answer = caller.get(f"{PATH}?limit=50{cursor}").json()
        codes += [each["code"] for each in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert codes == [procedure.code for procedure in catalogue().procedures()]


def test_an_unknown_parameter_is_refused(caller: Caller) -> None:
    assert caller.get(f"{PATH}?q=x").status_code in (400, 422)


def test_every_choice_of_a_form_has_a_label_in_both_languages(caller: Caller) -> None:
    for procedure in catalogue().procedures():
        told = caller.get(f"{PATH}/{procedure.code}").json()
        assert [each["value"] for each in told["beneficiary_choices"]] == told["beneficiaries"]
        assert [each["value"] for each in told["channels"]] == ["online", "counter", "post"]
        for choice in (*told["beneficiary_choices"], *told["channels"]):
            assert choice["label_vi"]
            assert choice["label_en"]


def test_a_number_has_the_limits_that_count(caller: Caller) -> None:
    inputs = caller.get(f"{PATH}/TP-DT-THAMDINH").json()["inputs"]
    money = [(question["least"], question["most"]) for question in inputs if question["type"] == "money"]
    assert money == [(1, 10**15)]


def test_what_is_charged_names_its_law_and_whether_its_rate_is_set(caller: Caller) -> None:
    items = caller.get(f"{PATH}/2.000815").json()["items"]
    assert [(each["item_code"], each["is_set"]) for each in items] == [("certification.copy", True)]
    assert items[0]["legal_bases_vi"] == ["khoản 1 Điều 4 Thông tư 226/2016/TT-BTC"]
    assert caller.get(f"{PATH}/TP-TB-XEMAY").json()["items"][0]["is_set"] is False
