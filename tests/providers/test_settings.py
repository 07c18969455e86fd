"""An account's settings: what is taken, what is refused, and that no value is told."""

from __future__ import annotations

from typing import Any

import pytest

from providers import Capabilities, LocalProviderError, VnPay, make_provider
from tests.providers.samples import SECRET, SETTINGS, vnpay

MARK = "Unmistakable"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("terminal_code", ""),
        ("terminal_code", None),
        ("terminal_code", MARK[:7]),
        ("terminal_code", MARK[:9]),
        ("terminal_code", "PGDEV 01"),
        ("terminal_code", "PGDEV00\n"),
        ("terminal_code", 12345678),
        ("hash_secret", ""),
        ("hash_secret", None),
        ("hash_secret", []),
        ("hash_secret", [MARK, ""]),
        ("hash_secret", [MARK, None]),
        ("hash_secret", f" {MARK}"),
        ("hash_secret", f"{MARK}\n"),
        ("hash_secret", {MARK: 1}),
        ("hash_secret", MARK.encode()),
        ("pay_url", ""),
        ("pay_url", MARK),
        ("pay_url", f"http://{MARK}.example/pay"),
        ("pay_url", f"http://10.0.0.1/{MARK}"),
        ("pay_url", f"ftp://{MARK}.example/pay"),
        ("pay_url", f"https://user@{MARK}.example/pay"),
        ("pay_url", f"https://:pass@{MARK}.example/pay"),
        ("pay_url", f"https://{MARK}.example/pay?a=b"),
        ("pay_url", f"https://{MARK}.example/pay#a"),
        ("pay_url", f"https://{MARK}.example:port/"),
        ("pay_url", f"https://{MARK}.example:0/"),
        ("pay_url", f"https://[{MARK}/"),
        ("pay_url", f"https:///{MARK}"),
        ("pay_url", f"https://{MARK}.example/a b"),
        ("pay_url", 443),
        ("api_url", f"http://{MARK}.example/api"),
        ("api_url", None),
        ("order_type", MARK * 9),
        ("order_type", "250 000"),
        ("bank_code", "NC"),
        ("bank_code", "N" * 21),
        ("bank_code", f"{MARK}!"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_told(name: str, value: Any) -> None:
    with pytest.raises(LocalProviderError, match=f"^{name}: ") as caught:
        vnpay(**{name: value})
    assert MARK not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(LocalProviderError, match=f"^{name}: this setting is missing$"):
        VnPay.from_settings({key: value for key, value in SETTINGS.items() if key != name})


def test_every_missing_and_every_unknown_setting_is_named_at_once() -> None:
    with pytest.raises(LocalProviderError) as caught:
        VnPay.from_settings({"terminal_code": SETTINGS["terminal_code"], "secret": MARK})
    assert str(caught.value) == (
        "secret: there is no such setting; hash_secret: this setting is missing;"
        " pay_url: this setting is missing; api_url: this setting is missing"
    )


def test_a_misspelt_setting_is_refused_rather_than_ignored() -> None:
    with pytest.raises(LocalProviderError, match=r"^hash_secrets: there is no such setting$"):
        vnpay(hash_secrets=[MARK])


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8081/pay", "http://127.0.0.1:1/", "http://[::1]/pay", "https://a.example:8443/x"],
)
def test_an_address_may_be_https_or_on_this_machine(address: str) -> None:
    assert vnpay(pay_url=address).pay_url == address


def test_one_secret_or_a_list_or_a_tuple_of_them_is_taken() -> None:
    assert vnpay(hash_secret="a") == vnpay(hash_secret=["a"]) == vnpay(hash_secret=("a",))


def test_optional_settings_may_be_absent_or_empty() -> None:
    assert vnpay() == vnpay(order_type="", bank_code="") == vnpay(order_type="250000", bank_code=None)


def test_every_setting_says_what_it_means_and_only_the_secret_is_secret() -> None:
    assert [setting.name for setting in VnPay.settings if setting.secret] == ["hash_secret"]
    assert all(setting.meaning for setting in VnPay.settings)
    assert [setting.name for setting in VnPay.settings if setting.required] == list(SETTINGS)


def test_a_provider_shows_its_terminal_and_no_secret() -> None:
    provider = make_provider("vnpay", SETTINGS)
    assert provider.merchant == "PGDEV001"
    assert "PGDEV001" in repr(provider)
    assert SECRET not in repr(provider)


def test_the_capabilities_are_those_of_vnpays_pages() -> None:
    assert VnPay.capabilities == Capabilities(
        least_dong=1,
        most_dong=9_999_999_999,
        query=True,
        refund=True,
        partial_refund=True,
        refund_query=True,
        payment_window_seconds=15 * 60,
    )
