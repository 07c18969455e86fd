"""Money through its one door, on both databases: what arrives twice counts once, what is wrong is held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, insert

from payments.store.attempts import get_attempt
from payments.store.database import transaction
from payments.store.tables import attempts
from payments.use_cases.ask_provider import ask_provider, reconsider_notice
from payments.use_cases.gateway import ProviderAccount
from providers.protocol import ALL_COVERED, Acknowledgement, Covered, Incoming, Notice
from providers.vnpay import VnPay
from tests.gateway import Installation, make_installation, vnpay_account
from tests.use_cases.money import (
    FAILED,
    attempt_state,
    bring,
    check_books,
    counts,
    open_bank_page,
    reference_in,
    rows,
    shown,
    troubles,
)

ONCE = {"paid": 1, "payments": 1, "receipts": 1, "events": 1}


def test_T03_a_callback_before_its_attempt_is_visible_is_kept_and_applied_later(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    query = installation.bank.notice(url, vnp_TxnRef="TPNOTYETVISIBLE")
    assert [outcome.acknowledgement for outcome in bring(installation, query)] == [
        Acknowledgement.UNKNOWN_ORDER
    ]
    assert (troubles(engine), counts(engine)["paid"]) == (["unknown_reference"], 0)
    queued = [row.subject for row in rows(engine, "jobs") if row.kind == "reconsider_notice"]
    assert queued == [rows(engine, "notices")[0].id]
    check_books(engine)

    _make_known(installation, url, "TPNOTYETVISIBLE")
    outcome = reconsider_notice(installation.gateway, queued[0])

    assert outcome is not None
    assert outcome.decision == "released"
    assert (troubles(engine), counts(engine)) == ([], ONCE)
    assert [(row.times_seen, row.decision) for row in rows(engine, "notices")] == [(1, "released")]
    assert shown(installation, request).state == "paid"
    check_books(engine)


def test_a_message_shows_what_it_led_to_in_the_end(installation: Installation, engine: Engine) -> None:
    url = open_bank_page(installation, installation.request_payment())
    query = installation.bank.notice(url, vnp_TxnRef="TPLATE")
    bring(installation, query)
    (message,) = rows(engine, "notices")
    reconsider_notice(installation.gateway, message.id)
    bring(installation, query)
    assert [row.decision for row in rows(engine, "notices")] == ["held_unknown_reference"]
    again = installation.bank.notice(url, vnp_TxnRef="TPLATE", vnp_BankTranNo="VNP14100002")
    bring(installation, again)
    _make_known(installation, url, "TPLATE")
    assert [bring(installation, one)[0].decision for one in (again, query)] == ["released", "repeated"]
    assert sorted(row.decision for row in rows(engine, "notices")) == ["released", "repeated"]


def _make_known(installation: Installation, url: str, reference: str) -> None:
    """Let an attempt like the one of ``url`` appear under ``reference``."""
    with transaction(installation.gateway.engine) as connection:
        known = get_attempt(connection, reference_in(url))
        columns = {column.name: getattr(known, column.name) for column in attempts.c}
        connection.execute(insert(attempts), {**columns, "reference": reference})


def test_T12_a_nul_in_a_signed_text_keeps_no_money_out(installation: Installation, engine: Engine) -> None:
    url = open_bank_page(installation, installation.request_payment())
    nobodys = installation.bank.notice(url, vnp_TxnRef="TP\0", vnp_TransactionNo="1410\0", vnp_Amount="100")
    outcomes = bring(installation, installation.bank.notice(url, vnp_CardType="AT\0M"), nobodys)
    assert [outcome.decision for outcome in outcomes] == ["settled", "held_unknown_reference"]
    settled, held = rows(engine, "payments")
    assert (settled.method, held.told_reference) == ("NCB AT\ufffdM", "TP\ufffd")
    check_books(engine)


def test_T04_a_failure_of_the_first_attempt_after_success_of_the_second_stays_paid(
    engine: Engine,
) -> None:
    second = vnpay_account("second", terminal="THUPHI02")
    installation = make_installation(engine, accounts=(vnpay_account(), second))
    request = installation.request_payment()
    first_url = open_bank_page(installation, request)
    second_url = open_bank_page(installation, request, "second")
    assert [o.decision for o in bring(installation, _second(installation, second_url), account="second")] == [
        "settled"
    ]
    late_failure = installation.bank.notice(first_url, **FAILED)
    assert [outcome.decision for outcome in bring(installation, late_failure)] == ["attempt_failed"]
    assert shown(installation, request).state == "paid"
    assert counts(engine) == ONCE
    check_books(engine)


def test_T05_a_failure_after_success_of_the_same_attempt_stays_paid_and_is_shown(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url))
    outcomes = bring(installation, installation.bank.notice(url, **FAILED))
    assert [outcome.acknowledgement for outcome in outcomes] == [Acknowledgement.DUPLICATE]
    assert (shown(installation, request).state, troubles(engine)) == ("paid", ["contradiction"])
    assert counts(engine) == ONCE
    check_books(engine)


def test_T06_a_failure_that_the_provider_corrects_is_paid_after_a_query(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, **FAILED))
    assert attempt_state(engine, reference_in(url)) == "failed"
    installation.bank.choose(url, "pay")
    outcomes = bring(installation, installation.bank.notices[0])
    assert [outcome.decision for outcome in outcomes] == ["asked_after_failure"]
    assert shown(installation, request).state == "open"
    assert ask_provider(installation.gateway, reference_in(url)) is None
    assert (shown(installation, request).state, counts(engine)) == ("paid", ONCE)
    assert [row.decision for row in rows(engine, "notices") if row.source == "query"] == ["settled"]
    check_books(engine)


def test_T07_a_callback_with_any_field_changed_is_refused_and_poisons_nothing(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    genuine = installation.bank.notice(url)
    pairs = genuine.split("&")
    forged = []
    for index, pair in enumerate(pairs):
        name, _, value = pair.partition("=")
        changed = f"{name}={'0' if value[:1] != '0' else '1'}{value[1:]}"
        forged.append("&".join([*pairs[:index], changed, *pairs[index + 1 :]]))
    outcomes = bring(installation, *forged)
    assert {outcome.acknowledgement for outcome in outcomes} == {Acknowledgement.BAD_SIGNATURE}
    assert shown(installation, request).state == "open"
    assert attempt_state(engine, reference_in(url)) == "pending"
    kept = rows(engine, "notices")
    assert len(kept) == len(forged)
    assert {(row.verdict, row.amount_dong, row.reference) for row in kept} == {("", None, "")}
    assert bring(installation, genuine)[0].decision == "settled"
    assert counts(engine) == ONCE


def test_T07_callbacks_refused_for_a_mistyped_key_are_not_lost(engine: Engine) -> None:
    mistyped = make_installation(engine, accounts=(vnpay_account(secret="MISTYPEDMISTYPEDMISTYPEDMISTYPED"),))
    request = mistyped.request_payment()
    url = open_bank_page(mistyped, request)
    query = mistyped.bank.notice(url)
    assert bring(mistyped, query)[0].acknowledgement is Acknowledgement.BAD_SIGNATURE
    corrected = make_installation(engine, clock=mistyped.clock)
    outcome = reconsider_notice(corrected.gateway, rows(engine, "notices")[0].id)
    assert outcome is not None
    assert outcome.decision == "settled"
    assert counts(engine) == ONCE
    assert rows(engine, "notices")[0].decision == "settled"


@pytest.mark.parametrize("other", ["499900", "500100", "50000000", "5000"])
def test_T08_another_amount_is_held_with_both_numbers_never_paid_never_failed(
    installation: Installation, engine: Engine, other: str
) -> None:
    request = installation.request_payment()
    assert request.amount_dong == 5_000
    url = open_bank_page(installation, request)
    outcomes = bring(installation, installation.bank.notice(url, vnp_Amount=other))
    assert [outcome.acknowledgement for outcome in outcomes] == [Acknowledgement.WRONG_AMOUNT]
    assert attempt_state(engine, reference_in(url)) == "expired"
    after = shown(installation, request)
    assert (after.state, len(after.held_payments), after.receipts) == ("open", 1, ())
    found = rows(engine, "discrepancies")
    assert [(row.kind, row.expected_dong, row.actual_dong) for row in found] == [
        ("wrong_amount", 5_000, int(other) // 100)
    ]
    assert counts(engine) == {"paid": 0, "payments": 1, "receipts": 0, "events": 0}
    again = bring(installation, installation.bank.notice(url, vnp_Amount=other))
    assert [outcome.acknowledgement for outcome in again] == [Acknowledgement.WRONG_AMOUNT]
    assert counts(engine)["payments"] == 1
    check_books(engine)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("amount_dong", [5_000, 6_000])
def test_one_number_told_of_two_attempts_is_shown_and_leaves_the_second_open(
    installation: Installation, engine: Engine, together: bool, amount_dong: int
) -> None:
    requests = [installation.request_payment(dossier_code=code) for code in ("HS-A", "HS-B")]
    pages = [open_bank_page(installation, request) for request in requests]
    queries = [installation.bank.notice(page, vnp_Amount=str(amount_dong * 100)) for page in pages]
    batches = [queries] if together else [[query] for query in queries]
    outcomes = [outcome for batch in batches for outcome in bring(installation, *batch)]
    assert [outcome.decision for outcome in outcomes][1:] == ["contradicted"]
    assert "contradiction" in troubles(engine)
    assert attempt_state(engine, reference_in(pages[1])) == "pending"
    assert shown(installation, requests[1]).state == "open"
    asked = [row.subject for row in rows(engine, "jobs") if row.run_at == installation.clock.moment]
    assert reference_in(pages[1]) in asked
    check_books(engine)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("numbers", [("14100001", "0"), ("0", "14100001"), ("0", "0")])
def test_money_for_an_unknown_order_is_booked_once_also_where_a_message_lacks_its_number(
    installation: Installation, engine: Engine, numbers: tuple[str, str], together: bool
) -> None:
    url = open_bank_page(installation, installation.request_payment())
    queries = [
        installation.bank.notice(
            url, vnp_TxnRef="TPNOBODY", vnp_TransactionNo=number, vnp_BankTranNo=f"V{index}"
        )
        for index, number in enumerate(numbers)
    ]
    batches = [queries] if together else [[query] for query in queries]
    outcomes = [outcome for batch in batches for outcome in bring(installation, *batch)]
    assert [outcome.decision for outcome in outcomes] == ["held_unknown_reference", "unknown_order_again"]
    assert [row.amount_dong for row in rows(engine, "payments")] == [5_000]
    assert troubles(engine) == ["unknown_reference"]
    check_books(engine)


def test_T09_a_message_for_another_merchant_or_environment_is_refused(engine: Engine) -> None:
    installation = make_installation(engine)
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    same_key_other_terminal = installation.bank.notice(url, vnp_TmnCode="OTHER001")
    elsewhere = make_installation(engine, clock=installation.clock)
    elsewhere.bank.secret = "THESECRETOFANOTHERENVIRONMENT001"
    outcomes = bring(installation, same_key_other_terminal, elsewhere.bank.notice(url))
    assert [outcome.decision for outcome in outcomes] == ["refused", "refused"]
    assert shown(installation, request).state == "open"
    assert counts(engine)["payments"] == 0


class StatusUnsigned(VnPay):
    """A provider whose signature leaves the status out, as KeyPay's national variant does."""

    def hear(self, incoming: Incoming) -> Notice:
        return replace(super().hear(incoming), covered=ALL_COVERED - {Covered.STATUS})


def test_T10_a_provider_that_does_not_sign_the_status_cannot_mark_paid_without_a_query(
    engine: Engine,
) -> None:
    strong = vnpay_account()
    weak = StatusUnsigned.from_settings(
        {
            "terminal_code": "THUPHI01",
            "hash_secret": "SANDBOXSECRETSANDBOXSECRET000001",
            "pay_url": "http://127.0.0.1:9999/paymentv2/vpcpay.html",
            "api_url": "http://127.0.0.1:9999/merchant_webapi/api/transaction",
        }
    )
    installation = make_installation(engine, accounts=(ProviderAccount(strong.code, weak, frozenset()),))
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    installation.bank.choose(url, "pay")
    assert bring(installation, installation.bank.notices[0])[0].decision == "asked_for_evidence"
    assert shown(installation, request).state == "open"
    assert ask_provider(installation.gateway, reference_in(url)) is None
    assert (shown(installation, request).state, counts(engine)) == ("paid", ONCE)


def test_T18_a_settled_request_survives_every_later_message(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url))
    later = [
        installation.bank.notice(url, **FAILED),
        installation.bank.notice(url, vnp_ResponseCode="07", vnp_TransactionStatus="07"),
        installation.bank.notice(url, vnp_TransactionStatus="04"),
        installation.bank.notice(url, vnp_TransactionStatus="01"),
        installation.bank.notice(url, vnp_ResponseCode="77", vnp_TransactionStatus="77"),
        installation.bank.notice(url, vnp_Amount="100"),
    ]
    bring(installation, *later)
    assert shown(installation, request).state == "paid"
    assert counts(engine) == ONCE
    check_books(engine)


def _second(installation: Installation, url: str) -> str:
    """A paid IPN of the second terminal for the order of ``url``."""
    installation.bank.terminal = "THUPHI02"
    query = installation.bank.notice(url, vnp_TransactionNo="14200002")
    installation.bank.terminal = "THUPHI01"
    return query
