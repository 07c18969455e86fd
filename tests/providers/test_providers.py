"""The table of providers, those of other distributions, and the loop that carries out what they ask."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint
from typing import Any

import pytest

import providers
from providers import (
    PROVIDERS,
    Ask,
    Capabilities,
    LocalProviderError,
    Provider,
    RemoteProviderError,
    Reply,
    Request,
    Setting,
    Step,
    VnPay,
    check_provider_class,
    load_providers,
    make_provider,
    perform,
)
from providers.protocol import MOST_STEPS
from tests.providers.elsewhere import Elsewhere
from tests.providers.samples import SETTINGS

USUAL_LIMITS = Capabilities(
    1, 100, query=True, refund=True, partial_refund=True, refund_query=True, payment_window_seconds=60
)


class NoRefund(Provider):
    """Inherits the protocol's empty bodies, which must not count as words."""

    name = "no_refund"
    title = "No refund"
    settings = ()
    capabilities = USUAL_LIMITS

    @classmethod
    def from_settings(cls, values: Any) -> NoRefund:
        raise LocalProviderError("never made")

    @property
    def merchant(self) -> str:
        return ""

    def start(self, order: Any) -> Any: ...

    def hear(self, incoming: Any) -> Any: ...

    def reply(self, acknowledgement: Any) -> Any: ...

    def query(self, question: Any) -> Any: ...


class NoTitle(VnPay):
    name = "no_title"
    title = 1  # type: ignore[assignment]  # wrong on purpose


class TwiceTheSameSetting(VnPay):
    name = "twice"
    settings = (Setting("a", "one"), Setting("a", "another"))


def limits(**changes: Any) -> type[VnPay]:
    capabilities = replace(USUAL_LIMITS, **changes)
    return type("Limited", (VnPay,), {"name": "limited", "capabilities": capabilities})


not_a_class = VnPay.from_settings(SETTINGS)


def test_the_table_holds_the_providers_of_this_distribution() -> None:
    assert {"vnpay": VnPay} == PROVIDERS
    assert load_providers() == PROVIDERS


def test_a_provider_of_another_distribution_is_added() -> None:
    known = load_providers(
        [EntryPoint("complete", "tests.providers.elsewhere:Elsewhere", "thuphi.providers")]
    )
    assert list(known) == ["vnpay", "complete"]
    assert make_provider("complete", SETTINGS, known).merchant == "PGDEV001"
    assert list(PROVIDERS) == ["vnpay"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([("vnpay", "tests.providers.elsewhere:Elsewhere")], "vnpay: the name is taken twice"),
        ([("complete", "tests.providers.elsewhere:Elsewhere")] * 2, "complete: the name is taken twice"),
        ([("other", "tests.providers.elsewhere:Elsewhere")], "other: the class calls itself complete"),
        (
            [("gone", "tests.providers.no_such_file:X")],
            "gone: tests.providers.no_such_file:X cannot be imported",
        ),
        ([("gone", "tests.providers.elsewhere:Nothing")], "gone: .*Nothing cannot be imported"),
        ([("value", "tests.providers.elsewhere:VALUE")], "value: not a class"),
    ],
)
def test_an_entry_point_that_is_not_a_whole_provider_stops_the_start(
    found: list[tuple[str, str]], message: str
) -> None:
    points = [EntryPoint(name, value, "thuphi.providers") for name, value in found]
    with pytest.raises(LocalProviderError, match=f"^provider {message}"):
        load_providers(points)


@pytest.mark.parametrize(
    ("name", "candidate", "message"),
    [
        ("no_refund", NoRefund, "refund is not implemented"),
        ("no_title", NoTitle, "title is missing or not a str"),
        ("twice", TwiceTheSameSetting, "a setting is named twice"),
        ("limited", limits(least_dong=0), "limits"),
        ("limited", limits(least_dong=101), "limits"),
        ("limited", limits(payment_window_seconds=0), "limits"),
        ("limited", limits(refund=False), "cannot refund a part"),
        ("limited", limits(refund=False, partial_refund=False), "cannot be asked about refunds"),
        ("object", object, "from_settings is not implemented"),
        ("value", not_a_class, "not a class"),
    ],
)
def test_half_a_provider_is_refused(name: str, candidate: object, message: str) -> None:
    with pytest.raises(LocalProviderError, match=f"^provider {name}: .*{message}"):
        check_provider_class(name, candidate)


@pytest.mark.parametrize(
    "candidate",
    [
        limits(),
        limits(most_dong=1),
        limits(refund=False, partial_refund=False, refund_query=False),
        limits(refund_query=False),
        limits(payment_window_seconds=1),
    ],
)
def test_a_whole_provider_passes(candidate: type[VnPay]) -> None:
    check_provider_class("limited", candidate)
    check_provider_class("complete", Elsewhere)


def test_an_unknown_kind_is_told_with_those_that_there_are() -> None:
    with pytest.raises(LocalProviderError, match=r"^provider paypal: not known; there are vnpay$"):
        make_provider("paypal", {})


def test_a_made_provider_speaks_the_protocol() -> None:
    assert isinstance(make_provider("vnpay", SETTINGS), Provider)


def test_the_public_names_are_those_listed() -> None:
    assert len(set(providers.__all__)) == len(providers.__all__)
    assert all(hasattr(providers, name) for name in providers.__all__)


# perform -----------------------------------------------------------------------------------------------


def asking(times: int) -> Step[str]:
    """A step that asks ``times`` times before it yields what the last reply said."""
    if times == 0:
        return "done"
    return Ask(Request("GET", f"https://a.example/{times}"), lambda _reply: asking(times - 1))


@pytest.mark.parametrize("times", [0, 1, 2, MOST_STEPS])
def test_a_step_is_carried_out_until_it_yields_a_result(times: int) -> None:
    sent: list[str] = []

    def send(request: Request) -> Reply:
        sent.append(request.url)
        return Reply(200, {}, b"")

    assert perform(asking(times), send) == "done"
    assert sent == [f"https://a.example/{number}" for number in range(times, 0, -1)]


def test_a_provider_that_keeps_asking_is_stopped() -> None:
    with pytest.raises(RemoteProviderError, match="5 exchanges"):
        perform(asking(MOST_STEPS + 1), lambda _request: Reply(200, {}, b""))
