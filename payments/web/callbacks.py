"""Where providers report: callbacks from their servers, and the browser's way back.

A callback is verified at the door and answered, in the provider's own words, only after the commit. The browser's
return settles nothing: it makes Thuphi ask the provider, and sends the citizen to the page that says what the
database knows.
"""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments.core.decide import Source
from payments.core.refusals import NotFound, Unavailable
from payments.use_cases.gateway import Gateway
from payments.use_cases.start_checkout import find_way_back
from payments.use_cases.take_notice import listen
from payments.web.edge import request_id
from payments.web.gathering import Gathering, TooManyWaiting
from payments.web.languages import keep_language
from providers.protocol import Acknowledgement, Answer, Incoming

METHODS = ["GET", "POST"]


def routes(gateway: Gateway, gathering: Gathering) -> list[Route]:
    """The two addresses that a provider account is given."""

    async def callback(request: Request) -> Response:
        account = gateway.account(request.path_params["account"])
        arrival = listen(
            gateway, account.code, Source.CALLBACK, await _incoming(request), request_id(request)
        )
        try:
            acknowledgement = (await gathering.submit(arrival)).acknowledgement
        except TooManyWaiting:
            acknowledgement = Acknowledgement.TRY_AGAIN
        return _response(account.provider.reply(acknowledgement))

    async def came_back(request: Request) -> Response:
        account = gateway.account(request.path_params["account"])
        arrival = listen(gateway, account.code, Source.RETURN, await _incoming(request), request_id(request))
        try:
            await gathering.submit(arrival)
        except TooManyWaiting:
            raise _busy() from None
        # A link is a capability: it is shown only to who brings a return that the provider has signed.
        known = None
        if arrival.notice is not None:
            known = await run_sync(find_way_back, gateway, account.code, arrival.notice.reference)
        if known is None:
            raise _unknown_return()
        token, language = known
        return RedirectResponse(keep_language(language, f"/pay/{token}"), status_code=303)

    base = "/providers/{account}"
    return [
        Route(f"{base}/callback", callback, methods=METHODS, name="provider_callback"),
        Route(f"{base}/return", came_back, methods=METHODS, name="provider_return"),
    ]


async def _incoming(request: Request) -> Incoming:
    return Incoming(
        method=request.method,
        query_string=request.url.query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
    )


def _response(answer: Answer) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(answer.body, answer.status, headers, media_type=answer.media_type)


def _unknown_return() -> NotFound:
    return NotFound(
        "unknown_return",
        "Không nhận ra kết quả mà ngân hàng gửi về. Hãy mở lại đường dẫn nộp tiền của bạn để xem tình trạng; "
        "nếu đã bị trừ tiền, xin đừng nộp lại.",
        "We do not recognise this answer from the bank. Open your payment link again to see where things stand; "
        "if money was taken, please do not pay again.",
    )


def _busy() -> Unavailable:
    return Unavailable(
        "busy",
        "Hệ thống đang bận. Hãy mở lại đường dẫn nộp tiền của bạn sau ít phút; xin đừng nộp lại.",
        "The system is busy. Open your payment link again in a few minutes; please do not pay again.",
    )
