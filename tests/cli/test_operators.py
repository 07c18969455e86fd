"""What operators get wrong or leave lying: each is told in one sentence, and files are their own."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from payments.demo.directory import owned
from payments.serving import CannotListen, open_port
from tests.cli.installation import THUPHI, thuphi, wait_for
from tests.servers.network import three_free_ports


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("directory", "database_url names a directory: name a file in it"),
        ("no-database", "database_url names a file that is no SQLite database"),
        ("no-database/thuphi.sqlite3", "of database_url is a file: name a path in a directory."),
    ],
)
def test_a_path_that_can_be_no_database_is_told_and_the_rest_is_examined(
    environment: dict[str, str], tmp_path: Path, path: str, told: str
) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "no-database").write_text("Sổ tay\n" * 1000)
    environment["THUPHI_DATABASE_URL"] = f"sqlite:///{tmp_path / path}"
    assert told in thuphi(environment, "migrate").stderr
    examined = thuphi(environment, "doctor")
    assert told in examined.stdout
    assert "✓ sealing certificate" in examined.stdout
    assert "receipts" in examined.stdout


def test_the_doctor_examines_the_database_also_where_the_sealing_key_is_missing(
    environment: dict[str, str],
) -> None:
    del environment["THUPHI_SEALING_KEY"]
    examined = thuphi(environment, "doctor")
    assert "✗ settings: The settings sealing_key" in examined.stdout
    assert "✗ database: There is no database" in examined.stdout


def test_the_doctor_leaves_no_empty_database_behind(environment: dict[str, str], tmp_path: Path) -> None:
    examined = thuphi(environment, "doctor")
    assert "thuphi.sqlite3 yet: run `thuphi migrate`." in examined.stdout
    assert "disk" in examined.stdout
    assert not (tmp_path / "data").exists()
    thuphi(environment, "migrate")
    assert "✓ database\n" in thuphi(environment, "doctor").stdout


def test_the_doctor_reminds_of_the_proxy_that_must_be_trusted(environment: dict[str, str]) -> None:
    assert "✓ reverse proxy" in thuphi(environment, "doctor").stdout
    environment["THUPHI_PUBLIC_URL"] = "https://nop.example"
    examined = thuphi(environment, "doctor")
    assert "✗ reverse proxy: public_url begins with https" in examined.stdout
    environment["THUPHI_TRUSTED_PROXIES"] = "127.0.0.1"
    assert "✓ reverse proxy" in thuphi(environment, "doctor").stdout


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "https://127.0.0.1/x", "https://10.0.0.7/x", "ftp://a/b"]
)
def test_a_webhook_that_would_never_be_sent_is_refused_when_it_is_given(
    environment: dict[str, str], url: str
) -> None:
    thuphi(environment, "migrate")
    thuphi(environment, "portal", "add", "cong", "--name", "Cổng")
    ended = thuphi(environment, "portal", "listen", "cong", url)
    assert ended.returncode == 2
    assert "webhook_private_networks_allowed" in ended.stderr
    assert ended.stdout == ""


def test_a_webhook_in_a_closed_network_is_taken_where_the_settings_allow_it(
    environment: dict[str, str],
) -> None:
    environment["THUPHI_WEBHOOK_PRIVATE_NETWORKS_ALLOWED"] = "true"
    thuphi(environment, "migrate")
    thuphi(environment, "portal", "add", "cong", "--name", "Cổng")
    assert thuphi(environment, "portal", "listen", "cong", "http://127.0.0.1/x").stdout.startswith("whsec_")


def test_a_portal_known_by_another_name_is_told_and_keeps_it(environment: dict[str, str]) -> None:
    thuphi(environment, "migrate")
    for _ in range(2):
        assert thuphi(environment, "portal", "add", "cong", "--name", "Cổng").returncode == 0
    ended = thuphi(environment, "portal", "add", "cong", "--name", "Khác")
    assert ended.returncode == 1
    assert "Portal cong is known as “Cổng”; its name was not changed." in ended.stderr


def test_what_is_set_up_twice_or_wrongly_is_told_and_can_be_corrected(environment: dict[str, str]) -> None:
    thuphi(environment, "migrate")
    details = ["--name", "Sở Tư pháp", "--tax-code", "0101234567", "--address", "Số 1", "--chapter", "414"]
    add = ["agency", "add", "so-tu-phap", *details, "--area-code", "00001"]
    wrong = thuphi(environment, *add, "--tax-code", "abc", "--chapter", "x")
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines()[1:] == [
        "tax_code: This must be a tax code of 10 digits, or 10-3.",
        "chapter: This must be a budget chapter of 3 digits.",
    ]
    assert thuphi(environment, *add).stdout == "so-tu-phap may collect.\n"
    assert "nothing was changed" in thuphi(environment, *add).stdout
    other = thuphi(environment, *add, "--tax-code", "0101234568")
    assert (other.returncode, "`thuphi agency correct` puts it right" in other.stderr) == (1, True)
    corrected = thuphi(environment, "agency", "correct", "so-tu-phap", "--tax-code", "0101234568")
    assert corrected.stdout == "so-tu-phap: tax_code was “0101234567” and is “0101234568”.\n"
    assert "nothing was changed" in thuphi(environment, "agency", "correct", "so-tu-phap").stdout


def test_a_procedure_is_opened_once_for_a_known_agency_and_can_be_corrected(
    environment: dict[str, str],
) -> None:
    thuphi(environment, "migrate")
    details = ["--tax-code", "0101234567", "--address", "Số 1", "--chapter", "414", "--area-code", "00001"]
    thuphi(environment, "agency", "add", "so-tu-phap", "--name", "Sở Tư pháp", *details)
    opening = ["procedure", "open", "2.000815", "--from", "2026-07-01", "--agency"]
    unknown = thuphi(environment, *opening, "nope")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "There is no agency nope" in unknown.stderr
    assert thuphi(environment, *opening, "so-tu-phap").stdout == "2.000815 can be paid for from 01/07/2026.\n"
    assert "as before; nothing was changed" in thuphi(environment, *opening, "so-tu-phap").stdout
    late = thuphi(environment, *opening, "so-tu-phap", "--late-payment", "hold")
    assert (late.returncode, "`thuphi procedure correct` puts it right" in late.stderr) == (1, True)
    corrected = thuphi(environment, "procedure", "correct", "2.000815", "--from", "2026-08-01")
    assert corrected.stdout == "2.000815: payable_from was “2026-07-01” and is “2026-08-01”.\n"


def test_without_a_terminal_the_password_is_a_line_of_input(environment: dict[str, str]) -> None:
    thuphi(environment, "migrate")
    add = ["user", "add", "ketoan", "--name", "Kế toán", "--role", "auditor"]
    asked = thuphi(environment, *add)
    assert asked.returncode == 1
    assert asked.stderr == (
        "Error: There is no terminal to ask for the password: send it as a line on standard input.\n"
    )
    assert thuphi(environment, *add, given="mật khẩu đủ dài\n").returncode == 0


def test_what_is_made_is_readable_by_its_owner_only(environment: dict[str, str], tmp_path: Path) -> None:
    thuphi(environment, "migrate")
    made = [tmp_path / "data", *(tmp_path / "data").iterdir()]
    assert len(made) >= 2
    assert not [path for path in made if path.stat().st_mode & 0o077]


def test_an_address_of_another_machine_is_told_in_plain_words() -> None:
    with pytest.raises(CannotListen) as caught:
        open_port("192.0.2.1", 8000, "--port")
    assert str(caught.value).startswith("192.0.2.1 is no address of this machine:")


def test_a_directory_serves_one_demonstration_at_a_time(environment: dict[str, str], tmp_path: Path) -> None:
    directory, port = tmp_path / "demo", str(three_free_ports())
    with owned(directory):
        ended = thuphi(environment, "demo", "--data", str(directory), "--port", port)
    assert ended.returncode == 1
    assert "is in use by a demonstration that runs" in ended.stderr
    with owned(directory):
        pass  # and is free again afterwards


def test_data_that_name_a_file_are_refused(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = thuphi(environment, "demo", "--data", str(tmp_path / "file"), "--port", str(three_free_ports()))
    assert ended.returncode == 1
    assert "is a file: name a directory with --data" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demonstration_stops_calmly(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    port = three_free_ports()
    running = subprocess.Popen(
        [*THUPHI, "serve", "--demo", "--data", str(tmp_path / "demo"), "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(port)
        running.send_signal(number)
        said, told = running.communicate(timeout=40)
    finally:
        running.kill()
        running.wait()
    assert said.endswith("Stopped; the data are kept.\n")
    assert "Traceback" not in told
    assert running.returncode == 0
    readable = [path for path in (tmp_path / "demo").iterdir() if path.stat().st_mode & 0o077]
    assert not readable
