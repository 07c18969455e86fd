"""What every request and answer passes: an id, a limit on the body, strict headers, and a net for faults."""

from __future__ import annotations

import re
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from payments.core.references import Draw, encode
from payments.web.edge import EdgeRefusal, answer

CONTENT_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)

MOST_BODY_BYTES = 64 * 1024
MOST_UPLOAD_BYTES = 10 * 1024 * 1024
UPLOAD_PATHS = ("/verify", "/console/")
"""Where people send files: a receipt to check, a bank statement to import."""

POLICY = (
    "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; script-src 'self';"
    " style-src 'self'; img-src 'self'"
)
# Browsers apply form-action to the redirect that follows as well, and the form of a checkout page leads
# to whatever bank the payer chose; there the policy cannot name its targets.
FORMS_THAT_LEAVE = "/pay/"

HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STRICT_TRANSPORT = "max-age=31536000"


class Guard:
    """The outermost middleware.

    ``draw`` yields random bytes for request ids. ``https`` says that citizens reach this installation by
    HTTPS only, and tells browsers to remember it.
    """

    def __init__(self, app: ASGIApp, *, draw: Draw, https: bool) -> None:
        self.app = app
        self.draw = draw
        self.headers = {**HEADERS, "Strict-Transport-Security": STRICT_TRANSPORT} if https else dict(HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._guarded(scope, receive, _Headed(send, self._headers_for(scope["path"], request_id)))

    async def _guarded(self, scope: Scope, receive: Receive, send: _Headed) -> None:
        try:
            await self.app(scope, _bounded(scope, receive), send)
        except Exception as error:
            if send.started:
                raise  # too late for another answer; the server closes the connection
            response = answer(Request(scope), error)
            await response(scope, receive, send)

    def _request_id(self, scope: Scope) -> str:
        """The caller's own id where it is a sane one, so that both logs can be read together."""
        given = Headers(scope=scope).get("x-request-id", "")
        return given if REQUEST_ID.fullmatch(given) else encode(self.draw(13), 20)

    def _headers_for(self, path: str, request_id: str) -> Mapping[str, str]:
        policy = POLICY if path.startswith(FORMS_THAT_LEAVE) else f"{POLICY}; form-action 'self'"
        return {**self.headers, "Content-Security-Policy": policy, "X-Request-Id": request_id}


class _Headed:
    """``send`` that adds ``headers`` to the answer where it has not set them itself."""

    def __init__(self, send: Send, headers: Mapping[str, str]) -> None:
        self.send = send
        self.headers = headers
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            present = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                present.setdefault(name, value)
        await self.send(message)


def most_body_bytes(path: str) -> int:
    """How large a body ``path`` takes."""
    return MOST_UPLOAD_BYTES if path.startswith(UPLOAD_PATHS) else MOST_BODY_BYTES


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """``receive`` that refuses to pass on more than the path takes, whatever the headers promised."""
    most = most_body_bytes(scope["path"])
    promised = Headers(scope=scope).get("content-length", "0")
    promises_too_much = CONTENT_LENGTH.fullmatch(promised) is None or int(promised) > most
    received = 0

    async def bounded() -> Message:
        nonlocal received
        if promises_too_much:
            raise too_large(most)
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise too_large(most)
        return message

    return bounded


def too_large(most_bytes: int) -> EdgeRefusal:
    kibibytes = most_bytes // 1024
    return EdgeRefusal(
        413,
        "body_too_large",
        f"Nội dung gửi lên vượt quá {kibibytes} KiB.",
        f"The body is larger than {kibibytes} KiB.",
        # What is left of the body is not read, so the connection cannot carry another request.
        headers={"Connection": "close"},
    )
