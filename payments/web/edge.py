"""Where refusals become HTTP answers.

A program that asks gets a problem document (RFC 9457) with a stable code, in English and Vietnamese. A
person gets a calm page that says the same. The address tells which of the two: ``/v1`` and ``/openapi.json``
are for programs, everything else for people, unless the ``Accept`` header asks for JSON and not for HTML.

    Refusal         status
    Invalid         422
    NotFound        404
    Conflict        409
    Unavailable     503, with Retry-After
    EdgeRefusal     what it says: 400, 401, 405, 413, 415, …
    anything else   500, logged, with the request's id and nothing of what went wrong inside
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from payments.core.fees.refusals import FeeRefusal
from payments.core.refusals import Conflict, Invalid, NotFound, Problem, Refusal, Unavailable
from payments.web.problem_codes import problem_code
from payments.web.templating import page

PROBLEM_MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
STATUSES: Mapping[type[Refusal], int] = {Invalid: 422, NotFound: 404, Conflict: 409, Unavailable: 503}
# PostgreSQL's own codes for a table or a column that is not there: the migrations have not been run.
UNMIGRATED = frozenset({"42P01", "42703"})

log = structlog.get_logger("payments.web")


class EdgeRefusal(Refusal):
    """A refusal that only HTTP knows: it brings its own status and headers."""

    def __init__(
        self,
        status: int,
        code: str,
        message_vi: str,
        message_en: str,
        *,
        problems: tuple[Problem, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message_vi, message_en, problems)
        self.status = status
        self.headers = dict(headers or {})


def exception_handlers() -> Mapping[Any, ExceptionHandler]:
    """What the application does with refusals; faults are caught further out, by ``security.Guard``."""
    return {Refusal: _handle, HTTPException: _handle}


def answer(request: Request, error: Exception) -> Response:
    """The HTTP answer to ``request`` that ``error`` makes; an unexpected one is logged."""
    refusal = _refusal(request, error)
    headers = {**refusal.headers, "Cache-Control": "no-store"}
    if for_programs(request):
        body = problem_document(refusal, request_id(request))
        text = json.dumps(body, ensure_ascii=False)
        return Response(text, refusal.status, headers, media_type=PROBLEM_MEDIA_TYPE)
    title = problem_code(refusal.code, refusal.status)
    return page(
        request,
        "refusal.html",
        status=refusal.status,
        headers=headers,
        refusal=refusal,
        kind=title,
        request_id=request_id(request),
    )


def for_programs(request: Request) -> bool:
    """Whether a program asks, and not a person."""
    path = request.url.path
    if path == "/v1" or path.startswith("/v1/") or path == "/openapi.json":
        return True
    accepted = request.headers.get("accept", "")
    return "json" in accepted and "text/html" not in accepted


def request_id(connection: HTTPConnection) -> str:
    """The id under which this request is logged, empty outside of ``security.Guard``."""
    return str(getattr(connection.state, "request_id", ""))


def problem_document(refusal: EdgeRefusal, request_id: str) -> dict[str, Any]:
    """The members of the problem document; ``type`` is where the reference explains the code."""
    kind = problem_code(refusal.code, refusal.status)
    document: dict[str, Any] = {
        "type": f"/docs#{kind.anchor}",
        "title": kind.title_en,
        "status": refusal.status,
        "detail": refusal.message_en,
        "detail_vi": refusal.message_vi,
        "code": refusal.code,
        "request_id": request_id,
    }
    if refusal.problems:
        document["errors"] = [
            {"field": each.field, "message": each.message_en, "message_vi": each.message_vi}
            for each in refusal.problems
        ]
    return document


def _handle(request: Request, error: Exception) -> Response:
    return answer(request, error)


def _refusal(request: Request, error: Exception) -> EdgeRefusal:
    if isinstance(error, EdgeRefusal):
        return error
    if isinstance(error, Refusal):
        return _from_core(error)
    if isinstance(error, HTTPException):
        return _from_routing(request, error)
    log.error("request failed", path=request.scope["path"], request_id=request_id(request), exc_info=error)
    return _database_fault() if _is_database_fault(error) else _own_fault()


def _from_core(refusal: Refusal) -> EdgeRefusal:
    status = next((code for kind, code in STATUSES.items() if isinstance(refusal, kind)), 400)
    headers = {"Retry-After": str(RETRY_SECONDS)} if isinstance(refusal, Unavailable) else {}
    vi, en = refusal.message_vi, refusal.message_en
    if isinstance(refusal, FeeRefusal):
        source = ", ".join(part for part in (refusal.schedule, refusal.article) if part)
        vi, en = (f"{vi} ({source})", f"{en} ({source})") if source else (vi, en)
    return EdgeRefusal(status, refusal.code, vi, en, problems=refusal.problems, headers=headers)


def _from_routing(request: Request, error: HTTPException) -> EdgeRefusal:
    """What the router itself refuses: an address that is not there, a method it does not have."""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        return EdgeRefusal(
            404,
            "not_found",
            "Không có trang này. Hãy kiểm tra lại địa chỉ.",
            "There is nothing at this address; please check it.",
        )
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = headers.get("Allow", "")
        return EdgeRefusal(
            405,
            "method_not_allowed",
            f"Địa chỉ này không nhận {request.method}; hãy dùng: {allowed}.",
            f"This address does not take {request.method}; use one of: {allowed}.",
            headers=headers,
        )
    return EdgeRefusal(
        error.status_code,
        "bad_request",
        "Yêu cầu không hợp lệ.",
        "The request is not valid.",
        headers=headers,
    )


def _is_database_fault(error: Exception) -> bool:
    unmigrated = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") in UNMIGRATED
    return unmigrated or isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def _database_fault() -> EdgeRefusal:
    return EdgeRefusal(
        503,
        "database_unavailable",
        "Hệ thống tạm thời chưa truy cập được dữ liệu. Chưa có gì thay đổi; vui lòng thử lại sau ít phút.",
        "The service cannot reach its data at the moment. Nothing was changed; please try again in a minute.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def _own_fault() -> EdgeRefusal:
    return EdgeRefusal(
        500,
        "internal_error",
        "Hệ thống gặp lỗi. Vui lòng thử lại; nếu vẫn lỗi, hãy báo kèm mã yêu cầu.",
        "Something failed on our side. Try again; if it fails again, report it with the request id.",
    )
