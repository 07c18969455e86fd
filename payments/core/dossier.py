"""May processing of a dossier begin? A pure answer from what the dossier owes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.core.lifecycle import RequestState


@dataclass(frozen=True, slots=True)
class AskedOf:
    """One request of a dossier; ``subject`` names what it is for: a procedure, or one notice of one agency."""

    subject: str
    state: RequestState
    amount_dong: int
    created_at: datetime
    ended_at: datetime | None  # None while it is open

    def replaces(self, expired: AskedOf) -> bool:
        """Whether this asks anew for what ``expired`` asked for: it was made after the other had ended.

        Two that stood side by side are two debts. What is free by rule replaces none: only a person can drop that.
        """
        anew = expired.ended_at is not None and self.created_at >= expired.ended_at
        stands = self.state is not RequestState.CANCELLED and self.amount_dong > 0
        return anew and stands and self.subject == expired.subject


@dataclass(frozen=True, slots=True)
class Permission:
    """``reason`` is a stable code; the sentences are for people."""

    may_begin: bool
    reason: str
    reason_vi: str
    reason_en: str


ALL_PAID = Permission(
    True,
    "all_paid",
    "Mọi khoản phí, lệ phí của hồ sơ đã được nộp đủ.",
    "Everything this dossier owes has been paid.",
)
WAITING = Permission(
    False,
    "waiting_for_payment",
    "Hồ sơ còn khoản phí, lệ phí chưa nộp.",
    "Some of what this dossier owes has not been paid.",
)
EXPIRED = Permission(
    False,
    "payment_expired",
    "Có yêu cầu nộp tiền đã hết hạn mà chưa nộp; hãy lập yêu cầu mới, hoặc hủy yêu cầu ấy nếu không còn phải nộp.",
    "A payment request has expired unpaid; make a new one, or cancel it if the money is owed no longer.",
)
NOTHING_ASKED = Permission(
    False,
    "nothing_asked",
    "Hồ sơ không còn yêu cầu nộp tiền nào có hiệu lực.",
    "No payment request of this dossier is in force.",
)


def subject_of(procedure_code: str | None, agency_code: str, notice_number: str) -> str:
    """What a request is for; a request for the same, made later, takes the place of one that has expired."""
    return f"procedure {procedure_code}" if procedure_code else f"notice {agency_code} {notice_number}"


def permission(requests: Sequence[AskedOf]) -> Permission:
    """Whether processing may begin, from all requests of the dossier.

    Cancelled requests count for nothing. An expired one blocks until the portal cancels it or asks anew for the same:
    that time ran out says nothing of the debt.
    """
    standing = [each for each in requests if each.state is not RequestState.CANCELLED]
    if any(each.state is RequestState.OPEN for each in standing):
        return WAITING
    for each in standing:
        if each.state is RequestState.EXPIRED and not any(other.replaces(each) for other in standing):
            return EXPIRED
    return ALL_PAID if standing else NOTHING_ASKED
