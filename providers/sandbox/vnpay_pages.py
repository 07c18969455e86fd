"""The pages of the look-alike VNPAY, in Vietnamese and English."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse

from providers.sandbox.vnpay_bank import TAKEN, Transaction

PAGES = Environment(
    loader=PackageLoader("providers.sandbox", "templates"), autoescape=select_autoescape(default=True)
)

# A page of the sandbox fetches nothing and runs nothing.
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}

ERRORS: dict[str, dict[str, str]] = {
    "03": {
        "vn": "Dữ liệu gửi sang không đúng định dạng.",
        "en": "The data are not in the right format.",
    },
    "11": {
        "vn": "Đã hết hạn chờ thanh toán. Vui lòng tạo lại giao dịch tại nơi bạn bắt đầu.",
        "en": "The time to pay is over. Please start again where you came from.",
    },
    "70": {
        "vn": "Sai chữ ký hoặc mã website không hợp lệ.",
        "en": "The signature is wrong or the terminal is not valid.",
    },
}

# What became of a transaction that is opened again once it has ended: money was taken, or none was.
ENDED: dict[bool, dict[str, str]] = {
    True: {
        "vn": "Đã thanh toán. Bạn không cần trả lần nữa.",
        "en": "It was paid. You need not pay again.",
    },
    False: {
        "vn": "Giao dịch đã kết thúc mà không thu tiền.",
        "en": "It ended without any money being taken.",
    },
}

# Choice, is it an ordinary one, words. The ordinary ones are drawn as buttons, the rest as a list of faults.
BUTTONS: tuple[tuple[str, bool, dict[str, str]], ...] = (
    ("pay", True, {"vn": "Thanh toán", "en": "Pay"}),
    ("cancel", True, {"vn": "Hủy giao dịch", "en": "Cancel"}),
    ("fail", False, {"vn": "Thất bại: tài khoản không đủ tiền (51)", "en": "Fail: not enough money (51)"}),
    ("late", False, {"vn": "Thanh toán, IPN đến muộn {late} giây", "en": "Pay, IPN {late} seconds late"}),
    ("silent", False, {"vn": "Thanh toán, không gửi IPN", "en": "Pay, no IPN at all"}),
    ("double", False, {"vn": "Thanh toán, gửi IPN hai lần", "en": "Pay, IPN sent twice"}),
    (
        "other_amount",
        False,
        {"vn": "Thanh toán sai số tiền (+1.000 ₫)", "en": "Pay 1,000 ₫ too much"},
    ),
    ("forged", False, {"vn": "Hủy, kẻ khác gửi IPN giả mạo", "en": "Cancel, somebody forges an IPN"}),
    ("fraud", False, {"vn": "Trừ tiền nhưng nghi ngờ gian lận (07)", "en": "Charged, suspected fraud (07)"}),
)

WORDS: dict[str, dict[str, str]] = {
    "vn": {
        "sandbox": "SANDBOX – không phải tiền thật",
        "title": "Cổng thanh toán thử nghiệm VNPAY",
        "merchant": "Đơn vị nhận tiền",
        "amount": "Số tiền",
        "reference": "Mã giao dịch",
        "content": "Nội dung",
        "bank": "Ngân hàng",
        "expires": "Hạn thanh toán",
        "faults": "Thử các tình huống khác",
        "faults_note": "Dành cho người kiểm thử: mỗi lựa chọn kết thúc giao dịch theo một cách.",
        "error": "Không thể thanh toán",
        "ended": "Giao dịch này đã được xử lý",
        "back": "Quay lại trang của đơn vị nhận tiền",
        "code": "Mã lỗi",
    },
    "en": {
        "sandbox": "SANDBOX – no real money",
        "title": "VNPAY test payment gateway",
        "merchant": "Paid to",
        "amount": "Amount",
        "reference": "Reference",
        "content": "Description",
        "bank": "Bank",
        "expires": "Pay before",
        "faults": "Try other situations",
        "faults_note": "For testers: each choice ends the transaction in its own way.",
        "error": "The payment cannot be made",
        "ended": "This transaction has been processed already",
        "back": "Back to the merchant's page",
        "code": "Error code",
    },
}


def bank_page(transaction: Transaction, merchant: str, late_seconds: float) -> HTMLResponse:
    """The page with one button for each choice."""
    locale = _known(transaction.locale)
    buttons = [
        (choice, ordinary, words[locale].format(late=f"{late_seconds:g}"))
        for choice, ordinary, words in BUTTONS
    ]
    page = PAGES.get_template("vnpay_bank.html").render(
        lang=_lang(locale),
        words=WORDS[locale],
        transaction=transaction,
        merchant=merchant,
        amount=f"{transaction.amount // 100:,}".replace(",", "." if locale == "vn" else ",") + " ₫",
        expires=_readable(transaction.expire_date),
        buttons=buttons,
    )
    return HTMLResponse(page, headers=HEADERS)


def error_page(code: str, locale: str) -> HTMLResponse:
    """The page that says why there is nothing to pay, with VNPAY's code. Its HTTP status is 200, as there."""
    known = _known(locale)
    return _error(known, code, WORDS[known]["error"], ERRORS[code][known], "")


def ended_page(transaction: Transaction, back_url: str) -> HTMLResponse:
    """VNPAY's error 01, for who comes back to a transaction that has ended: how it did, and the way out."""
    known = _known(transaction.locale)
    reason = ENDED[transaction.response in TAKEN][known]
    return _error(known, "01", WORDS[known]["ended"], reason, back_url)


def _error(locale: str, code: str, heading: str, reason: str, back_url: str) -> HTMLResponse:
    page = PAGES.get_template("vnpay_error.html").render(
        lang=_lang(locale), words=WORDS[locale], code=code, heading=heading, reason=reason, back_url=back_url
    )
    return HTMLResponse(page, headers=HEADERS)


def _known(locale: str) -> str:
    return locale if locale in WORDS else "vn"


def _lang(locale: str) -> str:
    return "vi" if locale == "vn" else locale


def _readable(wire: str) -> str:
    return f"{wire[8:10]}:{wire[10:12]} {wire[6:8]}/{wire[4:6]}/{wire[:4]}"
