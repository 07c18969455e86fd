"""The door of the console: every page passes here, none has a check of its own.

A page needs a session and a right that the person's role has; without a session one is sent to the login page
and comes back afterwards. A form needs the session's token as well, so that no other site can send it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from payments.store.users import Role
from payments.use_cases.gateway import Gateway
from payments.use_cases.log_in import ABSOLUTE, Session, actor_of, find_session
from payments.web.edge import EdgeRefusal
from providers.signing import same

COOKIE = "thuphi_console"
COOKIE_PATH = "/console"
CSRF_FIELD = "csrf_token"
LOGIN_PATH = "/console/login"
FIRST_PAGE = "/console/payments"
MOST_FIELDS = 20
SEE_OTHER = 303
HARMLESS = ("GET", "HEAD")


class Right(StrEnum):
    SEE = "see"
    ACT = "act"  # ask providers, resend webhooks, decide on refunds


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.FINANCE_OFFICER: frozenset({Right.SEE, Right.ACT}),
    Role.AUDITOR: frozenset({Right.SEE}),
    Role.ADMINISTRATOR: frozenset({Right.SEE}),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person who is logged in, with the form that came along."""

    gateway: Gateway
    request: Request
    session: Session
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        return actor_of(self.session)

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.session.user.role]


Handler = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(gateway: Gateway, handler: Handler, right: Right, most_files: int = 0) -> Endpoint:
    """``handler`` behind the door; it runs in a thread and may block. Its form may bring ``most_files`` texts."""

    async def endpoint(request: Request) -> Response:
        form = await read_form(request, most_files)
        return await run_in_threadpool(_enter, gateway, handler, right, request, form)

    return endpoint


def _enter(
    gateway: Gateway, handler: Handler, right: Right, request: Request, form: Mapping[str, str]
) -> Response:
    session = find_session(gateway, session_token(request))
    if session is None:
        return to_login(request)
    if request.method not in HARMLESS and not same(form.get(CSRF_FIELD, ""), session.csrf_token):
        raise forged_form()
    visit = Visit(gateway, request, session, form)
    if not visit.may(right):
        raise EdgeRefusal(
            403,
            "role_forbids",
            "Vai trò của bạn không được làm việc này.",
            "Your role does not allow this.",
        )
    return handler(visit)


async def read_form(request: Request, most_files: int = 0) -> dict[str, str]:
    """The fields of a form that was sent; further files and fields are refused.

    A file is the field of its name, and what it is called is that name with ``.name``.
    """
    if request.method in HARMLESS:
        return {}
    fields: dict[str, str] = {}
    async with request.form(max_files=most_files, max_fields=MOST_FIELDS) as form:
        for name, value in form.items():
            if isinstance(value, str):
                fields[name] = value
            else:
                fields[name] = _text_of(await value.read())
                fields[f"{name}.name"] = value.filename or ""
    return fields


def _text_of(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EdgeRefusal(
            422,
            "not_text",
            "Tệp không phải văn bản UTF-8; hãy lưu lại dạng UTF-8.",
            "The file is not UTF-8 text; save it as UTF-8.",
        ) from None


def session_token(request: Request) -> str:
    return request.cookies.get(COOKIE, "")


def to_login(request: Request) -> Response:
    """To the login page, which leads back here when here is a page that can be opened again."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = f"?{urlencode({'next': here})}" if request.method in HARMLESS and here != FIRST_PAGE else ""
    return RedirectResponse(LOGIN_PATH + query, SEE_OTHER)


def forged_form() -> EdgeRefusal:
    return EdgeRefusal(
        403,
        "csrf_refused",
        "Biểu mẫu đã cũ hoặc không gửi từ trang này. Hãy mở lại trang rồi thử lại.",
        "This form is out of date or was not sent from this site. Open the page again and retry.",
    )


def set_cookie(response: Response, gateway: Gateway, token: str) -> None:
    """Give the browser the session; scripts cannot read it and other sites cannot send forms with it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path=COOKIE_PATH,
        secure=is_https(gateway),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, gateway: Gateway) -> None:
    response.delete_cookie(COOKIE, path=COOKIE_PATH, secure=is_https(gateway), httponly=True, samesite="lax")


def is_https(gateway: Gateway) -> bool:
    return gateway.public_url.startswith("https://")
