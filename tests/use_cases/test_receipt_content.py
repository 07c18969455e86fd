"""What a receipt says: the lines that were collected, by collector, each with its reason once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, update

from payments.core.refusals import Invalid
from payments.store.database import transaction
from payments.store.tables import agencies, receipts
from payments.use_cases.receipt_content import lines_by_collector
from payments.use_cases.wishes import Payer
from tests.gateway import Installation
from tests.use_cases.money import bring, counts, open_bank_page

LINE = {"agency_code": "a", "amount_dong": 5_000, "kind": "fee"}


def test_nothing_collected_and_outside_duties_are_on_no_receipt() -> None:
    other = {**LINE, "agency_code": "b", "kind": "charge"}
    lines = [LINE, other, {**LINE, "amount_dong": 0}, {**LINE, "kind": "obligation"}]
    assert lines_by_collector(lines) == {"a": [LINE], "b": [other]}


def test_the_reason_and_its_source_stand_on_the_receipt_once(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment(payer=Payer("Nguyễn Văn Ổn", "8001234567", "Số 1 Lê Lợi"))
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    with engine.connect() as connection:
        content = connection.execute(select(receipts.c.content)).scalar_one()
    (line,) = content["lines"]
    assert line["legal_basis"] == "khoản 1 Điều 4 Thông tư 226/2016/TT-BTC"
    assert line["explanation_vi"] == "1 bản × (2 trang × 2.000 đ + 1 trang × 1.000 đ) = 5.000 đ"
    assert content["payer"] == {"name": "Nguyễn Văn Ổn", "tax_code": "8001234567", "address": "Số 1 Lê Lợi"}
    assert content["payment_method"] == "VNPAY (NCB ATM)"
    assert content["verify_url"].endswith(f"/r/{content['lookup_code']}")


def test_a_payer_who_is_not_known_is_not_on_the_receipt(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment(payer=Payer())
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    with engine.connect() as connection:
        assert connection.execute(select(receipts.c.content)).scalar_one()["payer"] is None


def test_a_receipt_that_could_not_be_written_is_found_out_before_the_money_comes(
    installation: Installation, engine: Engine
) -> None:
    with transaction(engine) as connection:
        connection.execute(update(agencies).where(agencies.c.code == "ubnd-phuong").values(tax_code="none"))
    with pytest.raises(Invalid) as refused:
        installation.request_payment()
    assert refused.value.code == "receipt_impossible"
    before = replace(installation.gateway, public_url="not an address")
    with pytest.raises(Invalid):
        replace(installation, gateway=before).request_payment()
    assert counts(engine)["payments"] == 0
