"""What portals send: the bodies, the query parameters and the headers of their calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from payments.core.lifecycle import RequestState
from payments.use_cases.wishes import FeeWish, ObligationLine, ObligationWish, Payer, Wish
from payments.web.portal.words import (
    IDEMPOTENCY_KEY,
    MOST_INPUTS,
    SUB_ITEM,
    TAX_CODE,
    Asked,
    Code,
    Cursor,
    Dong,
    DossierCode,
    FilledText,
    InputName,
    InputValue,
    Moment,
    Searched,
    Text,
    WebAddress,
    fault,
)

Channel = Annotated[
    Literal["online", "counter", "post"],
    Field(description="How the dossier is handed in; some fees depend on it.", examples=["online"]),
]
Inputs = Annotated[
    dict[InputName, InputValue],
    Field(
        max_length=MOST_INPUTS,
        description="Answers to the procedure's questions, by name; `GET /v1/procedures/{code}` lists them.",
        examples=[{"pages": 3, "copies": 1}],
    ),
]
Beneficiaries = Annotated[
    frozenset[InputName],
    Field(
        max_length=20,
        description="Groups the payer proves to belong to, for exemptions and reductions;"
        " `GET /v1/procedures/{code}` lists them. An unknown one is refused.",
    ),
]


class CaseFacts(Asked):
    """What is known about a case, whichever way it is asked about."""

    inputs: Inputs = Field(default_factory=dict)
    channel: Channel = "online"
    filed_on: date | None = Field(
        None, description="Day the dossier was filed; today in Vietnam when absent."
    )
    territory: Text | None = Field(
        None,
        max_length=40,
        description="Province code, with a former province inside it after a slash where its older tariff"
        " lives on (`31/30`); that of the deciding agency when absent.",
        examples=["31"],
    )
    beneficiaries: Beneficiaries = frozenset()
    agency_code: Code | None = Field(
        None, description="The agency that decides and collects; the procedure's own when absent."
    )

    def fee_wish(self, procedure_code: str, collectors: Mapping[str, str]) -> FeeWish:
        return FeeWish(
            procedure_code=procedure_code,
            inputs=self.inputs,
            channel=self.channel,
            filed_on=self.filed_on,
            territory=self.territory,
            beneficiaries=self.beneficiaries,
            agency_code=self.agency_code,
            collectors=collectors,
        )


class Case(CaseFacts):
    """A procedure and what is known about the case."""

    procedure_code: Code = Field(description="From `GET /v1/procedures`.", examples=["2.000815"])

    def wish(self) -> FeeWish:
        return self.fee_wish(self.procedure_code, {})


class NewPayer(Asked):
    """Who owes; every field may stay away, since the law does not demand it on a receipt."""

    name: Text = Field(
        "", max_length=300, description="As it is to stand on the receipt.", examples=["Nguyễn Thị Ánh"]
    )
    tax_code: str = Field(
        "",
        pattern=TAX_CODE,
        description="Tax code of 10 or 13 digits, or personal identification number of 12.",
        examples=["0101234567"],
    )
    address: Text = Field("", max_length=300, description="Postal address, as it is to stand on the receipt.")


class NewObligationLine(Asked):
    """One amount that the notice states."""

    kind: Literal["fee", "charge", "obligation"] = Field(
        "obligation", description="A fee (phí), a charge (lệ phí), or another duty such as a tax or a fine."
    )
    name_vi: FilledText = Field(
        max_length=500, description="What is owed, in Vietnamese.", examples=["Lệ phí trước bạ nhà đất"]
    )
    name_en: Text = Field("", max_length=500, description="The same in English; may be empty.")
    amount_dong: Dong
    sub_item: str = Field(pattern=SUB_ITEM, description="Budget sub-item (tiểu mục).", examples=["2801"])
    legal_basis_vi: FilledText = Field(
        max_length=500, description="What sets it, in Vietnamese.", examples=["Thông báo số 123/TB-CCT"]
    )
    legal_basis_en: Text = Field("", max_length=500, description="The same in English; may be empty.")


class NewObligation(Asked):
    """A duty that another body has set, such as a tax notice; it is collected as it stands."""

    agency_code: Code = Field(description="The collecting agency.")
    number: FilledText = Field(
        max_length=100, description="The notice's own number.", examples=["123/TB-CCT"]
    )
    issued_on: date | None = Field(None, description="The day on the notice.", examples=["2026-11-20"])
    due_on: date | None = Field(
        None, description="The day until which it is to be paid.", examples=["2026-12-20"]
    )
    lines: tuple[NewObligationLine, ...] = Field(
        min_length=1, max_length=50, description="The amounts that it states."
    )

    def wish(self, channel: Channel) -> ObligationWish:
        return ObligationWish(
            agency_code=self.agency_code,
            number=self.number,
            issued_on=self.issued_on,
            due_on=self.due_on,
            lines=tuple(ObligationLine(**line.model_dump()) for line in self.lines),
            channel=channel,
        )


class NewPaymentRequest(CaseFacts):
    """What a dossier owes: either `procedure_code` with `inputs`, or `obligation`."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["procedure_code"]}, {"required": ["obligation"]}],
            "examples": [
                {
                    "dossier_code": "000.00.12.H29-261122-0001",
                    "procedure_code": "2.000815",
                    "inputs": {"pages": 3, "copies": 1},
                    "payer": {"name": "Nguyễn Thị Ánh"},
                    "return_url": "https://portal.example/dossiers/0001",
                }
            ],
        }
    )

    dossier_code: DossierCode = Field(
        max_length=100, description="Your own number of the dossier.", examples=["000.00.12.H29-261122-0001"]
    )
    procedure_code: Code | None = Field(None, description="From `GET /v1/procedures`.")
    collectors: Annotated[dict[InputName, Code], Field(max_length=10)] = Field(
        default_factory=dict, description="Which agency collects each kind of line, where several collect."
    )
    obligation: NewObligation | None = Field(
        None, description="The notice by which another body has set the amount."
    )
    payer: NewPayer = Field(NewPayer(), description="Who owes.")
    return_url: WebAddress | None = Field(None, description="Where the citizen goes on after paying.")
    lifetime_seconds: int | None = Field(
        None, ge=900, le=180 * 24 * 3600, description="How long it may be paid; 15 days when absent."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> NewPaymentRequest:
        if (self.procedure_code is None) == (self.obligation is None):
            raise fault(
                "Cần đúng một trong hai: procedure_code (kèm inputs) hoặc obligation.",
                "Give exactly one of procedure_code (with inputs) and obligation.",
            )
        stray = [
            name for name in OF_A_PROCEDURE if self.obligation is not None and name in self.model_fields_set
        ]
        if stray:
            listed = ", ".join(stray)
            raise fault(f"Không dùng {listed} cùng obligation.", f"Leave out {listed} beside obligation.")
        return self

    def wish(self) -> Wish:
        lifetime = None if self.lifetime_seconds is None else timedelta(seconds=self.lifetime_seconds)
        return Wish(
            dossier_code=self.dossier_code,
            what=self._what(),
            payer=Payer(self.payer.name, self.payer.tax_code, self.payer.address),
            return_url=self.return_url or "",
            lifetime=lifetime,
        )

    def _what(self) -> FeeWish | ObligationWish:
        if self.obligation is not None:
            return self.obligation.wish(self.channel)
        return self.fee_wish(self.procedure_code or "", self.collectors)


OF_A_PROCEDURE = ("inputs", "filed_on", "territory", "beneficiaries", "agency_code", "collectors")


class NewRefund(Asked):
    """A wish to give back a part or all of what was paid; an officer approves it."""

    amount_dong: Dong
    reason: FilledText = Field(
        max_length=500,
        description="Why, for the officer who decides.",
        examples=["Người nộp rút hồ sơ trước khi thụ lý"],
    )


class KeyHeaders(BaseModel):
    """Headers of calls that change something."""

    model_config = ConfigDict(populate_by_name=True)

    key: str | None = Field(
        None,
        alias="Idempotency-Key",
        pattern=IDEMPOTENCY_KEY,
        description="Your own name for this call, such as a UUID. A repetition with the same key and body"
        " gets the first answer again and changes nothing; keys are kept for 24 hours.",
        examples=["7f0d3f2e-6d0a-4f0e-9a53-0a1b2c3d4e5f"],
    )


PageSize = Annotated[int, Field(ge=1, le=100, description="How many at most.")]


class RequestsSearched(Searched):
    state: RequestState | None = Field(None, description="Only those in this state.")
    dossier_code: str | None = Field(
        None, min_length=1, max_length=100, description="Only those of this dossier."
    )
    procedure_code: Code | None = Field(None, description="Only those of this procedure.")
    created_from: Moment | None = Field(None, description="At or after this moment (RFC 3339).")
    created_to: Moment | None = Field(None, description="Before this moment (RFC 3339).")
    cursor: Cursor | None = Field(None, description="`next_cursor` of the page before.")
    limit: PageSize = 50


class ProceduresSearched(Searched):
    query: str | None = Field(
        None,
        max_length=200,
        description="Only those with these words, or beginnings of words, in their name, field or code, with or"
        " without accents.",
        examples=["chung thuc"],
    )
    field: str | None = Field(None, max_length=300, description="Only those of this field, by `field_vi`.")
    level: str | None = Field(None, max_length=20, description="Only those that this level decides.")
    cursor: Code | None = Field(None, description="`next_cursor` of the page before.")
    limit: Annotated[int, Field(ge=1, le=1000, description="How many at most.")] = 1000


class EventsSearched(Searched):
    after: int = Field(
        0, ge=0, le=2**62, description="Position of the last event you have; 0 from the start."
    )
    limit: PageSize = 100


class ReceiptSearched(Searched):
    agency_code: Code | None = Field(
        None, description="The collector, where two collectors' receipts bear the same number."
    )


class NothingSearched(Searched):
    """No query parameters."""
