"""The books can be checked from outside, and a start never changes what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, delete, func, select, update

from payments.core.refusals import Conflict
from payments.demo.standing import prepare_province
from payments.store.database import reading, transaction
from payments.store.tables import agencies, fee_schedules, procedures, provider_accounts, transfers
from payments.use_cases.prepare import prepare_accounts
from payments.use_cases.publish_shipped import publish_shipped
from payments.use_cases.verify_ledger import verify_ledger
from tests.gateway import Installation, catalogue_files, vnpay_account
from tests.use_cases.money import bring, open_bank_page


def take_protection_off(engine: Engine) -> None:
    """What somebody with the database's own password can do: remove the triggers that keep rows as written."""
    with transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE transfers DISABLE TRIGGER USER")
            return
        found = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfers'"
        for name in connection.exec_driver_sql(found).scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def pay(installation: Installation, number: str) -> None:
    request = installation.request_payment(dossier_code=number)
    page = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(page, vnp_TransactionNo=number))


def test_whole_books_have_no_fault_and_balance(installation: Installation) -> None:
    for number in ("1", "2", "3"):
        pay(installation, number)
    found = verify_ledger(installation.gateway)
    assert found.faults == ()
    assert found.transfers >= 3
    assert sum(found.balances_dong.values()) == 0
    assert found.balances_dong["receivable:vnpay"] == 15_000


def test_a_changed_a_missing_and_a_last_row_taken_out_are_each_named(installation: Installation) -> None:
    for number in ("1", "2", "3"):
        pay(installation, number)
    engine = installation.gateway.engine
    take_protection_off(engine)
    with transaction(engine) as connection:
        connection.execute(update(transfers).where(transfers.c.position == 2).values(amount_dong=1))
    (fault,) = verify_ledger(installation.gateway).faults
    assert fault == "Chain vnpay, row 2 was changed after it was written."
    last = verify_ledger(installation.gateway).transfers
    with transaction(engine) as connection:
        connection.execute(delete(transfers).where(transfers.c.position == last))
    assert any("last rows are gone" in fault for fault in verify_ledger(installation.gateway).faults)
    with transaction(engine) as connection:
        connection.execute(delete(transfers).where(transfers.c.position == 1))
    assert "Chain vnpay has no row 1: it was taken out." in verify_ledger(installation.gateway).faults


def counts(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (agencies, procedures, provider_accounts, fee_schedules)
        ]


def test_preparing_again_changes_nothing_and_opens_thirty_procedures(installation: Installation) -> None:
    before = counts(installation.gateway.engine)
    publish_shipped(installation.gateway, catalogue_files())
    prepare_province(installation.gateway)
    assert counts(installation.gateway.engine) == before
    assert before[1] >= 30
    assert before[3] > 0


def test_a_published_schedule_cannot_be_changed_without_a_new_version(installation: Installation) -> None:
    changed = {name: text + "\n# changed\n" for name, text in catalogue_files().items()}
    with pytest.raises(Conflict, match="raise its version in each file, or begin anew"):
        publish_shipped(installation.gateway, changed)


def test_an_account_code_never_changes_its_merchant_nor_a_merchant_its_code(
    installation: Installation,
) -> None:
    other_merchant = {"vnpay": vnpay_account(terminal="THUPHI02")}
    other_code = {"another": vnpay_account("another")}
    for accounts in (other_merchant, other_code):
        with pytest.raises(Conflict, match="mixed up"):
            prepare_accounts(replace(installation.gateway, accounts=accounts))


def test_a_further_account_is_added_and_an_absent_one_stays(installation: Installation) -> None:
    further = {"further": vnpay_account("further", terminal="THUPHI02")}
    prepare_accounts(replace(installation.gateway, accounts=further))
    assert counts(installation.gateway.engine)[2] == 2
