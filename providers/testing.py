"""A conformance suite that the author of any provider can run.

    report = examine(provider, Samples(paid=..., for_other_merchant=..., with_code=..., secrets=(...,)))
    assert report.passed, str(report)

The author gives a way to make messages that are signed as the provider would sign them; the suite spoils
them in every way it knows (:mod:`providers.tampering`). Whatever comes, ``hear`` must raise BadSignature or
Malformed, or return a notice; and a notice of a spoilt message must equal the genuine one, or somebody who
has no secret could change what we believe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from providers import tampering
from providers.protocol import (
    Acknowledgement,
    Ask,
    BadSignature,
    Incoming,
    LocalProviderError,
    Malformed,
    Notice,
    Order,
    Provider,
    Question,
    Redirect,
    RefundOrder,
    RefundQuestion,
    Unsupported,
    Verdict,
)

AMOUNTS_DONG = (1, 999, 100_000, 9_999_999_999)
REFERENCE = "KT20240105A1"
USUAL_DONG = 100_000
NOT_A_CODE = "ZZ"


@dataclass(frozen=True, slots=True)
class Samples:
    """How to make signed messages of one account.

    ``paid(reference, amount_dong)`` says that the order was paid; ``for_other_merchant`` says the same of
    another merchant, signed with this account's secret; ``with_code(reference, amount_dong, code)`` carries
    a result code, and is None where the provider's messages have none. ``secrets`` are looked for in
    everything that is shown.
    """

    paid: Callable[[str, int], Incoming]
    for_other_merchant: Callable[[str, int], Incoming]
    with_code: Callable[[str, int, str], Incoming] | None
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``detail`` says what was wrong, or is empty."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one provider, in the order in which they ran."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)

    def __str__(self) -> str:
        lines = [
            f"{'ok  ' if check.passed else 'FAIL'}  {check.name}{check.detail and ': '}{check.detail}"
            for check in self.checks
        ]
        return "\n".join(lines)


def examine(provider: Provider, samples: Samples) -> Report:
    """Run every check on ``provider``; nothing is sent anywhere."""
    return Report(tuple(_check(name, look(provider, samples)) for name, look in CHECKS.items()))


def _check(name: str, faults: Iterator[str]) -> Check:
    """A check is a generator of faults; the first one is told. An exception is a fault as well."""
    try:
        fault = next(faults, "")
    except Exception as error:  # noqa: BLE001 - whatever a provider raises here is what the report is about
        fault = f"raised {type(error).__name__}: {error}"
    return Check(name, not fault, fault)


Faults = Iterator[str]
Spoil = Callable[[Incoming], Iterable[tampering.Spoilt]]


def _genuine(provider: Provider, samples: Samples) -> Faults:
    can = provider.capabilities
    for amount in AMOUNTS_DONG:
        if can.least_dong <= amount <= can.most_dong:
            notice = provider.hear(samples.paid(REFERENCE, amount))
            told = (notice.verdict, notice.reference, notice.amount_dong)
            if told != (Verdict.PAID, REFERENCE, amount):
                yield f"{amount} đồng paid was heard as {told}"


def _replayed(provider: Provider, samples: Samples) -> Faults:
    incoming = samples.paid(REFERENCE, USUAL_DONG)
    if provider.hear(incoming) != provider.hear(incoming):
        yield "the same message was heard twice and differently"


def _spoilt(spoil: Spoil) -> Callable[[Provider, Samples], Faults]:
    def look(provider: Provider, samples: Samples) -> Faults:
        incoming = samples.paid(REFERENCE, USUAL_DONG)
        genuine = provider.hear(incoming)
        for what, spoilt in spoil(incoming):
            fault = _fault(provider, spoilt, genuine)
            if fault:
                yield f"{what}: {fault}"

    return look


def _fault(provider: Provider, incoming: Incoming, genuine: Notice) -> str:
    try:
        heard = provider.hear(incoming)
    except (BadSignature, Malformed):
        return ""
    except Exception as error:  # noqa: BLE001 - an exception of another kind is the fault looked for
        return f"raised {type(error).__name__}"
    return "" if heard == genuine else f"was believed as {heard.verdict} {heard.amount_dong}"


def _other_merchant(provider: Provider, samples: Samples) -> Faults:
    try:
        provider.hear(samples.for_other_merchant(REFERENCE, USUAL_DONG))
    except (BadSignature, Malformed):
        return
    yield "another merchant's message was believed"


def _unknown_code(provider: Provider, samples: Samples) -> Faults:
    if samples.with_code is not None:
        verdict = provider.hear(samples.with_code(REFERENCE, USUAL_DONG, NOT_A_CODE)).verdict
        if verdict is not Verdict.UNKNOWN:
            yield f"the code {NOT_A_CODE} was heard as {verdict}"


def _acknowledgements(provider: Provider, _samples: Samples) -> Faults:
    for acknowledgement in Acknowledgement:
        answer = provider.reply(acknowledgement)
        if not 200 <= answer.status <= 599:
            yield f"{acknowledgement} has no answer but HTTP {answer.status}"


def _limits(provider: Provider, _samples: Samples) -> Faults:
    can = provider.capabilities
    for amount in (can.least_dong, can.most_dong):
        if not isinstance(provider.start(_order(amount)), Redirect | Ask):
            yield f"{amount} đồng cannot be started"
    for amount in (can.least_dong - 1, can.most_dong + 1, -1):
        try:
            provider.start(_order(amount))
        except LocalProviderError:
            continue
        yield f"{amount} đồng was started, beyond the declared limits"


def _operations(provider: Provider, _samples: Samples) -> Faults:
    order = _order(max(USUAL_DONG, provider.capabilities.least_dong))
    now = order.created_at
    question = Question(order, "Q1", now, "127.0.0.1")
    full = RefundOrder(order, "R1", order.amount_dong, "ketoan01", "Hoàn tiền", now, "127.0.0.1")
    part = replace(full, amount_dong=order.amount_dong - 1)
    sent = RefundQuestion(full, "Q2", now, "127.0.0.1")
    can = provider.capabilities
    for name, declared, ask in (
        ("query", can.query, lambda: provider.query(question)),
        ("refund", can.refund, lambda: provider.refund(full)),
        ("partial refund", can.partial_refund, lambda: provider.refund(part)),
        ("refund query", can.refund_query, lambda: provider.query_refund(sent)),
    ):
        if _is_supported(ask) != declared:
            yield f"{name} is declared as {declared} and is not so"


def _is_supported(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Unsupported:
        return False
    return True


def _secrets(provider: Provider, samples: Samples) -> Faults:
    shown = [repr(provider), str(provider)]
    for _, spoilt in tampering.changed_fields(samples.paid(REFERENCE, USUAL_DONG)):
        try:
            provider.hear(spoilt)
        except (BadSignature, Malformed) as error:
            shown += [str(error), repr(error)]
    for secret in samples.secrets:
        if any(secret in text for text in shown):
            yield "a secret is shown"


def _order(amount_dong: int) -> Order:
    created_at = datetime(2024, 1, 5, 2, 30, tzinfo=UTC)
    return Order(
        reference=REFERENCE,
        amount_dong=amount_dong,
        description="Lệ phí cấp hộ chiếu (hồ sơ 000.00.01.H26)",
        created_at=created_at,
        expires_at=created_at + timedelta(minutes=15),
        return_url="https://thanhtoan.example.gov.vn/return",
        notice_url="https://thanhtoan.example.gov.vn/callback",
        payer_address="203.0.113.9",
        provider_reference="14226112",
    )


CHECKS: dict[str, Callable[[Provider, Samples], Faults]] = {
    "a genuine message is heard, for small and large amounts": _genuine,
    "a replayed message is heard the same": _replayed,
    "a message with any field forged is not believed": _spoilt(tampering.changed_fields),
    "a message with any number forged is not believed": _spoilt(tampering.changed_numbers),
    "a message for another merchant is refused": _other_merchant,
    "a truncated message is not believed": _spoilt(tampering.truncated),
    "a message with a field given twice is not believed": _spoilt(tampering.doubled_fields),
    "an odd encoding changes nothing": _spoilt(tampering.encoded_otherwise),
    "the case of hex digits changes nothing": _spoilt(tampering.other_hex_case),
    "an empty or very long message does no harm": _spoilt(tampering.emptied_and_swollen),
    "a code never seen before is unknown": _unknown_code,
    "every acknowledgement has an answer": _acknowledgements,
    "the declared limits are the real ones": _limits,
    "the declared operations are the real ones": _operations,
    "no secret is shown": _secrets,
}
