"""What Thuphi answers to portals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from payments.web.portal.meanings import (
    AgencyCode,
    AmountDong,
    CreatedAt,
    DossierCode,
    EndedAt,
    ExplanationEn,
    ExplanationVi,
    ItemCode,
    LegalBasisEn,
    LegalBasisVi,
    LineKind,
    NameEn,
    NameVi,
    Outcome,
    RequestId,
    ScheduleId,
    ScheduleVersion,
    State,
    StateOfReceipt,
    StateOfRefund,
    SubItem,
    TotalDong,
    Trace,
)
from payments.web.portal.words import Told


class FieldError(BaseModel):
    """One field that is wrong."""

    field: str = Field(
        description="Where it stands in what was sent.", examples=["obligation.lines[0].amount_dong"]
    )
    message: str = Field(description="What is wrong with it, in English.", examples=["This is missing."])
    message_vi: str = Field(description="The same in Vietnamese.", examples=["Thiếu trường này."])


class ProblemDocument(BaseModel):
    """A refusal (RFC 9457). `code` never changes its meaning; the sentences may."""

    type: str = Field(
        description="Where this reference explains the code.", examples=["/docs#error-not-found"]
    )
    title: str = Field(description="The kind of refusal, in English.", examples=["Not found"])
    status: int = Field(description="The HTTP status once more.", examples=[404])
    detail: str = Field(
        description="What is wrong this time and how to mend it, in English, for your logs.",
        examples=["There is nothing at this address."],
    )
    detail_vi: str = Field(
        description="The same in Vietnamese, to be shown to people.", examples=["Không tìm thấy."]
    )
    code: str = Field(description="What your program decides by; listed below.", examples=["not_found"])
    request_id: str = Field(description="Quote it when you ask the operator for help.")
    errors: list[FieldError] = Field(default_factory=list, description="Every wrong field at once.")


class Agency(Told):
    """A body that collects."""

    code: str = Field(description="Its code in this installation.", examples=["ubnd-phuong"])
    name_vi: NameVi
    name_en: NameEn
    tax_code: str = Field(description="Its tax code, as on receipts.", examples=["0101234567"])
    address: str = Field(description="Its postal address, as on receipts.")


class Line(Told):
    """One item owed, with its reason and the law behind it."""

    position: int = Field(description="Its place in the request, from 1.", examples=[1])
    agency_code: AgencyCode
    item_code: ItemCode
    kind: LineKind
    outcome: Outcome
    name_vi: NameVi
    name_en: NameEn
    amount_dong: AmountDong
    sub_item: SubItem
    legal_basis_vi: LegalBasisVi
    legal_basis_en: LegalBasisEn
    explanation_vi: ExplanationVi
    explanation_en: ExplanationEn
    schedule_id: ScheduleId
    schedule_version: ScheduleVersion
    trace: Trace


class Schedule(Told):
    """The version of a fee schedule that was used."""

    id: ScheduleId
    version: int = Field(description="Its version; a published one is never changed.", examples=[1])
    document: str = Field(
        description="The legal text that it writes down.", examples=["Thông tư 226/2016/TT-BTC"]
    )


class Payment(Told):
    """A sum of money that arrived."""

    id: str = Field(description="The payment's number here; a refund names it.")
    account_code: str = Field(description="The provider account that it arrived on.", examples=["vnpay-tinh"])
    amount_dong: int = Field(description="What arrived, in whole đồng.", examples=[6000])
    refunded_dong: int = Field(
        description="How much of it is given back or promised back, in whole đồng.", examples=[0]
    )
    disposition: str = Field(
        description="`settled` pays the request; `suspense` waits for an officer and unlocks nothing.",
        examples=["settled"],
    )
    reason: str = Field(
        description="Why it waits: `wrong_amount`, `double`, `cancelled` or `late`; empty where it does not.",
        examples=["wrong_amount"],
    )
    method: str = Field(
        description="The bank or wallet that the payer used, as the provider writes it; may be empty.",
        examples=["NCB ATM"],
    )
    occurred_at: datetime = Field(
        description="When the payer paid, as the provider says, in UTC.", examples=["2026-11-22T03:04:00Z"]
    )
    booked_at: datetime = Field(
        description="When it was written into the books here, in UTC.", examples=["2026-11-22T03:04:05Z"]
    )


class ReceiptSummary(Told):
    """A receipt, as it is quoted and looked up."""

    number: str = Field(
        validation_alias="display",
        description="Form, serial and number as they are quoted; unique for each collector.",
        examples=["EBL01-26TAA-00000001"],
    )
    form_code: str = Field(description="The form (mẫu số) of the collector's book.", examples=["EBL01"])
    serial: str = Field(description="The serial (ký hiệu) of the book.", examples=["26TAA"])
    agency_code: AgencyCode
    state: StateOfReceipt
    lookup_code: str = Field(
        description="What a holder types at `/verify`; also the end of `/r/{lookup_code}`.",
        examples=["7K2M9QXR4T1B"],
    )
    total_dong: TotalDong
    issued_at: datetime = Field(
        description="The moment on the receipt, in UTC.", examples=["2026-11-22T03:04:05Z"]
    )
    has_pdf: bool = Field(description="Whether the PDF and XML are ready to be fetched.", examples=[True])


class Obligation(Told):
    """The notice by which another body has set the amount."""

    number: str = Field(description="The notice's own number.", examples=["123/TB-CCT"])
    issued_on: date | None = Field(
        description="The day on the notice; null when it was not given.", examples=["2026-11-20"]
    )
    due_on: date | None = Field(
        description="The day until which it is to be paid; null when it was not given.",
        examples=["2026-12-20"],
    )


class PaymentRequest(Told):
    """What a dossier owes, and everything that has come of it."""

    id: RequestId
    dossier_code: DossierCode
    procedure_code: str | None = Field(
        description="The procedure it was computed by; null for an obligation.", examples=["2.000815"]
    )
    obligation: Obligation | None = Field(description="The notice it collects; null for a procedure.")
    description_vi: str = Field(description="What is paid for, in Vietnamese, as the payer reads it.")
    description_en: str = Field(description="The same in English.")
    agency: Agency = Field(description="The agency that decides, and collects unless a line says otherwise.")
    channel: str = Field(
        description="How the dossier was handed in: `online`, `counter` or `post`.", examples=["online"]
    )
    payer_name: str = Field(
        description="Who owes, as you wrote it; may be empty.", examples=["Nguyễn Thị Ánh"]
    )
    amount_dong: TotalDong
    state: State
    created_at: CreatedAt
    expires_at: datetime = Field(
        description="Until when it can be paid, in UTC.", examples=["2026-12-07T03:00:00Z"]
    )
    ended_at: EndedAt
    checkout_url: str = Field(
        description="Send the citizen here. Whoever has the link sees what is paid: keep it out of logs.",
        examples=["https://pay.example.gov.vn/pay/…"],
    )
    return_url: str = Field(
        description="Where the citizen goes on after paying; may be empty.",
        examples=["https://portal.example/dossiers/0001"],
    )
    lines: tuple[Line, ...] = Field(description="What it is made of, by position.")
    schedules: tuple[Schedule, ...] = Field(
        description="The fee schedules that were used; none for an obligation."
    )
    payments: tuple[Payment, ...] = Field(description="The money that arrived for it, oldest first.")
    receipts: tuple[ReceiptSummary, ...] = Field(
        description="Its receipts, one of each collector, as soon as it is paid."
    )


class PaymentRequestPage(Told):
    """A page of payment requests."""

    items: tuple[PaymentRequest, ...] = Field(description="Those of this page, newest first.")
    next_cursor: str | None = Field(
        description="Give it as `cursor` for the next page; null on the last.",
        examples=["pr_01K5A2Z3V7QH1N8M4C6T9W2XRY"],
    )


class Refund(Told):
    """Money that is given back, or is asked to be."""

    reference: str = Field(
        description="The refund's number, here and at the provider.",
        examples=["RF01K5A2Z3V7QH1N8M4C6T9W2XRY"],
    )
    payment_id: str = Field(description="The payment that it gives back a part or all of.")
    amount_dong: AmountDong
    state: StateOfRefund
    reason: str = Field(
        description="Why, as it was asked for.", examples=["Người nộp rút hồ sơ trước khi thụ lý"]
    )
    requested_at: datetime = Field(
        description="When it was asked for, in UTC.", examples=["2026-11-22T03:00:00Z"]
    )
    ended_at: EndedAt


class RefundList(Told):
    """The refunds of a payment request."""

    items: tuple[Refund, ...] = Field(description="All of them, oldest first.")


class Dossier(Told):
    """Whether processing may begin, and why or why not."""

    dossier_code: DossierCode
    may_begin: bool = Field(
        description="Whether everything is paid: no request is open, and none has expired without a later one for the"
        " same. This alone decides, not the states of single requests.",
        examples=[True],
    )
    reason: str = Field(
        description="Why or why not, for programs.",
        examples=["all_paid", "waiting_for_payment", "payment_expired", "nothing_asked"],
    )
    reason_vi: str = Field(
        description="Why or why not, in Vietnamese, for people.",
        examples=["Mọi khoản phí, lệ phí của hồ sơ đã được nộp đủ."],
    )
    reason_en: str = Field(
        description="The same in English.", examples=["Everything this dossier owes has been paid."]
    )
    requests: tuple[PaymentRequest, ...] = Field(
        description="Every payment request of the dossier, oldest first."
    )


class Event(Told):
    """Something that happened to a payment request; the same data goes out by webhook."""

    id: str = Field(description="The event's number, the `webhook-id` of its webhook.")
    position: int = Field(description="Its place among your events, which only grows.", examples=[41])
    type: str = Field(
        description="What has happened; the types are listed under Webhooks.",
        examples=["payment_request.paid"],
    )
    created_at: datetime = Field(description="When it happened, in UTC.", examples=["2026-11-22T03:04:05Z"])
    data: dict[str, Any] = Field(
        description="`payment_request` and `dossier` as they were after it, and `refund` where it is of one."
    )


class EventList(Told):
    """What has happened since."""

    items: tuple[Event, ...] = Field(description="Events after the one that was named, oldest first.")
    next_after: int = Field(
        description="Give it as `after` for the next call; unchanged when nothing is new.", examples=[41]
    )


class Receipt(ReceiptSummary):
    """A receipt of one of this portal's payment requests."""

    payment_request_id: RequestId
    dossier_code: DossierCode
