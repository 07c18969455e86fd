"""What a portal sees of money: paid requests, receipts, refunds and events."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from payments.core.money import MOST_DONG
from payments.store.tables import receipts
from payments.use_cases.issue_receipt import make_receipt_files
from payments.use_cases.read_requests import get_request
from payments.use_cases.refund_payment import approve_refund
from payments.use_cases.views import PaymentRequestView
from tests.gateway import PORTAL, Installation
from tests.use_cases.money import bring, open_bank_page
from tests.web.portal.conftest import Caller, wish

TRANSACTION_NUMBERS = count(14_200_001)
NOBODY_KNOWS = "EBL01-26TZZ-00000001"


def notice(amount_dong: int) -> dict[str, Any]:
    line = {
        "kind": "fee",
        "name_vi": "Phí theo thông báo",
        "amount_dong": amount_dong,
        "sub_item": "2716",
        "legal_basis_vi": "Thông báo số 01/TB",
    }
    return {"agency_code": "ubnd-phuong", "number": "01/TB", "lines": [line]}


def pay(portal: Caller, installation: Installation, **changed: Any) -> dict[str, Any]:
    """Ask, pay at the bank, and return the request as the portal sees it afterwards."""
    path = portal.post("/v1/payment-requests", wish(**changed)).headers["Location"]
    made = portal.get(path).json()
    view = installation_view(installation, made["id"])
    number = next(TRANSACTION_NUMBERS)
    address = open_bank_page(installation, view)
    bring(installation, installation.bank.notice(address, vnp_TransactionNo=str(number)))
    paid: dict[str, Any] = portal.get(path).json()
    return paid


def installation_view(installation: Installation, request_id: str) -> PaymentRequestView:
    return get_request(installation.gateway, PORTAL, request_id)


def test_a_paid_request_shows_its_payment_and_its_receipt(portal: Caller, installation: Installation) -> None:
    paid = pay(portal, installation)
    assert paid["state"] == "paid"
    assert [(each["amount_dong"], each["disposition"]) for each in paid["payments"]] == [(5_000, "settled")]
    assert [(each["total_dong"], each["has_pdf"]) for each in paid["receipts"]] == [(5_000, False)]
    dossier = portal.get(f"/v1/dossiers/{paid['dossier_code']}").json()
    assert (dossier["may_begin"], dossier["reason"]) == (True, "all_paid")


@pytest.mark.parametrize("amount_dong", [1, MOST_DONG])
def test_T32_the_least_and_the_largest_amount_are_asked_for_like_any_other(
    portal: Caller, amount_dong: int
) -> None:
    made = portal.post("/v1/payment-requests", wish(**by_notice(notice(amount_dong)))).json()
    assert (made["state"], made["amount_dong"]) == ("open", amount_dong)
    assert [line["amount_dong"] for line in made["lines"]] == [amount_dong]


def by_notice(obligation: dict[str, Any]) -> dict[str, Any]:
    return {"procedure_code": None, "inputs": None, "obligation": obligation}


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ({"procedure_code": "1.004873", "inputs": {}}, "zero_by_rule"),
        ({"procedure_code": "1.000894", "inputs": {}}, "exempt"),
        (
            {
                "procedure_code": "2.001035",
                "inputs": {},
                "beneficiaries": ["rural_credit_mortgage"],
            },
            "exempt",
        ),
    ],
)
def test_T32_where_nothing_is_due_the_dossier_may_begin_at_once(
    portal: Caller, case: dict[str, Any], outcome: str
) -> None:
    made = portal.post("/v1/payment-requests", wish(**case)).json()
    assert (made["state"], made["amount_dong"], made["receipts"]) == ("paid", 0, [])
    assert [line["outcome"] for line in made["lines"]] == [outcome]
    assert made["lines"][0]["explanation_vi"]
    assert portal.get(f"/v1/dossiers/{made['dossier_code']}").json()["may_begin"] is True
    assert [each["type"] for each in portal.get("/v1/events").json()["items"]] == ["payment_request.paid"]


def test_events_are_pulled_each_once_and_in_order(portal: Caller, installation: Installation) -> None:
    made = [pay(portal, installation, dossier_code=f"HS-{number}")["id"] for number in range(3)]
    seen: list[dict[str, Any]] = []
    after = 0
    while True:
        page = portal.get("/v1/events", params={"after": str(after), "limit": "2"}).json()
        if not page["items"]:
            break
        seen += page["items"]
        after = page["next_after"]
    assert [each["data"]["payment_request"]["id"] for each in seen] == made
    assert [each["position"] for each in seen] == sorted({each["position"] for each in seen})
    assert all(each["data"]["dossier"]["may_begin"] for each in seen)
    assert portal.get("/v1/events", params={"after": str(after)}).json() == {"items": [], "next_after": after}


def test_a_receipt_is_read_by_its_number_and_fetched_when_its_papers_are_made(
    portal: Caller, installation: Installation
) -> None:
    paid = pay(portal, installation)
    number = paid["receipts"][0]["number"]
    early = portal.get(f"/v1/receipts/{number}.pdf")
    assert (early.status_code, early.json()["code"]) == (404, "receipt_file_not_ready")
    make_papers(installation)
    shown = portal.get(f"/v1/receipts/{number}").json()
    assert (shown["payment_request_id"], shown["total_dong"], shown["has_pdf"]) == (paid["id"], 5_000, True)
    pdf, xml = (portal.get(f"/v1/receipts/{number}.{kind}") for kind in ("pdf", "xml"))
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{number}.pdf"'
    assert xml.content.startswith(b"<?xml")


def make_papers(installation: Installation) -> None:
    with installation.gateway.engine.connect() as connection:
        ids = connection.execute(select(receipts.c.id)).scalars().all()
    for receipt_id in ids:
        make_receipt_files(installation.gateway, receipt_id)


def test_T47_a_receipt_of_another_portal_is_not_there(
    portal: Caller, other_portal: Caller, installation: Installation
) -> None:
    number = pay(portal, installation)["receipts"][0]["number"]
    for path in (f"/v1/receipts/{number}", f"/v1/receipts/{number}.pdf", f"/v1/receipts/{number}.xml"):
        answer = other_portal.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_receipt")
    assert portal.get(f"/v1/receipts/{NOBODY_KNOWS}").json()["code"] == "unknown_receipt"


def test_two_collectors_with_one_number_are_told_apart_by_the_agency(
    portal: Caller, installation: Installation
) -> None:
    first = pay(portal, installation)["receipts"][0]
    of_justice = by_notice({**notice(9_000), "agency_code": "so-tu-phap"})
    second = pay(portal, installation, **of_justice)["receipts"][0]
    assert first["number"] == second["number"]
    path = f"/v1/receipts/{first['number']}"
    assert portal.get(path).json()["code"] == "ambiguous_receipt_number"
    chosen = portal.get(path, params={"agency_code": "so-tu-phap"}).json()
    assert (chosen["agency_code"], chosen["total_dong"]) == ("so-tu-phap", 9_000)


def test_a_refund_is_reserved_at_once_and_waits_for_an_officer(
    portal: Caller, installation: Installation
) -> None:
    path = f"/v1/payment-requests/{pay(portal, installation)['id']}"
    asked = portal.post(f"{path}/refunds", {"amount_dong": 3_000, "reason": "Rút hồ sơ"})
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    too_much = portal.post(f"{path}/refunds", {"amount_dong": 2_001, "reason": "Rút hồ sơ"})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_above_paid")
    approve_refund(installation.gateway, asked.json()["reference"], "officer")
    listed = portal.get(f"{path}/refunds").json()["items"]
    assert [(each["amount_dong"], each["state"]) for each in listed] == [(3_000, "approved")]
    assert portal.get(path).json()["payments"][0]["refunded_dong"] == 3_000


def test_T46_a_refund_asked_for_twice_with_one_key_is_one_refund(
    portal: Caller, installation: Installation
) -> None:
    path = f"/v1/payment-requests/{pay(portal, installation)['id']}/refunds"
    body = {"amount_dong": 1_000, "reason": "Rút hồ sơ"}
    call = ("POST", path, {"json": body, "headers": {"Idempotency-Key": "r-1"}})
    answers = portal.calls([call] * 5)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert len(portal.get(path).json()["items"]) == 1
    other = portal.post(path, {**body, "amount_dong": 2_000}, key="r-1")
    assert other.json()["code"] == "idempotency_key_reused"


def test_T46_a_key_used_for_a_request_cannot_be_used_for_a_refund(
    portal: Caller, installation: Installation
) -> None:
    path = f"/v1/payment-requests/{pay(portal, installation)['id']}/refunds"
    portal.post("/v1/payment-requests", wish(dossier_code="HS-2"), key="k-1")
    answer = portal.post(path, {"amount_dong": 1_000, "reason": "Rút hồ sơ"}, key="k-1")
    assert answer.json()["code"] == "idempotency_key_reused"


def test_T23_refunds_asked_for_at_once_never_exceed_what_was_paid(
    portal: Caller, installation: Installation
) -> None:
    path = f"/v1/payment-requests/{pay(portal, installation)['id']}/refunds"
    answers = portal.calls([("POST", path, {"json": {"amount_dong": 2_000, "reason": "x"}})] * 6)
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "x"}, "amount_dong"),
        ({"amount_dong": 0, "reason": "x"}, "amount_dong"),
        ({"amount_dong": 1}, "reason"),
        ({"amount_dong": 1, "reason": " "}, "reason"),
    ],
)
def test_a_refund_needs_an_amount_and_a_reason(caller: Caller, body: dict[str, Any], field: str) -> None:
    answer = caller.post("/v1/payment-requests/pr_1/refunds", body)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field])


def test_nothing_is_refunded_of_what_was_not_paid(portal: Caller) -> None:
    path = portal.post("/v1/payment-requests", wish()).headers["Location"]
    answer = portal.post(f"{path}/refunds", {"amount_dong": 1, "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_refund")


def test_what_is_paid_or_on_its_way_cannot_be_cancelled(portal: Caller, installation: Installation) -> None:
    path = portal.post("/v1/payment-requests", wish()).headers["Location"]
    view = installation_view(installation, path.rpartition("/")[2])
    address = open_bank_page(installation, view)
    assert portal.post(f"{path}/cancel").json()["code"] == "payer_on_the_way"
    bring(installation, installation.bank.notice(address))
    assert portal.post(f"{path}/cancel").json()["code"] == "already_paid"


def test_procedures_are_listed_and_say_what_they_ask(caller: Caller) -> None:
    listed = caller.get("/v1/procedures").json()["items"]
    assert len(listed) >= 30
    asked = caller.get("/v1/procedures/2.000815").json()["inputs"]
    assert [each["name"] for each in asked] == ["pages", "copies"]
    assert all(each["label_vi"] and each["label_en"] for each in asked)
    for each in listed:
        assert caller.get(f"/v1/procedures/{each['code']}").status_code == 200
