"""The books after any history: whatever arrives, in whatever order and company, the laws hold."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from payments.core.refusals import Conflict
from payments.store.attempts import find_attempt, get_attempt
from payments.store.database import make_engine, transaction
from payments.store.tables import attempts
from payments.use_cases.expire_payment import expire_payment
from payments.use_cases.refund_payment import approve_refund, reject_refund, request_refund
from payments.use_cases.send_refund import send_refund
from tests.gateway import Installation, make_installation
from tests.use_cases.money import FAILED, bring, check_books, open_bank_page, reference_in, rows

REQUESTS = 3
UNKNOWN = "TPNOBODYKNOWSTHIS"

changes = st.fixed_dictionaries(
    {},
    optional={
        "vnp_Amount": st.sampled_from(["500000", "500000", "100", "50000000"]),
        "vnp_TransactionNo": st.sampled_from(["14100001", "14100002", "14100003"]),
        "vnp_TransactionStatus": st.sampled_from(["00", "01", "02", "04", "07", "77"]),
        "vnp_TxnRef": st.just(UNKNOWN),
    },
)
messages = st.tuples(st.integers(0, REQUESTS - 1), st.one_of(st.just({}), st.just(FAILED), changes))
steps = st.one_of(
    st.tuples(st.just("notices"), st.lists(messages, min_size=1, max_size=5)),
    st.tuples(st.just("expire"), st.integers(0, REQUESTS - 1)),
    st.tuples(st.just("refund"), st.integers(1, 6_000)),
    st.tuples(st.sampled_from(["approve", "reject"]), st.integers(0, 9)),
    st.tuples(st.just("send"), st.integers(0, 9)),
    st.tuples(st.just("known"), st.integers(0, REQUESTS - 1)),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, max_size=12))
def test_T53_after_any_history_the_books_balance_and_the_chains_hold(
    migrated_sqlite_file: Path, history: list[tuple[str, object]]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        engine = make_engine(f"sqlite:///{shutil.copy(migrated_sqlite_file, directory)}")
        installation = make_installation(engine)
        requests = [installation.request_payment(dossier_code=f"HS-{index}") for index in range(REQUESTS)]
        pages = [open_bank_page(installation, request) for request in requests]
        try:
            for action, detail in history:
                _take(installation, pages, [request.id for request in requests], action, detail)
                check_books(engine)
        finally:
            engine.dispose()


def _take(installation: Installation, pages: list[str], ids: list[str], action: str, detail: object) -> None:
    gateway = installation.gateway
    if action == "notices" and isinstance(detail, list):
        bring(installation, *(installation.bank.notice(pages[index], **changed) for index, changed in detail))
    elif action == "expire" and isinstance(detail, int):
        expire_payment(gateway, ids[detail])
    elif action == "wait" and isinstance(detail, int):
        installation.clock.advance(minutes=detail)
    elif action == "known" and isinstance(detail, int):
        _make_known(installation, pages[detail])
    elif isinstance(detail, int):
        _refund(installation, action, detail)


def _refund(installation: Installation, action: str, detail: int) -> None:
    gateway = installation.gateway
    if action == "refund":
        for payment in rows(gateway.engine, "payments")[:1]:
            _quietly(request_refund, gateway, payment.id, detail, "thử", "user:clerk")
        return
    for refund in rows(gateway.engine, "refunds")[detail % 3 : detail % 3 + 1]:
        if action == "approve":
            _quietly(approve_refund, gateway, refund.reference, "user:officer")
        elif action == "reject":
            _quietly(reject_refund, gateway, refund.reference, "user:officer", "không")
        else:
            send_refund(gateway, refund.reference)


def _make_known(installation: Installation, page: str) -> None:
    """Let the attempt that nobody knows appear, beside the one of ``page``."""
    with transaction(installation.gateway.engine) as connection:
        if find_attempt(connection, UNKNOWN) is None:
            known = get_attempt(connection, reference_in(page))
            columns = {column.name: getattr(known, column.name) for column in attempts.c}
            connection.execute(insert(attempts), {**columns, "reference": UNKNOWN})


def _quietly(work: Callable[..., object], *arguments: object) -> None:
    """Do ``work``; what contradicts the present state is refused, and that is all."""
    with suppress(Conflict):
        work(*arguments)
