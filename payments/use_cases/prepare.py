"""Make the database fit the settings, each time the gateway starts: provider accounts, agencies, procedures.

Nothing that exists is changed or removed: payments of last year still belong to the accounts of last year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from payments.core.fees.catalogue import Catalogue
from payments.core.ledger import provider_ledger_accounts
from payments.core.refusals import Conflict
from payments.store import preparation as store
from payments.store.database import transaction
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.gateway import Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A body that collects. ``collector_status``: "lump_sum" keeps a share of fees, "budget" does not."""

    code: str
    name_vi: str
    name_en: str
    tax_code: str
    address: str
    territory: str
    chapter: str
    area_code: str
    collector_status: str = "lump_sum"
    parent_code: str | None = None


def prepare_accounts(gateway: Gateway) -> None:
    """Give every provider account of the settings its rows in the database.

    Raises Conflict when an account's code was used for another merchant before: old payments would be asked
    about at the wrong one.
    """
    wanted = {
        code: {"code": code, "provider": account.provider.name, "merchant": account.provider.merchant}
        for code, account in gateway.accounts.items()
    }
    with transaction(gateway.engine) as connection:
        known = store.merchants(connection)
        for code, row in wanted.items():
            _check_account(code, row, known)
        ledger_codes = [each for code in wanted for each in provider_ledger_accounts(code)]
        store.add_provider_accounts(connection, list(wanted.values()), ledger_codes)


def _check_account(code: str, row: Mapping[str, str], known: Mapping[str, Row[Any]]) -> None:
    for other, kept in known.items():
        same_merchant = (kept.provider, kept.merchant) == (row["provider"], row["merchant"])
        if same_merchant != (other == code):
            raise Conflict(
                "account_reused",
                f"Tài khoản {code} trùng với tài khoản {other} đã dùng; hãy đặt mã mới hoặc giữ mã cũ.",
                f"Account {code} and account {other}, used before, are mixed up: a merchant keeps its code, "
                "and another merchant needs a new one.",
            )


def prepare_agencies(gateway: Gateway, agencies: Sequence[Agency]) -> None:
    """Add the agencies that are not there yet; a parent stands before its children."""
    with transaction(gateway.engine) as connection:
        store.add_agencies(connection, [asdict(agency) for agency in agencies])


def open_procedures(
    gateway: Gateway, agency_codes: Mapping[str, str], payable_from: date, late_payment: str = "settle"
) -> None:
    """Open procedures of the catalogue for payment: procedure code → the agency that decides it."""
    catalogue = current_catalogue(gateway)
    rows = [
        procedure_row(catalogue, code, agency, payable_from, late_payment)
        for code, agency in agency_codes.items()
    ]
    with transaction(gateway.engine) as connection:
        store.add_procedures(connection, rows)


def procedure_row(
    catalogue: Catalogue, code: str, agency_code: str, payable_from: date, late_payment: str
) -> dict[str, Any]:
    """A procedure of the catalogue as it is kept once it is open. Raises FeeRefusal when there is none."""
    procedure = catalogue.procedure(code)
    return {
        "code": procedure.code,
        "name_vi": procedure.name_vi,
        "name_en": procedure.name_en,
        "field_vi": procedure.field_vi,
        "agency_code": agency_code,
        "late_payment": late_payment,
        "payable_from": payable_from,
    }
