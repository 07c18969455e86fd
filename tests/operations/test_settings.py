"""Settings: from a file and the environment, every problem a sentence, no value ever repeated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from payments.app import make_gateway
from payments.settings import Settings, UnusableSettings, load_settings, make_settings
from payments.store.secrets import new_key
from receipts.seal import common_name, make_self_signed
from tests.gateway import START

SECRET = "hunter2hunter2hunter2hunter2hunter2"
VNPAY = {
    "terminal_code": "THUPHI01",
    "hash_secret": SECRET,
    "pay_url": "https://pay.example/vpcpay.html",
    "api_url": "https://pay.example/api",
}
DOCUMENT = Path(__file__).parents[2] / "docs" / "operators" / "settings.md"


def problems(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(UnusableSettings) as caught:
        load_settings(environment)
    return caught.value.problems


def test_without_anything_said_the_embedded_defaults_hold() -> None:
    settings = load_settings({})
    assert settings.database_url == "sqlite:///var/thuphi.sqlite3"
    assert settings.database_file == Path("var/thuphi.sqlite3")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.webhook_private_networks_allowed is False


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "thuphi.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\n[accounts.a]\nprovider = "vnpay"\nsettings = {x = "1"}\n')
    settings = load_settings({"THUPHI_SETTINGS": str(file), "THUPHI_PORT": "9001", "PATH": "/bin"})
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)  # noqa: S104 - only read here
    assert settings.accounts["a"].settings == {"x": "1"}


def test_proxies_are_trusted_by_address_or_network_and_none_by_default() -> None:
    assert load_settings({}).trusted_proxies == ()
    settings = load_settings({"THUPHI_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/24, ::1"})
    assert settings.trusted_proxies == ("10.0.0.5", "10.1.0.0/24", "::1")


def test_lists_and_tables_can_stand_in_the_environment() -> None:
    keys = [new_key(), new_key()]
    accounts = {"vnpay": {"provider": "vnpay", "settings": VNPAY, "agencies": ["so-tu-phap"]}}
    settings = load_settings(
        {"THUPHI_SECRET_KEYS": ", ".join(keys), "THUPHI_ACCOUNTS": json.dumps(accounts), "THUPHI_HOST": ""}
    )
    assert [key.get_secret_value() for key in settings.secret_keys] == keys
    assert settings.accounts["vnpay"].agencies == ("so-tu-phap",)
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("THUPHI_PORT", SECRET, "THUPHI_PORT must be a whole number."),
        ("THUPHI_PORT", "0", "THUPHI_PORT must be at least 1."),
        ("THUPHI_PORT", "65536", "THUPHI_PORT must be at most 65535."),
        ("THUPHI_HSOT", SECRET, "THUPHI_HSOT is not a setting of Thuphi."),
        (
            "THUPHI_SECRET_KEYS",
            SECRET,
            "THUPHI_SECRET_KEYS holds a key that `thuphi new-key` did not make.",
        ),
        (
            "THUPHI_DATABASE_URL",
            SECRET,
            "THUPHI_DATABASE_URL must begin with sqlite:/// or postgresql://.",
        ),
        (
            "THUPHI_DATABASE_URL",
            f"mysql://root:{SECRET}@db/x",
            "THUPHI_DATABASE_URL must begin with sqlite:/// or postgresql://.",
        ),
        (
            "THUPHI_PUBLIC_URL",
            SECRET,
            "THUPHI_PUBLIC_URL must be the http or https address that citizens see, without a query.",
        ),
        (
            "THUPHI_DATABASE_URL",
            f"postgresql://user:{SECRET}/db",
            "THUPHI_DATABASE_URL must be written postgresql://user:password@host:port/name.",
        ),
        (
            "THUPHI_DATABASE_URL",
            "sqlite://",
            "THUPHI_DATABASE_URL must name a file, as in sqlite:///path: nothing would be kept in memory.",
        ),
        (
            "THUPHI_PUBLIC_URL",
            f"https://pay.example:{SECRET}",
            "THUPHI_PUBLIC_URL must be the http or https address that citizens see, without a query.",
        ),
        ("THUPHI_ACCOUNTS", SECRET, "THUPHI_ACCOUNTS must be JSON."),
        (
            "THUPHI_ACCOUNTS",
            '{"a": {"provider": "vnpay"}}',
            "In THUPHI_ACCOUNTS, accounts.a.settings is missing.",
        ),
        ("THUPHI_WEBHOOK_PRIVATE_NETWORKS_ALLOWED", SECRET, "must be true or false."),
        *(
            (
                "THUPHI_TRUSTED_PROXIES",
                value,
                "THUPHI_TRUSTED_PROXIES must hold addresses or networks of your own,"
                " such as 10.0.0.5 or 10.0.0.0/24.",
            )
            for value in (SECRET, "*", "10.0.0.5, *", "0.0.0.0/0", "::/0", "10.0.0.5/8", "proxy.internal")
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_with_its_name_and_without_its_value(
    variable: str, value: str, sentence: str
) -> None:
    (told,) = problems({variable: value})
    assert told.endswith(sentence)
    assert SECRET not in told


def test_a_wrong_setting_of_the_file_is_named_as_it_stands_there(tmp_path: Path) -> None:
    file = tmp_path / "thuphi.toml"
    file.write_text("port = 0\n")
    assert problems({"THUPHI_SETTINGS": str(file)}) == ("The setting port must be at least 1.",)


def test_all_wrong_settings_are_told_at_once() -> None:
    assert len(problems({"THUPHI_PORT": "x", "THUPHI_HSOT": "y", "THUPHI_GRACE_MINUTES": "-1"})) == 3


def test_a_file_that_is_missing_or_is_not_toml_is_named(tmp_path: Path) -> None:
    (told,) = problems({"THUPHI_SETTINGS": str(tmp_path / "none.toml")})
    assert "none.toml cannot be read" in told
    broken = tmp_path / "broken.toml"
    broken.write_text("port = = 1")
    (told,) = problems({"THUPHI_SETTINGS": str(broken)})
    assert told.endswith("is not a TOML file in UTF-8.")


def test_no_representation_shows_a_secret() -> None:
    key = new_key()
    settings = make_settings(
        {
            "secret_keys": [key],
            "sealing_key_password": SECRET,
            "database_url": f"postgresql://thuphi:{SECRET}@db/thuphi",
            "accounts": {"vnpay": {"provider": "vnpay", "settings": VNPAY}},
        }
    )
    shown = repr(settings) + str(settings) + repr(settings.accounts)
    assert SECRET not in shown
    assert key not in shown


def usable(tmp_path: Path, **changed: object) -> Settings:
    key, certificate = make_self_signed("Tests", START, 1)
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "certificate.pem").write_bytes(certificate)
    values: dict[str, object] = {
        "secret_keys": [new_key()],
        "sealing_key": tmp_path / "key.pem",
        "sealing_certificate": tmp_path / "certificate.pem",
        "accounts": {"vnpay": {"provider": "vnpay", "settings": VNPAY}},
        "database_url": f"sqlite:///{tmp_path / 'x.sqlite3'}",
    }
    return make_settings({**values, **changed})


def gateway_problems(settings: Settings) -> str:
    with pytest.raises(UnusableSettings) as caught:
        make_gateway(settings)
    return "\n".join(caught.value.problems)


def test_usable_settings_make_a_gateway_that_shows_no_secret(tmp_path: Path) -> None:
    gateway = make_gateway(usable(tmp_path))
    assert gateway.accounts["vnpay"].provider.merchant == "THUPHI01"
    assert SECRET not in repr(gateway)


def test_two_accounts_of_one_merchant_are_refused(tmp_path: Path) -> None:
    account = {"provider": "vnpay", "settings": VNPAY}
    told = gateway_problems(usable(tmp_path, accounts={"one": account, "two": account}))
    assert "accounts.one and accounts.two are one merchant at vnpay" in told


def test_a_provider_setting_that_is_wrong_is_named_with_its_account(tmp_path: Path) -> None:
    wrong = {"provider": "vnpay", "settings": {**VNPAY, "terminal_code": SECRET}}
    told = gateway_problems(usable(tmp_path, accounts={"vnpay": wrong}))
    assert "accounts.vnpay" in told
    assert "terminal_code" in told
    assert SECRET not in told


def test_what_is_missing_for_a_gateway_is_told_at_once(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    told = gateway_problems(
        usable(
            tmp_path,
            secret_keys=[],
            sealing_key=None,
            catalogue=empty,
            accounts={"x": {"provider": "?", "settings": {}}},
        )
    )
    for named in ("secret_keys", "sealing_key", "catalogue", "accounts.x"):
        assert named in told


def test_a_sealing_key_that_is_not_there_or_not_the_certificates_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in gateway_problems(usable(tmp_path, sealing_key=tmp_path / "none.pem"))
    other = tmp_path / "other.pem"
    other.write_bytes(make_self_signed("Other", START, 2)[0])
    assert "belongs to another key" in gateway_problems(usable(tmp_path, sealing_key=other))


def test_every_certificate_of_the_directory_of_earlier_ones_is_trusted(tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    assert len(make_gateway(usable(tmp_path, earlier_certificates=earlier)).trusted_certificates) == 1
    made = [make_self_signed(name, START, number)[1] for number, name in enumerate("ABC", start=3)]
    (earlier / "2024.pem").write_bytes(made[0])
    (earlier / "two.crt").write_bytes(made[1] + made[2])
    (earlier / ".note").write_text("not looked at")
    gateway = make_gateway(usable(tmp_path, earlier_certificates=earlier))
    names = [common_name(each) for each in gateway.trusted_certificates]
    assert names == ["Tests", "A", "B", "C"]


def test_earlier_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    told = gateway_problems(usable(tmp_path, earlier_certificates=tmp_path / "none"))
    assert "none of earlier_certificates cannot be read (No such file or directory)." in told
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    (earlier / "key.pem").write_bytes(make_self_signed("A", START, 3)[0])
    (earlier / "note.txt").write_text("Chứng thư năm 2025")
    told = gateway_problems(usable(tmp_path, earlier_certificates=earlier))
    assert told.count("of earlier_certificates holds no certificate in PEM form.") == 2
    assert str(earlier / "key.pem") in told


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_explained_to_operators(name: str) -> None:
    assert f"`{name}`" in DOCUMENT.read_text(encoding="utf-8")


def test_only_settings_that_exist_are_explained() -> None:
    rows = [
        line.split("`")[1]
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    assert sorted(rows) == sorted(Settings.model_fields)
