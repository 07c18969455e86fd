"""What the fields of answers mean: units, forms and examples, written once and shown in the reference.

Every field of an answer has a description here or in ``told``; a test sees to that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from payments.core.lifecycle import ReceiptState, RefundState, RequestState

RequestId = Annotated[
    str,
    Field(description="The payment request's number here.", examples=["pr_01K5A2Z3V7QH1N8M4C6T9W2XRY"]),
]
DossierCode = Annotated[
    str, Field(description="Your own number of the dossier.", examples=["000.00.12.H29-261122-0001"])
]
ProcedureCode = Annotated[
    str,
    Field(
        description="The procedure's national code, or one of this installation that begins with `TP-`.",
        examples=["2.000815"],
    ),
]
AgencyCode = Annotated[
    str,
    Field(description="The collecting agency, by its code in this installation.", examples=["ubnd-phuong"]),
]
NameVi = Annotated[str, Field(description="Name in Vietnamese.")]
NameEn = Annotated[str, Field(description="Name in English.")]
AmountDong = Annotated[int, Field(description="Whole đồng.", examples=[6000])]
TotalDong = Annotated[int, Field(description="Sum of the lines, in whole đồng.", examples=[6000])]
ItemCode = Annotated[
    str,
    Field(
        description="The item of the fee schedule; `notice-` and the sub-item for an amount of another body.",
        examples=["certification.copy"],
    ),
]
LineKind = Annotated[
    str, Field(description="`fee` (phí), `charge` (lệ phí) or `obligation`.", examples=["fee"])
]
Outcome = Annotated[
    str,
    Field(
        description="`due`, `exempt`, `not_payable` or `zero_by_rule`; the amount is 0 except where it is due.",
        examples=["due"],
    ),
]
SubItem = Annotated[
    str,
    Field(
        description="Budget sub-item (tiểu mục) of four digits; empty where none is established.",
        examples=["2716"],
    ),
]
LegalBasisVi = Annotated[
    str,
    Field(
        description="Article and text that set the amount, in Vietnamese.",
        examples=["Điều 4 Thông tư 226/2016/TT-BTC"],
    ),
]
LegalBasisEn = Annotated[str, Field(description="The same in English.")]
ExplanationVi = Annotated[
    str,
    Field(
        description="How the amount comes about, in Vietnamese, to be shown to the payer.",
        examples=["3 trang × 2.000 đ = 6.000 đ"],
    ),
]
ExplanationEn = Annotated[
    str, Field(description="The same in English.", examples=["3 pages × VND 2,000 = VND 6,000"])
]
ScheduleId = Annotated[
    str,
    Field(
        description="The fee schedule that was used; empty for an amount that another body has set.",
        examples=["thong-tu-226-2016"],
    ),
]
ScheduleVersion = Annotated[
    int, Field(description="Its version; 0 for an amount that another body has set.", examples=[1])
]
Trace = Annotated[
    dict[str, Any],
    # Requests of the first installations keep an empty list where nothing was computed.
    BeforeValidator(lambda stored: stored or {}),
    Field(
        description="The calculation step by step, for those who check it; empty for what another body has set."
    ),
]
CreatedAt = Annotated[
    datetime, Field(description="When it was made, in UTC.", examples=["2026-11-22T03:00:00Z"])
]
EndedAt = Annotated[
    datetime | None,
    Field(description="When it ended, in UTC; null before.", examples=["2026-11-22T03:04:05Z"]),
]
State = Annotated[
    RequestState,
    Field(
        description="`open` until it is paid, cancelled or expired. An expired one becomes `paid` when money of it"
        " arrives late and the procedure allows that.",
        examples=["open"],
    ),
]
StateOfReceipt = Annotated[
    ReceiptState,
    Field(
        description="`issued`; `replaced` by another receipt; `reported_wrong` to the tax authority.",
        examples=["issued"],
    ),
]
StateOfRefund = Annotated[
    RefundState,
    Field(
        description="`requested` until an officer decides: `rejected`, or `approved` and then `sent` to the bank;"
        " `done` and `failed` are what the bank says, `unknown` means that it is being asked.",
        examples=["requested"],
    ),
]
