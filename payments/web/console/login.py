"""Logging in and out.

Before there is a session, the form is protected by a token that stands both in it and in a cookie of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from payments.core.references import encode
from payments.use_cases.gateway import Gateway
from payments.use_cases.log_in import LoginRefused, find_session, log_in, log_out
from payments.web.console.guard import (
    COOKIE_PATH,
    CSRF_FIELD,
    FIRST_PAGE,
    SEE_OTHER,
    Visit,
    drop_cookie,
    forged_form,
    is_https,
    read_form,
    session_token,
    set_cookie,
    to_login,
)
from payments.web.templating import page
from providers.signing import same

FORM_COOKIE = "thuphi_console_form"
FORM_SECONDS = 3600
OWN_PAGE = re.compile(r"/console(?:/[A-Za-z0-9._/-]*)?(?:\?[^\s\\#]*)?")
# Each check of a password takes 64 MiB and a good part of a second of one core, by design.
MOST_CHECKS_AT_ONCE = 2


class Login:
    """The login page of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.checks = anyio.CapacityLimiter(MOST_CHECKS_AT_ONCE)

    async def show(self, request: Request) -> Response:
        """GET /console/login; who has a session goes on at once."""
        session = await run_in_threadpool(find_session, self.gateway, session_token(request))
        if session is not None:
            return RedirectResponse(way_back(request.query_params.get("next", "")), SEE_OTHER)
        return self._page(
            request, 200, way_back(request.query_params.get("next", "")), login="", refused=None
        )

    async def enter(self, request: Request) -> Response:
        """POST /console/login."""
        form = await read_form(request)
        token = request.cookies.get(FORM_COOKIE, "")
        if not token or not same(form.get(CSRF_FIELD, ""), token):
            raise forged_form()
        return await anyio.to_thread.run_sync(self._enter, request, form, limiter=self.checks)

    def _enter(self, request: Request, form: Mapping[str, str]) -> Response:
        address = request.client.host if request.client else ""
        login, next_page = form.get("login", ""), way_back(form.get("next", ""))
        try:
            new = log_in(self.gateway, login, form.get("password", ""), address)
        except LoginRefused as refused:
            status = 429 if refused.code == "login_throttled" else 401
            return self._page(request, status, next_page, login=login[:60], refused=refused)
        response = RedirectResponse(next_page, SEE_OTHER)
        set_cookie(response, self.gateway, new.token)
        response.delete_cookie(FORM_COOKIE, path=COOKIE_PATH)
        return response

    def _page(
        self, request: Request, status: int, next_page: str, *, login: str, refused: LoginRefused | None
    ) -> Response:
        token = request.cookies.get(FORM_COOKIE) or encode(self.gateway.draw(32), 51)
        response = page(
            request,
            "console/login.html",
            status=status,
            csrf_token=token,
            next=next_page,
            login=login,
            refused=refused,
            session=None,
        )
        response.set_cookie(
            FORM_COOKIE,
            token,
            max_age=FORM_SECONDS,
            path=COOKIE_PATH,
            secure=is_https(self.gateway),
            httponly=True,
            samesite="strict",
        )
        return response


def leave(visit: Visit) -> Response:
    """POST /console/logout."""
    log_out(visit.gateway, visit.session)
    response = to_login(visit.request)
    drop_cookie(response, visit.gateway)
    return response


def way_back(wish: str) -> str:
    """Where to go after logging in: a page of the console, never another site."""
    return wish if OWN_PAGE.fullmatch(wish) and "//" not in wish.partition("?")[0] else FIRST_PAGE
