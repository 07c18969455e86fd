"""What Thuphi answers to portals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from payments.core.lifecycle import ReceiptState, RefundState, RequestState
from payments.web.portal.words import Told


class FieldError(BaseModel):
    """One field that is wrong."""

    field: str = Field(examples=["obligation.lines[0].amount_dong"])
    message: str
    message_vi: str


class ProblemDocument(BaseModel):
    """A refusal (RFC 9457). `code` never changes its meaning; the sentences may."""

    type: str = Field(
        description="Where this reference explains the code.", examples=["/docs#error-not-found"]
    )
    title: str
    status: int
    detail: str
    detail_vi: str
    code: str
    request_id: str = Field(description="Quote it when you ask the operator for help.")
    errors: list[FieldError] = Field(default_factory=list, description="Every wrong field at once.")


class Agency(Told):
    code: str
    name_vi: str
    name_en: str
    tax_code: str
    address: str


Trace = Annotated[
    dict[str, Any],
    # Requests of the first installations keep an empty list where nothing was computed.
    BeforeValidator(lambda stored: stored or {}),
    Field(
        description="The calculation step by step, for those who check it; empty for what another body has set."
    ),
]


class Line(Told):
    """One item owed, with its reason and the law behind it."""

    position: int
    agency_code: str = Field(description="Who collects it.")
    item_code: str
    kind: str = Field(description="`fee` (phí), `charge` (lệ phí) or `obligation`.")
    outcome: str = Field(description="`due`, `exempt`, `not_payable` or `zero_by_rule`.")
    name_vi: str
    name_en: str
    amount_dong: int
    sub_item: str
    legal_basis_vi: str
    legal_basis_en: str
    explanation_vi: str = Field(examples=["3 trang × 2.000 đ = 6.000 đ"])
    explanation_en: str
    schedule_id: str
    schedule_version: int
    trace: Trace


class Schedule(Told):
    """The version of a fee schedule that was used."""

    id: str
    version: int
    document: str


class QuoteLine(Told):
    item_code: str
    kind: str
    outcome: str
    name_vi: str
    name_en: str
    amount_dong: int
    collector: str
    sub_item: str
    legal_basis_vi: str
    legal_basis_en: str
    explanation_vi: str
    explanation_en: str
    schedule_id: str
    schedule_version: int
    trace: Trace


class Quote(Told):
    """What a case would cost today; nothing is stored."""

    procedure_code: str
    procedure_name_vi: str
    procedure_name_en: str
    total_dong: int
    lines: tuple[QuoteLine, ...]
    schedules: tuple[Schedule, ...]


class Payment(Told):
    """A sum of money that arrived. `settled` pays the request; `suspense` waits for an officer."""

    id: str
    account_code: str
    amount_dong: int
    refunded_dong: int
    disposition: str
    reason: str
    method: str
    occurred_at: datetime
    booked_at: datetime


class ReceiptSummary(Told):
    number: str = Field(validation_alias="display", examples=["EBL01-26TAA-00000001"])
    form_code: str
    serial: str
    agency_code: str
    state: ReceiptState
    lookup_code: str = Field(description="What a holder types at `/verify`.")
    total_dong: int
    issued_at: datetime
    has_pdf: bool = Field(description="Whether the PDF and XML are ready to be fetched.")


class Obligation(Told):
    number: str
    issued_on: date | None
    due_on: date | None


class PaymentRequest(Told):
    """What a dossier owes, and everything that has come of it."""

    id: str = Field(examples=["pr_01K5A2Z3V7QH1N8M4C6T9W2XRY"])
    dossier_code: str
    procedure_code: str | None
    obligation: Obligation | None
    description_vi: str
    description_en: str
    agency: Agency
    channel: str
    payer_name: str
    amount_dong: int
    state: RequestState
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    checkout_url: str = Field(description="Send the citizen here.")
    return_url: str
    lines: tuple[Line, ...]
    schedules: tuple[Schedule, ...]
    payments: tuple[Payment, ...]
    receipts: tuple[ReceiptSummary, ...]


class PaymentRequestPage(Told):
    items: tuple[PaymentRequest, ...]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null on the last.")


class Refund(Told):
    reference: str
    payment_id: str
    amount_dong: int
    state: RefundState
    reason: str
    requested_at: datetime
    ended_at: datetime | None


class RefundList(Told):
    items: tuple[Refund, ...]


class Dossier(Told):
    """Whether processing may begin, and why or why not."""

    dossier_code: str
    may_begin: bool
    reason: str = Field(examples=["all_paid", "waiting_for_payment", "payment_expired", "nothing_asked"])
    reason_vi: str
    reason_en: str
    requests: tuple[PaymentRequest, ...]


class Event(Told):
    """Something that happened to a payment request; the same data goes out by webhook."""

    id: str
    position: int
    type: str = Field(examples=["payment_request.paid"])
    created_at: datetime
    data: dict[str, Any]


class EventList(Told):
    items: tuple[Event, ...]
    next_after: int = Field(
        description="Give it as `after` for the next call; unchanged when nothing is new."
    )


class Option(Told):
    value: str
    label_vi: str
    label_en: str


class Input(Told):
    """One question that a procedure asks."""

    name: str
    type: str = Field(
        description="`whole`, `money`, `decimal` (in quotes), `option`, `yes_no`, `quantities` or `date`."
    )
    label_vi: str
    label_en: str
    unit_vi: str
    unit_en: str
    options: tuple[Option, ...]
    least: int | None
    most: int | None
    required: bool
    default: int | str | bool | None


class ProcedureSummary(Told):
    code: str
    name_vi: str
    name_en: str
    field_vi: str
    field_en: str
    level: str = Field(description="Which level of administration decides it.")


class Procedure(ProcedureSummary):
    inputs: tuple[Input, ...]
    beneficiaries: tuple[str, ...] = Field(
        description="Groups that make a difference to its fee: what `beneficiaries` of a case may name here."
    )


class ProcedureList(Told):
    items: tuple[ProcedureSummary, ...]


class Receipt(ReceiptSummary):
    """A receipt of one of this portal's payment requests."""

    payment_request_id: str
    dossier_code: str
