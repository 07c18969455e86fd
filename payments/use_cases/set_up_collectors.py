"""Who collects, and which procedures can be paid for: adding, and correcting what was mistyped.

What an agency is called and its codes stand on every receipt, so they are examined before they are kept, and a
correction is written into the audit log with what stood there before. Receipts that were issued keep what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from payments.core.refusals import Conflict, Invalid, NotFound, Problem
from payments.store import preparation as store
from payments.store.agencies import find_agencies, find_procedure
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.gateway import Gateway
from payments.use_cases.prepare import Agency, procedure_row

# Field, what it must look like, and how that is said.
SHAPES = (
    (
        "code",
        r"[a-z0-9][a-z0-9-]{0,39}",
        "1–40 chữ thường không dấu, chữ số, gạch nối",
        "1 to 40 of a-z, 0-9 and hyphen",
    ),
    ("name_vi", r"\S.{0,298}\S", "tên dài 2–300 ký tự", "a name of 2 to 300 characters"),
    ("name_en", r"\S.{0,298}\S", "tên dài 2–300 ký tự", "a name of 2 to 300 characters"),
    (
        "tax_code",
        r"[0-9]{10}(-[0-9]{3})?",
        "mã số thuế 10 số, hoặc 10 số-3 số",
        "a tax code of 10 digits, or 10-3",
    ),
    ("address", r"\S.{0,298}\S", "địa chỉ dài 2–300 ký tự", "an address of 2 to 300 characters"),
    (
        "territory",
        r"([0-9]{2}(/[0-9]{2}(/[0-9a-z-]{1,40})?)?)?",
        "mã tỉnh, như 31 hoặc 31/30",
        "a province code, such as 31 or 31/30",
    ),
    ("chapter", r"[0-9]{3}", "chương ngân sách 3 số", "a budget chapter of 3 digits"),
    (
        "area_code",
        r"[0-9]{5}|[0-9]{7}",
        "mã địa bàn 5 số hoặc mã ĐVQHNS 7 số",
        "5 digits (địa bàn) or 7 (ĐVQHNS)",
    ),
    ("collector_status", r"lump_sum|budget", "lump_sum hoặc budget", "lump_sum or budget"),
)

Changes = Mapping[str, tuple[Any, Any]]
"""What was corrected: field → what stood there, and what stands there now."""


@dataclass(frozen=True, slots=True)
class OpenProcedure:
    """Who decides a procedure here, from which day it can be paid, and what becomes of late money: settle or hold."""

    code: str
    agency_code: str
    payable_from: date
    late_payment: str = "settle"


def problems_of_agency(agency: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Everything about an agency that no receipt should carry."""
    return tuple(
        Problem(field, f"Phải là {said_vi}.", f"This must be {said_en}.")
        for field, shape, said_vi, said_en in SHAPES
        if re.fullmatch(shape, str(agency[field])) is None
    )


def add_agency(gateway: Gateway, actor: str, agency: Agency) -> bool:
    """Let an agency collect; False when it is known just like this.

    Raises Invalid naming every wrong field, NotFound for an unknown parent, and Conflict when the code or the tax code
    belongs to another one.
    """
    _check(asdict(agency))
    with transaction(gateway.engine) as connection:
        known = find_agencies(connection, {agency.code}).get(agency.code)
        if known is not None:
            _refuse_other(
                f"agency {agency.code}", _differences(known, asdict(agency)), "thuphi agency correct"
            )
            return False
        _check_parent(connection, agency.code, agency.parent_code)
        _write(lambda: store.add_agency(connection, asdict(agency)))
        _note(gateway, connection, actor, "agency.added", f"agency:{agency.code}", asdict(agency))
    return True


def correct_agency(gateway: Gateway, actor: str, code: str, given: Mapping[str, Any]) -> Changes:
    """Put right what is ``given`` of an agency, and say what changed.

    Raises NotFound, Invalid naming every wrong field, and Conflict when the tax code belongs to another agency.
    """
    with transaction(gateway.engine) as connection:
        known = find_agencies(connection, {code}).get(code)
        if known is None:
            raise _unknown_agency(code)
        changes = _differences(known, given)
        _check({**known._mapping, **given})
        if "parent_code" in changes:
            _check_parent(connection, code, given["parent_code"])
        if changes:
            _write(
                lambda: store.change_agency(connection, code, {name: changes[name][1] for name in changes})
            )
            _note(gateway, connection, actor, "agency.corrected", f"agency:{code}", _told(changes))
    return changes


def open_procedure(gateway: Gateway, actor: str, wanted: OpenProcedure) -> bool:
    """Open a procedure of the catalogue for payment; False when it is open just like this.

    Raises NotFound for an unknown procedure or agency, and Conflict when it is open in another way.
    """
    catalogue = current_catalogue(gateway)
    row = procedure_row(catalogue, wanted.code, wanted.agency_code, wanted.payable_from, wanted.late_payment)
    with transaction(gateway.engine) as connection:
        _check_agency(connection, wanted.agency_code)
        known = find_procedure(connection, wanted.code)
        if known is not None:
            differences = _differences(known, asdict(wanted))
            _refuse_other(f"procedure {wanted.code}", differences, "thuphi procedure correct")
            return False
        store.add_procedures(connection, [row])
        _note(
            gateway, connection, actor, "procedure.opened", f"procedure:{wanted.code}", _plain(asdict(wanted))
        )
    return True


def correct_procedure(gateway: Gateway, actor: str, code: str, given: Mapping[str, Any]) -> Changes:
    """Put right what is ``given`` of an open procedure, and say what changed; requests made already stay as they are.

    Raises NotFound for a procedure that is not open or an unknown agency.
    """
    with transaction(gateway.engine) as connection:
        known = find_procedure(connection, code)
        if known is None:
            raise NotFound(
                "unknown_procedure",
                f"Thủ tục {code} chưa mở thanh toán.",
                f"Procedure {code} is not open for payment: open it with `thuphi procedure open`.",
            )
        changes = _differences(known, given)
        if "agency_code" in changes:
            _check_agency(connection, given["agency_code"])
        if changes:
            store.change_procedure(connection, code, {name: changes[name][1] for name in changes})
            _note(gateway, connection, actor, "procedure.corrected", f"procedure:{code}", _told(changes))
    return changes


def _differences(known: Row[Any], given: Mapping[str, Any]) -> Changes:
    kept = known._mapping
    return {name: (kept[name], value) for name, value in given.items() if kept[name] != value}


def _check(agency: Mapping[str, Any]) -> None:
    problems = problems_of_agency(agency)
    if problems:
        raise Invalid(
            "invalid_agency", "Thông tin cơ quan chưa đúng.", "The agency's details are not right.", problems
        )


def _check_parent(connection: Connection, code: str, parent_code: str | None) -> None:
    if parent_code is None:
        return
    _check_agency(connection, parent_code)
    if parent_code == code:
        raise Conflict(
            "own_parent", "Cơ quan không thể trực thuộc chính mình.", "No body stands above itself."
        )


def _check_agency(connection: Connection, code: str) -> None:
    if code not in find_agencies(connection, {code}):
        raise _unknown_agency(code)


def _unknown_agency(code: str) -> NotFound:
    return NotFound(
        "unknown_agency",
        f"Không có cơ quan {code}.",
        f"There is no agency {code}: add it with `thuphi agency add`.",
    )


def _refuse_other(what: str, differences: Changes, command: str) -> None:
    """Adding again what is known is harmless as long as it says the same."""
    if differences:
        told = "; ".join(
            f"{name} is “{known}”, not “{given}”" for name, (known, given) in differences.items()
        )
        raise Conflict(
            "known_otherwise",
            f"Đã có với thông tin khác và không thay đổi gì; hãy sửa bằng {command}.",
            f"The {what} is known already and was not changed ({told}): `{command}` puts it right.",
        )


def _write(change: Any) -> None:
    try:
        change()
    except IntegrityError as taken:
        raise Conflict(
            "tax_code_taken", "Cơ quan khác đã có mã số thuế này.", "Another agency has this tax code."
        ) from taken


def _told(changes: Changes) -> dict[str, Any]:
    return {name: _plain({"was": was, "is": now}) for name, (was, now) in changes.items()}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}


def _note(
    gateway: Gateway, connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    note(connection, [AuditEntry(actor, action, subject, detail)], gateway.now())


def problems_of_agencies(rows: Iterable[Row[Any]]) -> list[str]:
    """One sentence for each agency that no receipt should be written for, for `thuphi doctor`."""
    found = [(row.code, [each.field for each in problems_of_agency(dict(row._mapping))]) for row in rows]
    return [
        f"Agency {code} has a wrong {', '.join(fields)}: put it right with `thuphi agency correct {code}`."
        for code, fields in found
        if fields
    ]
