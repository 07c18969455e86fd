"""Setting up who collects: nothing wrong is taken, nothing stays silently as it was, corrections are on record."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from payments.core.refusals import Conflict, Invalid, NotFound
from payments.demo.standing import AGENCIES, COMMUNE, JUSTICE, PROVINCE
from payments.store.database import reading, transaction
from payments.store.tables import agencies, audit_log, procedures, receipts
from payments.use_cases.doctor import check_agencies
from payments.use_cases.prepare import Agency
from payments.use_cases.set_up_collectors import (
    OpenProcedure,
    add_agency,
    correct_agency,
    correct_procedure,
    open_procedure,
    problems_of_agency,
)
from tests.gateway import PROCEDURE, Installation
from tests.use_cases.money import bring, open_bank_page

NEW = Agency(
    code="so-moi",
    name_vi="Sở Mới tỉnh Thử Phí",
    name_en="New Department",
    tax_code="0109999099-001",
    address="Số 9 đường Trần Phú",
    territory="31/30",
    chapter="414",
    area_code="1234567",
    parent_code=PROVINCE.code,
)
OPEN = OpenProcedure(PROCEDURE, COMMUNE.code, date(2026, 7, 1))
WRONG: tuple[tuple[str, str], ...] = (
    ("code", "Sở Mới"),
    ("code", "-so"),
    ("code", "s" * 41),
    ("name_vi", ""),
    ("name_vi", "   "),
    ("name_vi", "x" * 301),
    ("name_en", " "),
    ("tax_code", "abc"),
    ("tax_code", "010999909"),
    ("tax_code", "01099990990"),
    ("tax_code", "0109999099001"),
    ("tax_code", "0109999099-1"),
    ("tax_code", "٠١٠٩٩٩٩٠٩٩"),
    ("address", ""),
    ("territory", "Hải Phòng"),
    ("territory", "31/"),
    ("chapter", "x"),
    ("chapter", "41"),
    ("chapter", "4140"),
    ("area_code", "1"),
    ("area_code", "123456"),
    ("collector_status", "rich"),
)


def agency(engine: Engine, code: str) -> dict[str, Any]:
    with reading(engine) as connection:
        return dict(connection.execute(select(agencies).where(agencies.c.code == code)).one()._mapping)


def audited(engine: Engine, subject: str) -> list[tuple[str, str, dict[str, Any]]]:
    with reading(engine) as connection:
        query = select(audit_log).where(audit_log.c.subject == subject).order_by(audit_log.c.id)
        return [(row.actor, row.action, row.detail) for row in connection.execute(query)]


@pytest.mark.parametrize("known", AGENCIES, ids=lambda each: str(each.code))
def test_the_agencies_of_the_demonstration_are_sound(known: Agency) -> None:
    assert problems_of_agency(asdict(known)) == ()


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_detail_is_named_in_both_languages(field: str, value: str) -> None:
    (problem,) = problems_of_agency({**asdict(NEW), field: value})
    assert problem.field == field
    assert problem.message_vi.startswith("Phải là ")
    assert problem.message_en.startswith("This must be ")


def test_an_agency_is_added_once_and_on_record(installation: Installation, engine: Engine) -> None:
    assert add_agency(installation.gateway, "operator", NEW)
    assert agency(engine, NEW.code) == asdict(NEW)
    assert audited(engine, "agency:so-moi") == [("operator", "agency.added", asdict(NEW))]
    assert not add_agency(installation.gateway, "operator", NEW)
    assert len(audited(engine, "agency:so-moi")) == 1


def test_adding_refuses_every_wrong_detail_at_once_and_keeps_nothing(
    installation: Installation, engine: Engine
) -> None:
    bad = replace(NEW, tax_code="abc", address="", chapter="x")
    with pytest.raises(Invalid) as refused:
        add_agency(installation.gateway, "operator", bad)
    assert [each.field for each in refused.value.problems] == ["tax_code", "address", "chapter"]
    assert audited(engine, "agency:so-moi") == []


@pytest.mark.parametrize(
    ("changed", "refusal", "code"),
    [
        ({"parent_code": "nope"}, NotFound, "unknown_agency"),
        ({"tax_code": COMMUNE.tax_code}, Conflict, "tax_code_taken"),
    ],
)
def test_adding_refuses_an_unknown_parent_and_a_tax_code_of_another(
    installation: Installation, engine: Engine, changed: dict[str, str], refusal: type[Exception], code: str
) -> None:
    with pytest.raises(refusal, match=code):
        add_agency(installation.gateway, "operator", replace(NEW, **changed))
    assert audited(engine, "agency:so-moi") == []


def test_adding_what_is_known_otherwise_says_what_differs_and_how_to_correct_it(
    installation: Installation, engine: Engine
) -> None:
    with pytest.raises(Conflict, match=r"tax_code is “0109999002”, not “0109999098”.*thuphi agency correct"):
        add_agency(installation.gateway, "operator", replace(COMMUNE, tax_code="0109999098"))
    assert agency(engine, COMMUNE.code)["tax_code"] == COMMUNE.tax_code


def test_a_correction_says_what_changed_is_on_record_and_touches_no_issued_receipt(
    installation: Installation, engine: Engine
) -> None:
    def pay(number: str) -> None:
        page = open_bank_page(installation, installation.request_payment(dossier_code=number))
        bring(installation, installation.bank.notice(page, vnp_TransactionNo=number))

    pay("1")
    with reading(engine) as connection:
        before = connection.execute(select(receipts)).all()
    changes = correct_agency(
        installation.gateway, "operator", COMMUNE.code, {"tax_code": "0109999098", "chapter": COMMUNE.chapter}
    )
    assert changes == {"tax_code": ("0109999002", "0109999098")}
    assert audited(engine, "agency:ubnd-phuong") == [
        ("operator", "agency.corrected", {"tax_code": {"was": "0109999002", "is": "0109999098"}})
    ]
    pay("2")
    with reading(engine) as connection:
        after = connection.execute(select(receipts).order_by(receipts.c.number)).all()
    assert after[0] == before[0]
    assert ["0109999098" in str(row.content) for row in after] == [False, True]


def test_a_correction_that_changes_nothing_is_not_on_record(
    installation: Installation, engine: Engine
) -> None:
    assert correct_agency(installation.gateway, "operator", COMMUNE.code, {"chapter": COMMUNE.chapter}) == {}
    assert audited(engine, "agency:ubnd-phuong") == []


@pytest.mark.parametrize(
    ("code", "given", "refusal", "told"),
    [
        ("nope", {"chapter": "414"}, NotFound, "unknown_agency"),
        (COMMUNE.code, {"chapter": "x"}, Invalid, "invalid_agency"),
        (COMMUNE.code, {"tax_code": PROVINCE.tax_code}, Conflict, "tax_code_taken"),
        (COMMUNE.code, {"parent_code": "nope"}, NotFound, "unknown_agency"),
        (COMMUNE.code, {"parent_code": COMMUNE.code}, Conflict, "own_parent"),
    ],
)
def test_a_correction_that_would_be_wrong_is_refused_whole(
    installation: Installation,
    engine: Engine,
    code: str,
    given: dict[str, str],
    refusal: type[Exception],
    told: str,
) -> None:
    with pytest.raises(refusal, match=told):
        correct_agency(installation.gateway, "operator", code, {"name_en": "Other", **given})
    assert agency(engine, COMMUNE.code) == asdict(COMMUNE)


def test_a_procedure_is_opened_for_a_known_agency_only(installation: Installation, engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(procedures.delete().where(procedures.c.code == PROCEDURE))
    with pytest.raises(NotFound, match="There is no agency nope"):
        open_procedure(installation.gateway, "operator", replace(OPEN, agency_code="nope"))
    assert open_procedure(installation.gateway, "operator", OPEN)
    assert not open_procedure(installation.gateway, "operator", OPEN)
    opened = {**asdict(OPEN), "payable_from": "2026-07-01"}
    assert audited(engine, f"procedure:{PROCEDURE}") == [("operator", "procedure.opened", opened)]
    assert installation.request_payment().amount_dong > 0


def test_a_procedure_open_otherwise_is_told_and_corrected(installation: Installation, engine: Engine) -> None:
    with pytest.raises(Conflict, match=r"agency_code is “ubnd-phuong”, not “so-tu-phap”.*procedure correct"):
        open_procedure(installation.gateway, "operator", replace(OPEN, agency_code=JUSTICE.code))
    given = {"agency_code": JUSTICE.code, "payable_from": date(2026, 8, 1), "late_payment": "settle"}
    assert correct_procedure(installation.gateway, "operator", PROCEDURE, given) == {
        "agency_code": ("ubnd-phuong", "so-tu-phap"),
        "payable_from": (date(2026, 7, 1), date(2026, 8, 1)),
    }
    assert audited(engine, f"procedure:{PROCEDURE}")[-1][2] == {
        "agency_code": {"was": "ubnd-phuong", "is": "so-tu-phap"},
        "payable_from": {"was": "2026-07-01", "is": "2026-08-01"},
    }
    assert installation.request_payment().lines[0].agency_code == JUSTICE.code


@pytest.mark.parametrize(
    ("code", "given"), [("not-open", {"late_payment": "hold"}), (PROCEDURE, {"agency_code": "nope"})]
)
def test_what_is_not_there_cannot_be_corrected(
    installation: Installation, code: str, given: dict[str, str]
) -> None:
    with pytest.raises(NotFound):
        correct_procedure(installation.gateway, "operator", code, given)


def test_the_doctor_names_agencies_that_no_receipt_should_be_written_for(
    installation: Installation, engine: Engine
) -> None:
    assert check_agencies(engine) == []
    with transaction(engine) as connection:
        connection.execute(
            update(agencies).where(agencies.c.code == COMMUNE.code).values(tax_code="abc", chapter="x")
        )
    (told,) = check_agencies(engine)
    assert told == (
        "Agency ubnd-phuong has a wrong tax_code, chapter: put it right with `thuphi agency correct ubnd-phuong`."
    )
