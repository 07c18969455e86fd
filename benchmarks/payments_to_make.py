"""Many payments that wait for their callback, and the callbacks, signed by the sandbox's own code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, select

from payments.store.database import transaction
from payments.store.tables import attempts, payment_request_lines, payment_requests
from payments.use_cases.start_checkout import start_checkout
from tests.gateway import ACCOUNT, PAYER_ADDRESS, make_installation

ROWS_PER_STATEMENT = 5_000


def prepare(engine: Engine, count: int) -> list[str]:
    """Write ``count`` payment requests with an attempt each; the query strings of the IPNs that pay them."""
    installation = make_installation(engine)
    model = installation.request_payment()
    url = start_checkout(installation.gateway, installation.token(model), ACCOUNT, PAYER_ADDRESS, "vi")
    with transaction(engine) as connection:
        request = _only(connection, payment_requests)
        lines = connection.execute(select(payment_request_lines)).mappings().all()
        attempt = _only(connection, attempts)
        numbers = range(count)
        _insert(
            connection,
            payment_requests,
            ({**request, "id": f"pr_{n}", "token": f"t{n}", "dossier_code": f"HS-{n}"} for n in numbers),
        )
        _insert(
            connection,
            payment_request_lines,
            ({**line, "request_id": f"pr_{n}"} for n in numbers for line in lines),
        )
        _insert(
            connection,
            attempts,
            ({**attempt, "reference": f"TPB{n}", "request_id": f"pr_{n}"} for n in numbers),
        )
    bank = installation.bank
    return [
        bank.notice(url, vnp_TxnRef=f"TPB{n}", vnp_TransactionNo=str(20_000_000 + n)) for n in range(count)
    ]


def _only(connection: Connection, table: Table) -> dict[str, Any]:
    return dict(connection.execute(select(table)).mappings().one())


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, ROWS_PER_STATEMENT)):
        connection.execute(insert(table), part)
