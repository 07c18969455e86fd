"""What is read and locked for a batch: in one order, with the grace, and all money of the attempts named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from payments.core.board import Board
from payments.store.attempts import get_attempt
from payments.store.database import reading, transaction
from payments.store.requests import find_request
from payments.store.standings import lock_board
from tests.gateway import ACCOUNT, Installation
from tests.use_cases.money import bring, open_bank_page, reference_in, rows

GRACE = timedelta(minutes=7)
LONG_ENOUGH_TO_LOCK_SECONDS = 0.3


def board_of(engine: Engine, *references: str, number: str = "unused") -> Board:
    named = [(ACCOUNT, reference) for reference in references]
    with transaction(engine) as connection:
        return lock_board(connection, named, [(ACCOUNT, number)], GRACE)


def test_batches_that_want_the_same_rows_queue_and_never_wait_in_a_circle(
    installation: Installation, engine: Engine
) -> None:
    requests = []
    for index in range(2):
        requests.append(installation.request_payment(dossier_code=f"HS-{index}"))
        installation.clock.advance(seconds=1)
    # The attempt of the later request lies first in the table, so no plan gives the right order by chance.
    later, earlier = (reference_in(open_bank_page(installation, request)) for request in requests[::-1])
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as connection:
            lock_board(connection, [(ACCOUNT, earlier)], [], GRACE)
            both = pool.submit(board_of, engine, later, earlier)
            with pytest.raises(TimeoutError):
                both.result(LONG_ENOUGH_TO_LOCK_SECONDS)
            lock_board(connection, [(ACCOUNT, later)], [], GRACE)
        board = both.result()
    assert list(board.requests) == [request.id for request in requests]


def test_a_batch_with_two_attempts_of_a_request_and_one_with_the_second_never_wait_in_a_circle(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    first = reference_in(open_bank_page(installation, request))
    installation.clock.advance(minutes=16)
    second = reference_in(open_bank_page(installation, request))
    with ThreadPoolExecutor(2) as pool:
        with transaction(engine) as connection:
            find_request(connection, request.id, lock=True)
            waiting = [pool.submit(board_of, engine, *names) for names in ([first, second], [second])]
            for board in waiting:
                with pytest.raises(TimeoutError):
                    board.result(LONG_ENOUGH_TO_LOCK_SECONDS)
        both, one = (board.result() for board in waiting)
    assert (len(both.attempts), len(one.attempts)) == (2, 1)


def test_an_attempt_is_answerable_until_its_end_and_the_grace(
    installation: Installation, engine: Engine
) -> None:
    reference = reference_in(open_bank_page(installation, installation.request_payment()))
    with reading(engine) as connection:
        expires_at = get_attempt(connection, reference).expires_at
    facts = board_of(engine, reference).attempts[ACCOUNT, reference]
    assert facts.answerable_until == expires_at + GRACE


def test_money_held_under_an_attempt_is_known_whatever_number_the_notice_bears(
    installation: Installation, engine: Engine
) -> None:
    url = open_bank_page(installation, installation.request_payment())
    bring(installation, installation.bank.notice(url, vnp_Amount="100"))
    (payment,) = rows(engine, "payments")
    board = board_of(engine, reference_in(url), number="another")
    assert board.holding == {(ACCOUNT, reference_in(url))}
    assert [money.id for money in board.money.values()] == [payment.id]
    assert board_of(engine, "TPOTHER", number="another").holding == set()
