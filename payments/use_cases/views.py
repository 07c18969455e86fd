"""What use cases answer: frozen pictures of stored things, ready to be shown or written as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from payments.core.lifecycle import AttemptState, ReceiptState, RequestState

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; ``next_cursor`` is None on the last."""

    items: tuple[Item, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AgencyView:
    code: str
    name_vi: str
    name_en: str
    tax_code: str
    address: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One item owed: its amount, its reason and the law behind it."""

    position: int
    agency_code: str
    item_code: str
    kind: str
    outcome: str
    name_vi: str
    name_en: str
    amount_dong: int
    retained_dong: int
    remitted_dong: int
    sub_item: str
    legal_basis_vi: str
    legal_basis_en: str
    explanation_vi: str
    explanation_en: str
    schedule_id: str
    schedule_version: int
    trace: Any


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A sum of money that arrived for a request."""

    id: str
    account_code: str
    attempt_reference: str | None
    provider_reference: str
    amount_dong: int
    refunded_dong: int
    promised_dong: int  # of that, what an officer has approved: it is on its way back, or is there
    disposition: str
    reason: str
    method: str
    occurred_at: datetime
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A numbered receipt; ``display`` is how it is quoted, ``has_pdf`` whether its papers are ready."""

    id: str
    agency_code: str
    form_code: str
    serial: str
    number: int
    state: ReceiptState
    lookup_code: str
    total_dong: int
    issued_at: datetime
    has_pdf: bool

    @property
    def display(self) -> str:
        return f"{self.form_code}-{self.serial}-{self.number:08d}"


@dataclass(frozen=True, slots=True)
class PaymentRequestView:
    """What a dossier owes, and everything that has come of it."""

    id: str
    portal_code: str
    dossier_code: str
    procedure_code: str | None
    obligation: Mapping[str, Any] | None
    description_vi: str
    description_en: str
    agency: AgencyView
    collectors: Mapping[str, AgencyView]  # who collects the lines, by agency code
    channel: str
    payer_name: str
    amount_dong: int
    state: RequestState
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    checkout_url: str
    return_url: str
    lines: tuple[LineView, ...]
    schedules: Sequence[Mapping[str, Any]]
    payments: tuple[PaymentView, ...]
    receipts: tuple[ReceiptView, ...]

    @property
    def settled_payment(self) -> PaymentView | None:
        return next((payment for payment in self.payments if payment.disposition == "settled"), None)

    @property
    def held_payments(self) -> tuple[PaymentView, ...]:
        """Sums that pay nothing and of which something is left for an officer to decide about."""
        return tuple(
            payment
            for payment in self.payments
            if payment.disposition == "suspense" and payment.promised_dong < payment.amount_dong
        )

    @property
    def returned_payments(self) -> tuple[PaymentView, ...]:
        """Sums that pay nothing and that go or went back whole: they hold nothing up any more."""
        return tuple(
            payment
            for payment in self.payments
            if payment.disposition == "suspense" and payment.promised_dong == payment.amount_dong
        )


@dataclass(frozen=True, slots=True)
class AttemptView:
    reference: str
    account_code: str
    state: AttemptState
    amount_dong: int
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    provider_code: str
    questioned: bool  # a message says that it may be paid, and no clear answer has come yet

    @property
    def is_live(self) -> bool:
        """Whether its outcome is still open."""
        return self.questioned or self.state in (AttemptState.CREATED, AttemptState.PENDING)


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to pay that the citizen may choose."""

    account_code: str
    provider_name: str
    title: str


class Standing(StrEnum):
    """What a citizen's page has to say first."""

    PAYABLE = "payable"
    ASKING = "asking"  # a try is under way or the provider is being asked
    HELD = "held"  # money has arrived, but an officer must look at it
    PAID = "paid"
    NOTHING_DUE = "nothing_due"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CheckoutView:
    request: PaymentRequestView
    standing: Standing
    offers: tuple[Offer, ...]
    attempts: tuple[AttemptView, ...]  # newest first
    failed_last: bool  # the newest try ended without money
    token: str
    now: datetime
    beyond_every_offer: bool = False  # what is collected here online is; only this amount is not


@dataclass(frozen=True, slots=True)
class DossierView:
    """Whether processing of a dossier may begin, and why or why not."""

    dossier_code: str
    may_begin: bool
    reason: str
    reason_vi: str
    reason_en: str
    requests: tuple[PaymentRequestView, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    id: str
    position: int
    type: str
    request_id: str
    dossier_code: str
    data: Mapping[str, Any]
    created_at: datetime
