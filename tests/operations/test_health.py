"""What operators watch: alive, ready, and figures that tell no more than they should."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import anyio
import httpx
from starlette.types import ASGIApp

from payments.app import make_web
from payments.metrics import CACHE_SECONDS, Measures
from payments.store.database import make_engine
from payments.use_cases.doctor import check_database
from tests.gateway import Installation
from tests.use_cases.money import bring, open_bank_page


def get(application: ASGIApp, path: str, method: str = "GET") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.request(method, path)

    return anyio.run(ask)


def figures(text: str) -> Mapping[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_whole_installation_is_alive_and_ready(installation: Installation) -> None:
    web = make_web(installation.gateway)
    assert get(web, "/healthz").status_code == 200
    assert get(web, "/readyz").json() == {"ready": True}


def test_an_unmigrated_database_is_not_ready_and_says_what_to_do(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    assert check_database(engine).endswith("run `thuphi migrate`.")
    engine.dispose()


def test_an_unreachable_database_is_told_without_its_password(free_port: int) -> None:
    engine = make_engine(f"postgresql://thuphi:hunter2@127.0.0.1:{free_port}/thuphi")
    told = check_database(engine)
    engine.dispose()
    assert told.startswith("No PostgreSQL listens at the host and port")
    assert "hunter2" not in told


def test_readiness_and_figures_are_503_when_the_database_is_gone(
    installation: Installation, free_port: int
) -> None:
    from dataclasses import replace

    gone = make_engine(f"postgresql://thuphi:hunter2@127.0.0.1:{free_port}/thuphi")
    web = make_web(replace(installation.gateway, engine=gone))
    for path in ("/readyz", "/metrics"):
        answer = get(web, path)
        assert answer.status_code == 503
        assert "No PostgreSQL listens" in answer.text
        assert "hunter2" not in answer.text
    assert get(web, "/healthz").status_code == 200
    gone.dispose()


def test_the_figures_count_requests_payments_notices_and_jobs(installation: Installation) -> None:
    paid = installation.request_payment(dossier_code="1")
    installation.request_payment(dossier_code="2")
    bring(installation, installation.bank.notice(open_bank_page(installation, paid)), "vnp_SecureHash=no")
    installation.clock.advance(seconds=90)
    found = figures(Measures(installation.gateway.engine, installation.clock).text().decode())
    assert found['thuphi_payment_requests{state="open"}'] == 1
    assert found['thuphi_payment_requests{state="paid"}'] == 1
    assert found['thuphi_payments{account="vnpay",disposition="settled"}'] == 1
    assert found['thuphi_attempts{account="vnpay",state="paid"}'] == 1
    assert found['thuphi_notices{account="vnpay",result="recorded"}'] == 1
    assert found['thuphi_notices{account="vnpay",result="bad_signature"}'] == 1
    assert found['thuphi_jobs{kind="render_receipt",state="queued"}'] == 1
    assert found['thuphi_job_age_seconds{kind="render_receipt"}'] == 90


def test_the_database_is_asked_at_most_once_in_ten_seconds(installation: Installation) -> None:
    moment = 0.0
    measures = Measures(installation.gateway.engine, installation.clock, lambda: moment)

    def opened() -> float:
        return figures(measures.text().decode()).get('thuphi_payment_requests{state="open"}', 0)

    assert opened() == 0
    installation.request_payment()
    moment = CACHE_SECONDS - 0.1
    assert opened() == 0
    moment = CACHE_SECONDS
    assert opened() == 1


def test_old_notices_leave_the_figures(installation: Installation) -> None:
    bring(installation, "vnp_SecureHash=no")
    installation.clock.advance(days=1, seconds=1)
    text = Measures(installation.gateway.engine, installation.clock).text().decode()
    assert "bad_signature" not in text


def test_strangers_cannot_invent_labels_or_read_tokens_in_the_figures(installation: Installation) -> None:
    web = make_web(installation.gateway)
    token = installation.token(installation.request_payment())
    get(web, f"/pay/{token}")
    get(web, "/surely-not-there", "BREW")
    text = get(web, "/metrics").text
    assert token not in text
    assert "surely-not-there" not in text
    assert "BREW" not in text
    assert any('area="pay",method="GET",status="200"' in name for name in figures(text))


def test_times_of_answers_are_measured_in_seconds(installation: Installation) -> None:
    web = make_web(installation.gateway)
    get(web, "/healthz")
    found = figures(get(web, "/metrics").text)
    spent = found['thuphi_http_request_seconds_sum{area="healthz",method="GET",status="200"}']
    assert 0 < spent < timedelta(minutes=5).total_seconds()
