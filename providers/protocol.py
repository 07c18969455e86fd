"""The words every payment provider speaks.

A provider is a pure object made from one account's settings. It answers five questions:

    start(order)      how the payer is sent to pay
    hear(incoming)    what a message from the provider means, once its signature holds
    reply(ack)        how that message is acknowledged in the provider's own words
    query(question)   how the provider is asked what became of an order
    refund(order)     how money is given back

Where it publishes a way, it answers a sixth:

    query_refund(question)  what became of a refund that was sent

It opens no socket, reads no clock and keeps no state. Where an answer needs the network, the provider
returns an :class:`Ask`, a request to send together with the function that reads the reply, and
:func:`perform` carries it out with whatever ``send`` the application has.

Amounts are whole đồng (``int``); a provider that counts in other units converts at its own edge.
Times are aware ``datetime`` values in UTC; a provider writes its own zone at its own edge.

Errors say whose they are:

    ProviderError
    ├── LocalProviderError        ours: a setting is wrong, an order cannot be expressed
    │   └── Unsupported           this provider has no such operation
    └── RemoteProviderError       theirs: what came cannot be believed or understood
        ├── BadSignature          the signature is missing or wrong; nothing in the message counts
        └── Malformed             the signature may hold, but the message breaks the protocol
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable


class ProviderError(Exception):
    """Anything that goes wrong at the border to a provider."""


class LocalProviderError(ProviderError):
    """Our side is at fault: a setting is missing or wrong, or an order cannot be expressed."""


class Unsupported(LocalProviderError):
    """The provider has no such operation; ask its capabilities before drawing a button."""


class RemoteProviderError(ProviderError):
    """The provider's side, or somebody who poses as it, sent what cannot be used."""


class BadSignature(RemoteProviderError):
    """The signature is missing or does not match; nothing in the message may be believed."""


class Malformed(RemoteProviderError):
    """The message does not follow the provider's protocol."""


class Verdict(StrEnum):
    """What a provider says became of an order. ``UNKNOWN`` is a real answer and is never guessed away."""

    PAID = "paid"
    PENDING = "pending"
    FAILED = "failed"
    REVIEW = "review"  # money may have been taken; the provider itself is not sure
    REVERSED = "reversed"  # money was taken and is on its way back
    NOT_FOUND = "not_found"  # the provider knows no such order; only a query can say so
    UNKNOWN = "unknown"  # a code we have never seen, or no statement about the order


class Covered(StrEnum):
    """The fields without whose protection a message may not move money."""

    REFERENCE = "reference"
    AMOUNT = "amount"
    CURRENCY = "currency"
    MERCHANT = "merchant"
    STATUS = "status"


ALL_COVERED: frozenset[Covered] = frozenset(Covered)


def _make_storable(said: object, *names: str) -> None:
    """Write the replacement character for NUL, which no database can keep; money must not be refused for it."""
    for name in names:
        text = getattr(said, name)
        if "\0" in text:
            object.__setattr__(said, name, text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


@dataclass(frozen=True, slots=True)
class Notice:
    """One statement by a provider about one order, already verified and parsed.

    ``covered`` is the evidence: the fields that the signature (or, for a query, the checked answer)
    protects. Only a notice that covers all of :class:`Covered` may change the state of money.
    """

    verdict: Verdict
    reference: str  # our reference of the attempt, as the provider echoes it
    covered: frozenset[Covered]
    amount_dong: int | None = None
    provider_reference: str = ""  # the provider's own number; empty when it made no transaction
    occurred_at: datetime | None = None
    code: str = ""  # the provider's own code or codes, for example "00/00"
    message: str = ""
    method: str = ""  # bank or wallet the payer used, for example "NCB ATM"
    of_refund: bool = False  # it speaks of money given back, and ``amount_dong`` is what went back

    def __post_init__(self) -> None:
        _make_storable(self, "reference", "provider_reference", "code", "message", "method")

    @property
    def conclusive(self) -> bool:
        """Whether every field that money depends on is protected."""
        return self.covered >= ALL_COVERED


@dataclass(frozen=True, slots=True)
class Incoming:
    """An HTTP message as it arrived, before anything in it is believed."""

    method: str
    query_string: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Acknowledgement(StrEnum):
    """What became of a message, in our words; ``reply`` says it in the provider's."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    UNKNOWN_ORDER = "unknown_order"
    WRONG_AMOUNT = "wrong_amount"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"
    TRY_AGAIN = "try_again"  # a passing fault of ours: the provider should call again


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP reply that acknowledges a message."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Order:
    """What the payer is asked to pay through one attempt."""

    reference: str  # unique for ever per account, at most 32 of [A-Za-z0-9]
    amount_dong: int
    description: str  # any Vietnamese text; the provider removes what its wire does not carry
    created_at: datetime
    expires_at: datetime
    return_url: str
    notice_url: str
    payer_address: str  # IP address of the payer
    language: str = "vi"  # "vi" or "en"
    provider_reference: str = ""  # known after the first notice


@dataclass(frozen=True, slots=True)
class Question:
    """A question about an order: what became of it?"""

    order: Order
    request_id: str  # unique per question, at most 32 of [A-Za-z0-9]
    asked_at: datetime
    caller_address: str  # IP address of this server


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """An approved wish to give back a part or all of a paid order."""

    order: Order
    reference: str  # of the refund; the idempotency key, kept for every repetition
    amount_dong: int
    officer: str  # login of the officer who approved it
    reason: str
    asked_at: datetime
    caller_address: str

    @property
    def is_full(self) -> bool:
        return self.amount_dong == self.order.amount_dong


class RefundVerdict(StrEnum):
    DONE = "done"
    ACCEPTED = "accepted"  # taken in; the outcome comes later
    REFUSED = "refused"
    UNKNOWN = "unknown"  # keep the amount reserved and ask


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What a provider says of a refund.

    ``names_order_only`` marks an answer about the order: it may speak of another refund of the same order and the
    same amount, and whoever sent several of those has to tell them apart by ``provider_reference``.
    """

    verdict: RefundVerdict
    provider_reference: str = ""
    code: str = ""
    message: str = ""
    names_order_only: bool = False

    def __post_init__(self) -> None:
        _make_storable(self, "provider_reference", "code", "message")


@dataclass(frozen=True, slots=True)
class RefundQuestion:
    """A question about a refund that was sent: what became of it?"""

    refund: RefundOrder  # as it was sent
    request_id: str  # unique per question, at most 32 of [A-Za-z0-9]
    asked_at: datetime
    caller_address: str  # IP address of this server
    provider_reference: str = ""  # the refund's own number, where the provider has told it


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to send to the provider."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_seconds: float = 15.0
    may_repeat: bool = False  # True only where repeating cannot charge or refund twice


@dataclass(frozen=True, slots=True)
class Reply:
    """The provider's HTTP answer to a :class:`Request`."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the payer's browser to this address."""

    url: str


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ask(Generic[Result]):
    """A request to send and the pure function that reads its reply, which may ask again."""

    request: Request
    read: Callable[[Reply], Result | Ask[Result]]


Step: TypeAlias = Result | Ask[Result]

MOST_STEPS = 5


def perform(step: Step[Result], send: Callable[[Request], Reply]) -> Result:
    """Carry out ``step``: send what it asks until it yields a result.

    Raises RemoteProviderError when a provider keeps asking after MOST_STEPS exchanges.
    """
    for _ in range(MOST_STEPS):
        if not isinstance(step, Ask):
            return step
        step = step.read(send(step.request))
    if isinstance(step, Ask):
        raise RemoteProviderError(f"no result after {MOST_STEPS} exchanges")
    return step


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, known before any button is drawn."""

    least_dong: int
    most_dong: int
    query: bool
    refund: bool
    partial_refund: bool
    refund_query: bool  # it can be asked what became of a refund
    payment_window_seconds: int  # how long its page stays payable by default


@runtime_checkable
class Provider(Protocol):
    """One account at one payment provider. Made by ``from_settings``; see the module's text."""

    name: ClassVar[str]
    title: ClassVar[str]  # as the payer knows it, for example "VNPAY"
    settings: ClassVar[tuple[Setting, ...]]
    capabilities: ClassVar[Capabilities]

    @classmethod
    def from_settings(cls, values: Mapping[str, Any]) -> Provider:
        """Make a provider from an account's settings, or raise LocalProviderError naming the setting
        that is wrong and never its value."""

    @property
    def merchant(self) -> str:
        """The merchant's public identity at the provider; two accounts may not share it."""

    def start(self, order: Order) -> Step[Redirect]: ...

    def hear(self, incoming: Incoming) -> Notice: ...

    def reply(self, acknowledgement: Acknowledgement) -> Answer: ...

    def query(self, question: Question) -> Step[Notice]: ...

    def refund(self, refund: RefundOrder) -> Step[RefundOutcome]: ...

    def query_refund(self, question: RefundQuestion) -> Step[RefundOutcome]: ...


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of an account, as the operator writes it."""

    name: str
    meaning: str
    secret: bool = False
    required: bool = True
