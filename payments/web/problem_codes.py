"""Every code that a refusal can carry, with what it means and how to mend it.

A code never changes its meaning. The reference at ``/docs`` and ``docs/portal-developers/errors.md`` list
these rows; a test compares them with the codes that the program really raises.
"""

from __future__ import annotations

from collections.abc import Mapping
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
        "Thiếu khóa API",
        "Send the header `Authorization: Bearer thuphi_…`.",
    ),
    ProblemCode(
        "wrong_api_key",
        (401,),
        "The API key is not valid",
        "Khóa API không có hiệu lực",
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
        "`errors` names every wrong field at once, in English and Vietnamese.",
    ),
    ProblemCode(
        "amount_out_of_bounds",
        (422,),
        "The amount is out of bounds",
        "Số tiền ngoài giới hạn",
        "A request is for at least 1 and at most 1,000,000,000,000 đồng; check what was entered.",
    ),
    ProblemCode(
        "unknown_agency",
        (422,),
        "No such agency",
        "Không có cơ quan này",
        "Use the code of a collecting agency of this installation.",
    ),
    ProblemCode(
        "service_price",
        (422,),
        "A service price is not collected here",
        "Giá dịch vụ không thu ở đây",
        "Let the seller collect it with an invoice; quotes still tell its amount.",
    ),
    ProblemCode(
        "collector_missing",
        (422,),
        "Several bodies collect",
        "Nhiều cơ quan cùng thu",
        "Name the agency of each kind of collector in `collectors`; `errors` lists the kinds.",
    ),
    ProblemCode(
        "receipt_impossible",
        (422,),
        "No receipt could be written",
        "Không lập được biên lai",
        "The law's contents of a receipt cannot be given; `detail` says what is missing.",
    ),
    # --- fees ---------------------------------------------------------------------------------------------
    ProblemCode(
        "unknown_procedure",
        (
            404,
            422,
        ),
        "No such procedure",
        "Không có thủ tục này",
        "Use a code from `GET /v1/procedures`.",
    ),
    ProblemCode(
        "procedure_not_payable",
        (404,),
        "The procedure is not open for payment here",
        "Thủ tục chưa mở thanh toán tại đây",
        "Ask the operator to open it for online payment.",
    ),
    ProblemCode(
        "input_missing",
        (422,),
        "Something needed was not supplied",
        "Thiếu thông tin",
        "`errors` names every input that is missing.",
    ),
    ProblemCode(
        "input_invalid",
        (422,),
        "Something supplied is wrong",
        "Thông tin chưa đúng",
        "`errors` names every input that is wrong; `GET /v1/procedures/{code}` lists types and limits.",
    ),
    ProblemCode(
        "no_rate_in_force",
        (422,),
        "No rate is in force",
        "Chưa có mức thu",
        "No text in the catalogue sets this fee on that date and territory. It is never taken to be zero: ask the"
        " operator.",
    ),
    ProblemCode(
        "value_not_covered",
        (422,),
        "The text says nothing about this value",
        "Văn bản không quy định trường hợp này",
        "An officer must decide; the fee cannot be computed.",
    ),
    ProblemCode(
        "out_of_scope",
        (422,),
        "Nothing applies to these facts",
        "Không khoản nào áp dụng",
        "Check procedure and inputs: nothing that the procedure charges applies.",
    ),
    ProblemCode(
        "conflicting_texts",
        (422,),
        "Two texts disagree",
        "Các văn bản mâu thuẫn",
        "An officer must decide which text counts; the fee cannot be computed.",
    ),
    ProblemCode(
        "above_ceiling",
        (422,),
        "A decision goes beyond the text",
        "Vượt mức cho phép",
        "Lower the reduction to what the text allows.",
    ),
    # --- the course of a payment --------------------------------------------------------------------------
    ProblemCode(
        "unknown_payment_request",
        (404,),
        "No such payment request",
        "Không có yêu cầu nộp tiền này",
        "Check the id; what belongs to another portal also looks like this.",
    ),
    ProblemCode(
        "unknown_dossier",
        (404,),
        "Nothing was ever asked for this dossier",
        "Hồ sơ chưa có yêu cầu nộp tiền",
        "Make a payment request for it first.",
    ),
    ProblemCode(
        "already_paid",
        (409,),
        "It has been paid",
        "Đã nộp tiền",
        "A paid request cannot be cancelled; ask for a refund.",
    ),
    ProblemCode(
        "payer_on_the_way",
        (409,),
        "A payer is at the bank",
        "Người nộp đang ở trang ngân hàng",
        "Try again in a few minutes, when the bank has said what came of it.",
    ),
    # --- refunds and receipts -----------------------------------------------------------------------------
    ProblemCode(
        "nothing_to_refund",
        (409,),
        "There is nothing to give back",
        "Không có khoản để hoàn trả",
        "Only money that settled a request can be given back.",
    ),
    ProblemCode(
        "refund_above_paid",
        (409,),
        "More than is left",
        "Vượt số còn lại",
        "Ask for at most what was paid less the refunds already asked for.",
    ),
    ProblemCode(
        "unknown_receipt",
        (404,),
        "No such receipt",
        "Không có biên lai này",
        "Check the number; only receipts of your own requests can be read.",
    ),
    ProblemCode(
        "ambiguous_receipt_number",
        (409,),
        "Several receipts bear this number",
        "Nhiều biên lai cùng số",
        "Add `agency_code` to say whose.",
    ),
    ProblemCode(
        "receipt_file_not_ready",
        (404,),
        "The file is still being made",
        "Tệp đang được lập",
        "The receipt itself is issued. Try again in a minute.",
    ),
    # --- idempotency --------------------------------------------------------------------------------------
    ProblemCode(
        "idempotency_key_reused",
        (409,),
        "The idempotency key belongs to another call",
        "Khóa chống lặp đã dùng cho yêu cầu khác",
        "Send the same body as before, or a new key for a new call.",
    ),
)

# What a code that is not for portals is called on the pages of citizens and officers.
BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("The request cannot be read", "Không đọc được yêu cầu"),
    403: ("This is not allowed", "Không được phép"),
    404: ("There is nothing here", "Không tìm thấy"),
    409: ("This cannot be done now", "Không thực hiện được"),
    422: ("Something is not right yet", "Thông tin chưa đúng"),
    503: ("Not available at the moment", "Tạm thời gián đoạn"),
}

_BY_CODE = {each.code: each for each in CODES}


def problem_code(code: str, status: int) -> ProblemCode:
    """The row of ``code``; for one that is not listed, what its HTTP status says."""
    known = _BY_CODE.get(code)
    if known is not None:
        return known
    phrase = HTTPStatus(status).phrase
    title_en, title_vi = BY_STATUS.get(status, (phrase, phrase))
    return ProblemCode(code, (status,), title_en, title_vi, "")
