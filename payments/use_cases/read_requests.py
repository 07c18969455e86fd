"""What a portal may read: its requests, its dossiers and its events. Another portal's things do not exist."""

from __future__ import annotations

from payments.core.dossier import permission
from payments.core.refusals import NotFound
from payments.store import events
from payments.store.database import reading
from payments.store.requests import RequestFilter, asked_of, find_by_dossier, find_request, list_requests
from payments.use_cases.gateway import Gateway
from payments.use_cases.show_request import picture
from payments.use_cases.views import DossierView, EventView, Page, PaymentRequestView

MOST_PER_PAGE = 100


def get_request(gateway: Gateway, portal_code: str, request_id: str) -> PaymentRequestView:
    """One request of this portal. Raises NotFound."""
    with reading(gateway.engine) as connection:
        row = find_request(connection, request_id, portal_code)
        if row is None:
            raise unknown_request()
        return picture(connection, [row], gateway.public_url)[0]


def list_page(
    gateway: Gateway, portal_code: str, wanted: RequestFilter, cursor: str | None, limit: int
) -> Page[PaymentRequestView]:
    """The portal's requests, newest first; ``cursor`` is the last id of the page before."""
    limit = max(1, min(limit, MOST_PER_PAGE))
    with reading(gateway.engine) as connection:
        rows = list_requests(connection, portal_code, wanted, cursor, limit + 1)
        views = picture(connection, rows[:limit], gateway.public_url)
    return Page(tuple(views), views[-1].id if len(rows) > limit else None)


def get_dossier(gateway: Gateway, portal_code: str, dossier_code: str) -> DossierView:
    """Whether processing of the dossier may begin. Raises NotFound when it never had a request."""
    with reading(gateway.engine) as connection:
        rows = find_by_dossier(connection, portal_code, dossier_code)
        if not rows:
            raise NotFound(
                "unknown_dossier",
                "Chưa có yêu cầu nộp tiền nào cho hồ sơ này.",
                "No payment was ever requested for this dossier.",
            )
        views = picture(connection, rows, gateway.public_url)
    may = permission([asked_of(row) for row in rows])
    return DossierView(dossier_code, may.may_begin, may.reason, may.reason_vi, may.reason_en, tuple(views))


def list_events(gateway: Gateway, portal_code: str, after_position: int, limit: int) -> list[EventView]:
    """The portal's events after a position, in order; the last position is the next cursor."""
    limit = max(1, min(limit, MOST_PER_PAGE))
    with reading(gateway.engine) as connection:
        rows = events.list_events(connection, portal_code, after_position, limit)
    return [
        EventView(**{name: getattr(row, name) for name in EventView.__dataclass_fields__}) for row in rows
    ]


def unknown_request() -> NotFound:
    return NotFound(
        "unknown_payment_request", "Không có yêu cầu nộp tiền này.", "There is no such payment request."
    )
