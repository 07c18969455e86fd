"""Payment requests over the API, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from payments.store.database import transaction
from payments.store.idempotency import LIFETIME
from payments.store.portals import add_key, key_digest, revoke_key
from payments.use_cases import request_payment as use_case
from tests.gateway import PORTAL, Installation
from tests.web.portal.conftest import KEY, Caller, wish

NOTICE = {
    "agency_code": "ubnd-phuong",
    "number": "123/TB-CCT",
    "due_on": "2026-12-31",
    "lines": [
        {
            "kind": "obligation",
            "name_vi": "Lệ phí trước bạ nhà đất",
            "amount_dong": 12_500_000,
            "sub_item": "2801",
            "legal_basis_vi": "Thông báo số 123/TB-CCT",
        }
    ],
}


def test_a_request_is_priced_and_answers_the_link_for_the_citizen(portal: Caller) -> None:
    answer = portal.post("/v1/payment-requests", wish())
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/payment-requests/{made['id']}"
    assert made["state"] == "open"
    assert made["amount_dong"] == sum(line["amount_dong"] for line in made["lines"]) == 5_000
    assert "/pay/" in made["checkout_url"]
    assert portal.get(answer.headers["Location"]).json() == made


def test_a_quote_and_the_request_made_of_it_come_to_the_same(portal: Caller) -> None:
    case = {"procedure_code": "2.000815", "inputs": {"pages": 7, "copies": 2}}
    quoted = portal.post("/v1/quotes", case).json()
    made = portal.post("/v1/payment-requests", wish(**case)).json()
    assert quoted["total_dong"] == made["amount_dong"] > 0
    assert quoted["lines"][0]["explanation_vi"] == made["lines"][0]["explanation_vi"]


def test_the_lines_of_an_outside_notice_are_collected_as_they_stand(portal: Caller) -> None:
    made = portal.post(
        "/v1/payment-requests", wish(procedure_code=None, inputs=None, obligation=NOTICE)
    ).json()
    assert made["amount_dong"] == 12_500_000
    assert made["obligation"] == {"number": "123/TB-CCT", "issued_on": None, "due_on": "2026-12-31"}
    assert made["lines"][0]["kind"] == "obligation"


def test_html_in_a_name_is_kept_as_the_letters_it_is_made_of(portal: Caller) -> None:
    name = '<script>alert("1")</script> & Con'
    made = portal.post("/v1/payment-requests", wish(payer={"name": name})).json()
    assert made["payer_name"] == name


def test_the_same_name_typed_on_two_systems_is_one_text(portal: Caller) -> None:
    decomposed = "Nguye\u0302\u0303n"
    made = portal.post("/v1/payment-requests", wish(payer={"name": decomposed})).json()
    assert made["payer_name"] == "Nguy\u1ec5n"


def test_requests_are_listed_newest_first_page_by_page(portal: Caller, installation: Installation) -> None:
    made = []
    for number in range(5):
        installation.clock.advance(seconds=1)
        made.append(portal.post("/v1/payment-requests", wish(dossier_code=f"HS-{number}")).json()["id"])
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = portal.get("/v1/payment-requests", params={"limit": "2", **cursor}).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["HS-B", "HS-A"]),
        ({"dossier_code": "HS-A"}, ["HS-A"]),
        ({"state": "cancelled"}, ["HS-B"]),
        ({"state": "paid"}, []),
        ({"procedure_code": "2.000815"}, ["HS-B", "HS-A"]),
        ({"procedure_code": "9.999999"}, []),
        ({"created_from": "2026-11-22T03:00:01Z"}, ["HS-B"]),
        ({"created_to": "2026-11-22T10:00:01+07:00"}, ["HS-A"]),
    ],
)
def test_a_list_is_narrowed_by_its_filters(
    portal: Caller, installation: Installation, wanted: dict[str, str], found: list[str]
) -> None:
    portal.post("/v1/payment-requests", wish(dossier_code="HS-A"))
    installation.clock.advance(seconds=1)
    second = portal.post("/v1/payment-requests", wish(dossier_code="HS-B")).json()["id"]
    portal.post(f"/v1/payment-requests/{second}/cancel")
    page = portal.get("/v1/payment-requests", params=wanted).json()
    assert [item["dossier_code"] for item in page["items"]] == found


def test_cancelling_ends_a_request_and_cancelling_twice_changes_nothing(portal: Caller) -> None:
    request_id = portal.post("/v1/payment-requests", wish()).json()["id"]
    first = portal.post(f"/v1/payment-requests/{request_id}/cancel")
    second = portal.post(f"/v1/payment-requests/{request_id}/cancel")
    assert first.json()["state"] == "cancelled"
    assert second.json() == first.json()
    assert [each["type"] for each in portal.get("/v1/events").json()["items"]] == [
        "payment_request.cancelled"
    ]


def test_a_dossier_says_whether_it_may_begin(portal: Caller) -> None:
    assert portal.get("/v1/dossiers/HS-1").status_code == 404
    request_id = portal.post("/v1/payment-requests", wish(dossier_code="HS-1")).json()["id"]
    waiting = portal.get("/v1/dossiers/HS-1").json()
    portal.post(f"/v1/payment-requests/{request_id}/cancel")
    cancelled = portal.get("/v1/dossiers/HS-1").json()
    assert (waiting["may_begin"], waiting["reason"]) == (False, "waiting_for_payment")
    assert (cancelled["may_begin"], cancelled["reason"]) == (False, "nothing_asked")


def test_a_dossier_code_may_hold_a_slash(portal: Caller) -> None:
    portal.post("/v1/payment-requests", wish(dossier_code="12/2026/HS-1"))
    assert portal.get("/v1/dossiers/12%2F2026%2FHS-1").json()["dossier_code"] == "12/2026/HS-1"


def test_T46_the_same_key_and_body_bring_the_first_answer_again(portal: Caller) -> None:
    first = portal.post("/v1/payment-requests", wish(), key="k-1")
    # Other spaces and another order of keys are still the same body.
    again = portal.post("/v1/payment-requests", dict(reversed(wish().items())), key="k-1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert len(portal.get("/v1/payment-requests").json()["items"]) == 1


@pytest.mark.parametrize("changed", [{"dossier_code": "HS-2"}, {"inputs": {"pages": 4, "copies": 1}}])
def test_T46_the_same_key_with_another_body_is_refused(portal: Caller, changed: dict[str, Any]) -> None:
    portal.post("/v1/payment-requests", wish(), key="k-1")
    answer = portal.post("/v1/payment-requests", wish(**changed), key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert len(portal.get("/v1/payment-requests").json()["items"]) == 1


def test_T46_ten_calls_with_one_key_at_once_make_one_request(portal: Caller) -> None:
    call = ("POST", "/v1/payment-requests", {"json": wish(), "headers": {"Idempotency-Key": "k-1"}})
    answers = portal.calls([call] * 10)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(portal.get("/v1/payment-requests").json()["items"]) == 1


def test_T46_a_crash_before_the_commit_leaves_the_key_free(
    portal: Caller, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(use_case, "announce", _crash)
        broken.setattr(use_case, "enqueue", _crash)
        assert portal.post("/v1/payment-requests", wish(), key="k-1").status_code == 500
    assert portal.get("/v1/payment-requests").json()["items"] == []
    answer = portal.post("/v1/payment-requests", wish(dossier_code="HS-2"), key="k-1")
    assert (answer.status_code, answer.json()["dossier_code"]) == (201, "HS-2")


def _crash(*_: object) -> None:
    raise RuntimeError("power cut")


def test_T46_a_key_is_free_again_after_a_day(portal: Caller, installation: Installation) -> None:
    first = portal.post("/v1/payment-requests", wish(), key="k-1").json()
    installation.clock.moment += LIFETIME
    later = portal.post("/v1/payment-requests", wish(dossier_code="HS-2"), key="k-1")
    assert later.status_code == 201
    assert later.json()["id"] != first["id"]


def test_T46_two_portals_may_use_the_same_key(portal: Caller, other_portal: Caller) -> None:
    own = portal.post("/v1/payment-requests", wish(), key="k-1").json()
    theirs = other_portal.post("/v1/payment-requests", wish(dossier_code="HS-9"), key="k-1")
    assert theirs.status_code == 201
    assert theirs.json()["id"] != own["id"]


def test_T47_what_belongs_to_another_portal_is_not_there(portal: Caller, other_portal: Caller) -> None:
    made = portal.post("/v1/payment-requests", wish()).json()
    path = f"/v1/payment-requests/{made['id']}"
    refused = [
        other_portal.get(path),
        other_portal.post(f"{path}/cancel"),
        other_portal.post(f"{path}/refunds", {"amount_dong": 1, "reason": "x"}),
        other_portal.get(f"{path}/refunds"),
        other_portal.get(f"/v1/dossiers/{made['dossier_code']}"),
    ]
    unknown = other_portal.get("/v1/payment-requests/pr_00000000000000000000000000")
    assert {answer.status_code for answer in refused} == {404}
    # Nothing tells an existing thing of another portal from one that does not exist.
    assert refused[0].json() | {"request_id": ""} == unknown.json() | {"request_id": ""}
    assert other_portal.get("/v1/payment-requests").json()["items"] == []
    assert other_portal.get("/v1/events").json()["items"] == []
    assert portal.get(path).json()["state"] == "open"


def test_a_new_key_works_beside_the_old_one_until_that_is_revoked(
    portal: Caller, installation: Installation
) -> None:
    engine, now = installation.gateway.engine, installation.clock()
    new = Caller(portal.runner, portal.app, "thuphi_NEW")
    assert new.get("/v1/payment-requests").status_code == 401
    with transaction(engine) as connection:
        add_key(connection, PORTAL, "thuphi_NEW", now)
    request_id = portal.post("/v1/payment-requests", wish()).json()["id"]
    assert new.get(f"/v1/payment-requests/{request_id}").status_code == 200
    with transaction(engine) as connection:
        assert revoke_key(connection, key_digest(KEY), now)
    assert new.get(f"/v1/payment-requests/{request_id}").status_code == 200
    assert portal.get(f"/v1/payment-requests/{request_id}").json()["code"] == "wrong_api_key"


def test_a_key_ends_when_its_time_has_come(portal: Caller, installation: Installation) -> None:
    ending = Caller(portal.runner, portal.app, "thuphi_ENDS")
    with transaction(installation.gateway.engine) as connection:
        add_key(connection, PORTAL, "thuphi_ENDS", installation.clock(), installation.clock().replace(hour=4))
    assert ending.get("/v1/events").status_code == 200
    installation.clock.advance(hours=1)
    assert ending.get("/v1/events").status_code == 401
