"""The command: it does what it says, and what goes wrong is one sentence without a traceback."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from payments.app import make_gateway
from payments.settings import load_settings
from receipts import xml
from receipts.seal import Sealer, make_self_signed
from tests.cli.installation import THUPHI, thuphi, wait_for
from tests.gateway import START
from tests.receipts.examples import example_receipt


def test_an_installation_is_set_up_by_commands_alone(environment: dict[str, str]) -> None:
    assert "migration(s) applied" in thuphi(environment, "migrate").stdout
    agency = ["agency", "add", "so-tu-phap", "--name", "Sở Tư pháp", "--tax-code", "0101234567"]
    more = ["--address", "Số 1", "--chapter", "414", "--area-code", "00001"]
    assert thuphi(environment, *agency, *more).returncode == 0
    opened = ["procedure", "open", "2.000815", "--agency", "so-tu-phap", "--from", "2026-07-01"]
    assert thuphi(environment, *opened).returncode == 0
    assert thuphi(environment, "portal", "add", "cong", "--name", "Cổng").returncode == 0
    assert thuphi(environment, "portal", "key", "cong").stdout.startswith("thuphi_")
    assert thuphi(environment, "ledger", "verify").stdout == "0 transfers, every chain is whole.\n"
    engine = make_gateway(load_settings(environment)).engine
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM procedures").scalar() == 1
    engine.dispose()


def test_keys_and_secrets_of_a_portal_are_exchanged_by_commands(environment: dict[str, str]) -> None:
    url = "https://192.0.2.1/thuphi"
    environment["THUPHI_WEBHOOK_PRIVATE_NETWORKS_ALLOWED"] = "true"
    thuphi(environment, "migrate")
    thuphi(environment, "portal", "add", "cong", "--name", "Cổng")
    key = thuphi(environment, "portal", "key", "cong").stdout.strip()
    old = thuphi(environment, "portal", "listen", "cong", url).stdout.strip()
    new = thuphi(environment, "portal", "rotate-secret", "cong", url).stdout.strip()
    assert new.startswith("whsec_")
    shown = thuphi(environment, "portal", "show", "cong").stdout
    assert f"{key[:12]}…  made " in shown
    assert "in use" in shown
    assert f"{url}  signed with 2 secret(s)" in shown
    assert not [secret for secret in (key, old, new) if secret in shown]
    finished = thuphi(environment, "portal", "rotate-secret", "cong", url, "--finish")
    assert finished.stdout == "Events are signed with the new secret alone.\n"
    revoked = thuphi(environment, "portal", "revoke-key", "cong", key[:12])
    assert revoked.stdout == (f"{key[:12]}… is refused from now on; none of its keys works any longer.\n")
    assert "revoked (" in thuphi(environment, "portal", "show", "cong").stdout
    again = thuphi(environment, "portal", "revoke-key", "cong", key[:12])
    assert (again.returncode, again.stdout) == (1, "")
    assert "has no such key in use" in again.stderr


def test_an_unmigrated_database_is_told_with_what_to_do(environment: dict[str, str]) -> None:
    for command in (["serve", "--port", "1024"], ["worker"], ["ledger", "verify"]):
        ended = thuphi(environment, *command)
        assert ended.returncode == 1
        assert "run `thuphi migrate`" in ended.stderr


def test_an_unreachable_database_is_told_without_its_password(
    environment: dict[str, str], free_port: int
) -> None:
    environment["THUPHI_DATABASE_URL"] = f"postgresql://thuphi:hunter2@127.0.0.1:{free_port}/thuphi"
    ended = thuphi(environment, "migrate")
    assert ended.returncode == 1
    assert "No PostgreSQL listens at the host and port of database_url" in ended.stderr
    assert "hunter2" not in ended.stderr


def test_a_port_in_use_is_told_before_anything_is_done(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = thuphi(environment, "serve", "--port", port)
        shown = thuphi(environment, "serve", "--demo", "--port", port, "--data", str(tmp_path / "demo"))
    for each in (ended, shown):
        assert each.returncode == 1
        assert f"Port {port} on 127.0.0.1 is in use" in each.stderr
        assert "--port" in each.stderr
    assert not (tmp_path / "demo").exists()


def test_wrong_settings_are_told_all_at_once_and_without_values(environment: dict[str, str]) -> None:
    environment |= {"THUPHI_PORT": "hunter2", "THUPHI_SECRET_KEYS": "hunter2"}
    ended = thuphi(environment, "doctor")
    assert ended.returncode == 1
    assert "THUPHI_PORT must be a whole number" in ended.stdout
    assert "THUPHI_SECRET_KEYS" in ended.stdout
    assert "hunter2" not in ended.stdout + ended.stderr


def test_the_doctor_names_what_is_missing(environment: dict[str, str]) -> None:
    ended = thuphi(environment, "doctor")
    assert ended.returncode == 1
    assert "✗ database: There is no database" in ended.stdout
    assert "✗ provider accounts: None is set up" in ended.stdout
    assert "✓ sealing certificate" in ended.stdout
    assert "✓ settings" in ended.stdout


def test_a_quote_needs_no_database(environment: dict[str, str]) -> None:
    ended = thuphi(
        environment, "quote", "2.000815", "-i", "pages=3", "-i", "copies=2", "--date", "2026-11-22"
    )
    assert "Tổng cộng: 10.000\N{NO-BREAK SPACE}đ" in ended.stdout
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["quote", "no-such"], "There is no procedure with the code"),
        (["quote", "2.000815", "-i", "pages"], "write NAME=VALUE"),
        (["quote", "2.000815", "-i", "pages=-1"], "pages"),
        (["no-such-command"], "No such command"),
        (["serve", "--port", "0"], "is not in the range"),
        (["receipt", "verify", "/no/such/file"], "does not exist"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(
    environment: dict[str, str], arguments: list[str], told: str
) -> None:
    ended = thuphi(environment, *arguments)
    assert ended.returncode != 0
    assert told in ended.stderr


def test_a_file_that_is_no_receipt_is_told_so(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.7 something else")
    ended = thuphi(environment, "receipt", "verify", str(tmp_path / "other.pdf"))
    assert ended.returncode == 1
    assert "Error: This" in ended.stderr


def test_a_receipt_of_an_earlier_certificate_holds_where_the_settings_remember_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    sealer = Sealer.from_pem((tmp_path / "key.pem").read_bytes(), (tmp_path / "certificate.pem").read_bytes())
    file, earlier = tmp_path / "receipt.xml", tmp_path / "earlier"
    file.write_bytes(sealer.seal_xml(xml.write(example_receipt()), START))
    earlier.mkdir()
    (tmp_path / "certificate.pem").rename(earlier / "2025.pem")
    (tmp_path / "certificate.pem").write_bytes(make_self_signed("New", START, 2)[1])
    forgotten = thuphi(environment, "receipt", "verify", str(file))
    assert (forgotten.returncode, forgotten.stdout) == (1, "")
    assert "sealed by somebody else" in forgotten.stderr
    environment["THUPHI_EARLIER_CERTIFICATES"] = str(earlier)
    remembered = thuphi(environment, "receipt", "verify", str(file))
    assert "The seal holds" in remembered.stdout
    (earlier / "2025.pem").write_text("")
    assert "2025.pem of earlier_certificates" in thuphi(environment, "receipt", "verify", str(file)).stderr


def test_a_server_stops_calmly_when_its_manager_says_so(environment: dict[str, str], free_port: int) -> None:
    thuphi(environment, "migrate")
    running = subprocess.Popen(
        [*THUPHI, "serve", "--port", str(free_port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(free_port)
        running.send_signal(signal.SIGTERM)
        said, told = running.communicate(timeout=40)
    finally:
        running.kill()
        running.wait()
    assert "Traceback" not in told
    assert said.endswith("Stopped; the data are kept.\n")
    assert running.returncode == 0
