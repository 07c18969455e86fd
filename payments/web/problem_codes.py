"""Every code that a refusal can carry, with what it means and how to mend it.

A code never changes its meaning. The reference at ``/docs`` and ``docs/portal-developers/errors.md`` list
these rows; a test compares them with the codes that the program really raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """``statuses`` are the HTTP statuses it comes with; ``mend_en`` tells a developer what to do."""

    code: str
    statuses: tuple[int, ...]
    title_en: str
    title_vi: str
    mend_en: str

    @property
    def anchor(self) -> str:
        """Where the reference explains it."""
        return "error-" + self.code.replace("_", "-")


CODES: tuple[ProblemCode, ...] = (
    # --- the request as HTTP ------------------------------------------------------------------------------
    ProblemCode(
        "malformed_json",
        (400,),
        "The body is not JSON",
        "Nội dung không phải JSON",
        "Send one JSON object in UTF-8; the detail names the line and column.",
    ),
    ProblemCode(
        "bad_request",
        (400,),
        "The request cannot be read",
        "Không đọc được yêu cầu",
        "Send a well-formed HTTP request.",
    ),
    ProblemCode(
        "missing_api_key",
        (401,),
        "No API key",
        "Thiếu khoá API",
        "Send the header `Authorization: Bearer thuphi_…`.",
    ),
    ProblemCode(
        "wrong_api_key",
        (401,),
        "The API key is not valid",
        "Khoá API không có hiệu lực",
        "Use the key the operator gave you; it may have been revoked or have expired.",
    ),
    ProblemCode(
        "not_found",
        (404,),
        "There is nothing here",
        "Không tìm thấy",
        "Check the address; what belongs to another portal also looks like this.",
    ),
    ProblemCode(
        "method_not_allowed",
        (405,),
        "The address does not take this method",
        "Địa chỉ không nhận phương thức này",
        "Use a method that the `Allow` header names.",
    ),
    ProblemCode(
        "body_too_large",
        (413,),
        "The body is too large",
        "Nội dung quá lớn",
        "A body is at most 64 KiB.",
    ),
    ProblemCode(
        "not_json",
        (415,),
        "The body must be sent as JSON",
        "Nội dung phải gửi dạng JSON",
        "Send the header `Content-Type: application/json`, and no `Content-Encoding`.",
    ),
    ProblemCode(
        "internal_error",
        (500,),
        "A fault on our side",
        "Lỗi của hệ thống",
        "Repeat the call with the same `Idempotency-Key`; report the `request_id` if it happens again.",
    ),
    ProblemCode(
        "database_unavailable",
        (503,),
        "Not available at the moment",
        "Tạm thời gián đoạn",
        "Nothing was changed. Repeat the call after `Retry-After` seconds.",
    ),
    # --- what it says -------------------------------------------------------------------------------------
    ProblemCode(
        "invalid_fields",
        (422,),
        "Some fields are wrong",
        "Một số trường chưa đúng",
        "`errors` names every wrong field at once, with a message in English and Vietnamese.",
    ),
    # --- idempotency --------------------------------------------------------------------------------------
    ProblemCode(
        "idempotency_key_reused",
        (409,),
        "The idempotency key belongs to another call",
        "Khoá chống lặp đã dùng cho yêu cầu khác",
        "Send the same body as before, or a new key for a new call.",
    ),
)

_BY_CODE = {each.code: each for each in CODES}


def problem_code(code: str, status: int) -> ProblemCode:
    """The row of ``code``; for one that is not listed, what its HTTP status says."""
    known = _BY_CODE.get(code)
    if known is not None:
        return known
    phrase = HTTPStatus(status).phrase
    return ProblemCode(code, (status,), phrase, phrase, "")
