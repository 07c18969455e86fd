"""Checkout views made by hand: one for every standing, with Vietnamese of real length."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from payments.core.lifecycle import AttemptState, ReceiptState, RequestState
from payments.use_cases.views import (
    AgencyView,
    AttemptView,
    CheckoutView,
    LineView,
    Offer,
    PaymentRequestView,
    PaymentView,
    ReceiptView,
    Standing,
)

NOW = datetime(2026, 9, 14, 3, 5, tzinfo=UTC)  # 10:05 in Vietnam
TOKEN = "7Q2M4X8K1ZT9V3B6N5R0WYHJCD"

LINE = LineView(
    position=1,
    agency_code="STP",
    item_code="criminal-record",
    kind="fee",
    outcome="due",
    name_vi="Phí cung cấp thông tin lý lịch tư pháp",
    name_en="Fee for criminal-record information",
    amount_dong=200_000,
    retained_dong=170_000,
    remitted_dong=30_000,
    sub_item="2716",
    legal_basis_vi="Điều 4 khoản 1 Thông tư 16/2025/TT-BTC",
    legal_basis_en="Article 4(1) of Circular 16/2025/TT-BTC",
    explanation_vi="Mức thu 200.000 đ mỗi lần, một người.",
    explanation_en="200,000 VND for each issue, one person.",
    schedule_id="criminal-record",
    schedule_version=1,
    trace=None,
)
COPIES = replace(
    LINE,
    position=2,
    item_code="extra-copies",
    name_vi="Phí cấp thêm phiếu",
    name_en="Fee for extra certificates",
    amount_dong=15_000,
    retained_dong=15_000,
    remitted_dong=0,
    explanation_vi="5 phiếu, 2 phiếu đầu không thu: 3 phiếu × 5.000 đ = 15.000 đ.",
    explanation_en="5 certificates, the first 2 free: 3 certificates × 5,000 VND = 15,000 VND.",
)
AGENCY = AgencyView(
    "STP",
    "Sở Tư pháp thành phố Hà Nội",
    "Hanoi Department of Justice",
    "0101234567",
    "1B Trần Phú, phường Hà Đông, Hà Nội",
)
ATTEMPT = AttemptView(
    reference="TP01K54F0AV8Z3M7Q2X9R1T6WYHJ",
    account_code="vnpay",
    state=AttemptState.PENDING,
    amount_dong=215_000,
    created_at=NOW - timedelta(minutes=2),
    expires_at=NOW + timedelta(minutes=13),
    ended_at=None,
    provider_code="",
    questioned=False,
)
PAYMENT = PaymentView(
    id="pm_01",
    account_code="vnpay",
    attempt_reference=ATTEMPT.reference,
    provider_reference="14422574",
    amount_dong=215_000,
    refunded_dong=0,
    promised_dong=0,
    disposition="settled",
    reason="",
    method="NCB ATM",
    occurred_at=NOW - timedelta(minutes=1),
    booked_at=NOW,
)
RECEIPT = ReceiptView(
    id="rc_01",
    agency_code="STP",
    form_code="EBL01",
    serial="26TAA",
    number=1207,
    state=ReceiptState.ISSUED,
    lookup_code="K7Q2M4X8Z1T9",
    total_dong=215_000,
    issued_at=NOW,
    has_pdf=True,
)
REQUEST = PaymentRequestView(
    id="pr_01K54F0AV8Z3M7Q2X9R1T6WYHJ",
    portal_code="hanoi",
    dossier_code="H26.15-260914-0042",
    procedure_code="1.001122",
    obligation=None,
    description_vi="Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam",
    description_en="Criminal-record certificate for Vietnamese citizens",
    agency=AGENCY,
    collectors={AGENCY.code: AGENCY},
    channel="online",
    payer_name="Nguyễn Thị Minh Khai",
    amount_dong=215_000,
    state=RequestState.OPEN,
    created_at=NOW - timedelta(hours=1),
    expires_at=NOW + timedelta(days=15),
    ended_at=None,
    checkout_url=f"https://thu.example.vn/pay/{TOKEN}",
    return_url="https://dichvucong.example.vn/ho-so/0042",
    lines=(LINE, COPIES),
    schedules=(),
    payments=(),
    receipts=(),
)
OFFERS = (Offer("vnpay", "vnpay", "VNPAY"), Offer("momo", "momo", "Ví MoMo"))
PAYABLE = CheckoutView(
    request=REQUEST,
    standing=Standing.PAYABLE,
    offers=OFFERS,
    attempts=(),
    failed_last=False,
    token=TOKEN,
    now=NOW,
)


def ended(standing: Standing, state: RequestState, **request: object) -> CheckoutView:
    """``PAYABLE`` after its end."""
    changed = replace(REQUEST, state=state, ended_at=NOW, **request)  # type: ignore[arg-type]
    return replace(PAYABLE, standing=standing, request=changed, offers=())


FAILED_LAST = replace(
    PAYABLE,
    failed_last=True,
    attempts=(replace(ATTEMPT, state=AttemptState.FAILED, ended_at=NOW, provider_code="24"),),
)
ASKING = replace(PAYABLE, standing=Standing.ASKING, attempts=(ATTEMPT,))
HELD = replace(
    ASKING,
    standing=Standing.HELD,
    request=replace(
        REQUEST,
        payments=(replace(PAYMENT, amount_dong=21_500, disposition="suspense", reason="wrong_amount"),),
    ),
)
PAID = ended(Standing.PAID, RequestState.PAID, payments=(PAYMENT,), receipts=(RECEIPT,))
PAID_WITHOUT_PAPERS = ended(
    Standing.PAID, RequestState.PAID, payments=(PAYMENT,), receipts=(replace(RECEIPT, has_pdf=False),)
)
PAID_TWICE = ended(
    Standing.PAID,
    RequestState.PAID,
    payments=(PAYMENT, replace(PAYMENT, id="pm_02", disposition="suspense", reason="already_paid")),
    receipts=(RECEIPT,),
)
NOTHING_DUE = ended(
    Standing.NOTHING_DUE,
    RequestState.PAID,
    amount_dong=0,
    lines=(
        replace(
            LINE,
            outcome="exempt",
            amount_dong=0,
            retained_dong=0,
            remitted_dong=0,
            explanation_vi="Trẻ em dưới 16 tuổi được miễn phí.",
            explanation_en="Children under 16 are exempt.",
        ),
    ),
)
CANCELLED = ended(Standing.CANCELLED, RequestState.CANCELLED)
EXPIRED = ended(Standing.EXPIRED, RequestState.EXPIRED)

EVERY_VIEW = {
    "payable": PAYABLE,
    "failed-last": FAILED_LAST,
    "asking": ASKING,
    "held": HELD,
    "paid": PAID,
    "paid-without-papers": PAID_WITHOUT_PAPERS,
    "paid-twice": PAID_TWICE,
    "nothing-due": NOTHING_DUE,
    "cancelled": CANCELLED,
    "expired": EXPIRED,
}
