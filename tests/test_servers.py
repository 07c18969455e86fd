"""The servers that tests start are real ones, and each test has a database to itself."""

from __future__ import annotations

from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine, create_engine, inspect, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.servers.forks import forks_of
from tests.servers.http import serve
from tests.servers.network import three_free_ports
from tests.servers.postgresql import PostgreSQL


def hello(request: Request) -> HTMLResponse:
    return HTMLResponse("<title>Thu phí</title>")


APPLICATION = Starlette(routes=[Route("/", hello)])


def test_an_empty_database_takes_a_table(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_here (amount_dong BIGINT)"))
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM only_here")) == 0
    engine.dispose()


def test_an_engine_leads_to_a_migrated_database(engine: Engine) -> None:
    assert "payment_requests" in inspect(engine).get_table_names()


@pytest.mark.parametrize("turn", [1, 2])
def test_no_test_sees_the_tables_of_another(postgresql_url: str, turn: int) -> None:
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE left_behind (turn INTEGER)")
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert found == [("left_behind",)]


def test_a_template_is_filled_once_and_copied(postgresql: PostgreSQL) -> None:
    filled: list[str] = []

    def fill(url: str) -> None:
        filled.append(url)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE copied (amount_dong BIGINT)")

    name = f"template_{id(filled)}"
    for _ in range(2):
        with (
            postgresql.fresh(postgresql.template(name, fill)) as url,
            psycopg.connect(url.replace("+psycopg", "")) as connection,
        ):
            assert connection.execute("SELECT count(*) FROM copied").fetchone() == (0,)
    assert len(filled) == 1


def test_the_cluster_lets_nobody_in_without_its_password(postgresql: PostgreSQL) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=postgresql.port, user="thuphi", password="", dbname="postgres")


def test_an_application_is_served_over_real_http() -> None:
    with serve(APPLICATION) as url:
        assert "Thu phí" in httpx.get(url).text


def test_chromium_shows_a_served_page(chromium: Browser) -> None:
    with serve(APPLICATION) as url:
        page = chromium.new_page()
        page.goto(url)
        assert page.title() == "Thu phí"
        page.close()


def test_a_database_file_lies_in_the_directory_of_the_test(sqlite_url: str, tmp_path: Path) -> None:
    assert str(tmp_path) in sqlite_url


def test_a_copy_runs_one_command_with_its_own_arguments_streams_and_exit_code() -> None:
    with forks_of("json.tool", "main") as forks:
        done = forks.run(["--compact"], {}, '{"amount_dong": 1}')
        broken = forks.run([], {}, "{")
    assert (done.returncode, done.stdout, done.stderr) == (0, '{"amount_dong":1}\n', "")
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "Expecting property name" in broken.stderr


def test_ports_that_were_given_are_not_given_again() -> None:
    assert len({three_free_ports() for _ in range(5)}) == 5
