"""May processing of a dossier begin? A pure answer from what the dossier owes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from payments.core.lifecycle import RequestState


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
    "Yêu cầu nộp tiền đã hết hạn; hãy lập yêu cầu mới.",
    "A payment request has expired; please make a new one.",
)
NOTHING_ASKED = Permission(
    False,
    "nothing_asked",
    "Hồ sơ không còn yêu cầu nộp tiền nào có hiệu lực.",
    "No payment request of this dossier is in force.",
)


def permission(states: Collection[RequestState]) -> Permission:
    """Whether processing may begin, from the states of all requests of the dossier.

    Cancelled requests count for nothing. An expired one blocks only while no other request of the dossier has been
    paid, since a new request usually replaces it.
    """
    standing = [state for state in states if state is not RequestState.CANCELLED]
    if RequestState.OPEN in standing:
        return WAITING
    if RequestState.PAID in standing:
        return ALL_PAID
    return EXPIRED if standing else NOTHING_ASKED
