"""Every address of the console, with the right that it needs."""

from __future__ import annotations

from starlette.routing import Route

from payments.use_cases.gateway import Gateway
from payments.web.console import actions, pages, refunds, schedules
from payments.web.console.guard import LOGIN_PATH, Handler, Right, guarded
from payments.web.console.login import Login, leave

GUARDED: tuple[tuple[str, str, Handler, Right], ...] = (
    ("GET", "/console", pages.show_first, Right.SEE),
    ("GET", "/console/payments", pages.show_list, Right.SEE),
    ("GET", "/console/payments/{request_id}", pages.show_one, Right.SEE),
    ("POST", "/console/payments/{request_id}/ask", actions.ask, Right.ACT),
    ("POST", "/console/payments/{request_id}/resend", actions.resend, Right.ACT),
    ("POST", "/console/payments/{request_id}/refunds", refunds.ask_refund, Right.ACT),
    ("POST", "/console/payments/{request_id}/refunds/approve", refunds.approve, Right.ACT),
    ("POST", "/console/payments/{request_id}/refunds/reject", refunds.reject, Right.ACT),
    ("POST", "/console/payments/{request_id}/refunds/end", refunds.end, Right.ACT),
    ("GET", "/console/unmatched", pages.show_unmatched, Right.SEE),
    ("GET", "/console/schedules", schedules.show_list, Right.SEE),
    ("POST", "/console/schedules", schedules.bring, Right.ACT),
    ("GET", "/console/schedules/{draft_id}", schedules.show_one, Right.SEE),
    ("POST", "/console/schedules/{draft_id}/check", schedules.check, Right.ACT),
    ("POST", "/console/schedules/{draft_id}/approve", schedules.approve, Right.ACT),
    ("POST", "/console/schedules/{draft_id}/publish", schedules.publish, Right.ACT),
    ("POST", "/console/schedules/{draft_id}/withdraw", schedules.withdraw, Right.ACT),
    ("POST", "/console/logout", leave, Right.SEE),
)
TAKES_A_FILE: tuple[Handler, ...] = (schedules.bring,)


def routes(gateway: Gateway) -> list[Route]:
    """The console of ``gateway``; only the login page itself stands before the door."""
    login = Login(gateway)
    return [
        Route(LOGIN_PATH, login.show, methods=["GET"]),
        Route(LOGIN_PATH, login.enter, methods=["POST"]),
        *(
            Route(path, guarded(gateway, handler, right, int(handler in TAKES_A_FILE)), methods=[method])
            for method, path, handler, right in GUARDED
        ),
    ]
