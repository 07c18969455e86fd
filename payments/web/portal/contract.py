"""The contract of the API: SpecTree with a backend of our own.

SpecTree keeps the models of every operation and makes the OpenAPI document of them. Its own Starlette backend
reads JSON too generously and answers in its own words, so :class:`PortalBackend` validates instead: one
bounded body, read strictly; every fault at once; the plain function of the operation in a thread.

    @operation(answers=PaymentRequest, status=201, refuses=(409,), tag="Payment requests")
    def create_payment_request(call: Call, json: NewPaymentRequest, headers: KeyHeaders) -> Answer:
        '''Make a payment request. …'''

The parameters named ``json``, ``query`` and ``headers`` are validated against their annotation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

import anyio.to_thread
import structlog
from pydantic import BaseModel, ValidationError
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.base import BasePlugin
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from payments.core.refusals import NotFound
from payments.use_cases.gateway import Gateway
from payments.use_cases.identify_portal import identify_portal
from payments.web.edge import EdgeRefusal
from payments.web.portal import field_problems
from payments.web.portal.asked import NothingSearched
from payments.web.portal.call import Answer, Call, fingerprint
from payments.web.portal.strict_json import UNWANTED, read_object
from payments.web.portal.told import ProblemDocument

Function = TypeVar("Function", bound=Callable[..., Answer])

BEARER = re.compile(r"Bearer +(\S+)", re.ASCII | re.IGNORECASE)
JSON_MEDIA_TYPE = re.compile(r'application/json *(; *charset="?utf-8"?)?', re.ASCII | re.IGNORECASE)
EVERY_CALL_MAY_REFUSE = (401, 422, 500, 503)
A_BODY_MAY_BE_REFUSED = (400, 413, 415)

log = structlog.get_logger("payments.web")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, and the function that carries it out."""

    method: str
    path: str
    function: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request whose body has been read; nothing in it is believed yet."""

    gateway: Gateway
    method: str
    path: str
    parameters: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """The models that an operation validates its call against."""

    query: type[BaseModel]
    json: type[BaseModel] | None
    headers: type[BaseModel] | None


@dataclass
class Operations:
    """What SpecTree takes for the application: the table of operations."""

    table: Sequence[Operation] = field(default_factory=tuple)


class PortalBackend(BasePlugin[Any]):
    """Validates calls and tells SpecTree what operations there are."""

    ASYNC = True

    def register_route(self, app: Operations) -> None:
        """Nothing to add: ``portal.routes`` serves the document and the reference."""

    def find_routes(self) -> Any:
        return self.spectree.app.table

    def bypass(self, func: Callable[..., Any], method: str) -> bool:
        return False

    def parse_func(self, route: Operation) -> Iterator[tuple[str, Callable[..., Any]]]:
        yield route.method, route.function

    def parse_path(
        self, route: Operation, path_parameter_descriptions: Mapping[str, str] | None
    ) -> tuple[str, list[dict[str, Any]]]:
        _, path, convertors = compile_path(route.path)
        described = path_parameter_descriptions or {}
        parameters = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "description": described.get(name, ""),
            }
            for name in convertors
        ]
        return path, parameters

    async def validate(
        self,
        func: Callable[..., Answer],
        query: Any,
        json: Any,
        form: Any,
        headers: Any,
        cookies: Any,
        resp: Any,
        before: Any,
        after: Any,
        validation_error_status: int,
        skip_validation: bool,
        force_resp_serialize: bool,
        *args: Any,
        **kwargs: Any,
    ) -> Response:
        """Carry out one call; ``args`` are the gateway and the request."""
        gateway, request = args
        wanted = Wanted(query or NothingSearched, json, headers)
        arrived = await _receive(gateway, request)
        answer, body = await anyio.to_thread.run_sync(partial(_carry_out, func, wanted, arrived))
        stated = {"Cache-Control": "no-store", **answer.headers}
        return Response(body, answer.status, stated, media_type=answer.media_type)


async def _receive(gateway: Gateway, request: Request) -> Arrived:
    body = await request.body()
    return Arrived(
        gateway,
        "GET" if request.method == "HEAD" else request.method,
        request.scope["path"],
        request.path_params,
        request.query_params.multi_items(),
        request.headers,
        body,
    )


def _carry_out(func: Callable[..., Answer], wanted: Wanted, arrived: Arrived) -> tuple[Answer, bytes]:
    portal_code = _authenticate(arrived)
    _check_address(arrived)
    parts: dict[str, BaseModel] = {}
    body = None
    try:
        query = wanted.query.model_validate(_query(arrived.query))
        if wanted.query is not NothingSearched:
            parts["query"] = query
        if wanted.headers is not None:
            parts["headers"] = wanted.headers.model_validate(_headers(wanted.headers, arrived.headers))
        if wanted.json is not None:
            _check_media_type(arrived.headers)
            body = read_object(arrived.body)
            parts["json"] = wanted.json.model_validate_json(arrived.body)
    except ValidationError as error:
        raise field_problems.refusal(error) from None
    digest = fingerprint(arrived.method, arrived.path, body)
    answer = func(Call(arrived.gateway, portal_code, arrived.parameters, digest), **parts)
    return answer, answer.body()


def _authenticate(arrived: Arrived) -> str:
    given = BEARER.fullmatch(arrived.headers.get("authorization", "").strip())
    if given is None:
        raise EdgeRefusal(
            401,
            "missing_api_key",
            "Thiếu khóa API: hãy gửi tiêu đề “Authorization: Bearer thuphi_…”.",
            "An API key is missing: send the header “Authorization: Bearer thuphi_…”.",
            headers={"WWW-Authenticate": 'Bearer realm="thuphi"'},
        )
    portal_code = identify_portal(arrived.gateway, given[1])
    if portal_code is None:
        log.warning("api key refused")
        raise EdgeRefusal(
            401,
            "wrong_api_key",
            "Khóa API không đúng, đã bị thu hồi hoặc đã hết hạn.",
            "This API key is not known, has been revoked or has expired.",
            headers={"WWW-Authenticate": 'Bearer realm="thuphi", error="invalid_token"'},
        )
    return portal_code


def _check_address(arrived: Arrived) -> None:
    """No name in an address holds control characters, so nothing is there."""
    if any(UNWANTED.search(part) or "\n" in part or "\t" in part for part in arrived.parameters.values()):
        raise NotFound("not_found", "Không tìm thấy.", "There is nothing at this address.")


def _query(items: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Parameters by name; one that is given twice becomes a list, which no model takes."""
    read: dict[str, Any] = {}
    for name, value in items:
        read[name] = [read[name], value] if name in read else UNWANTED.sub("\N{REPLACEMENT CHARACTER}", value)
    return read


def _headers(model: type[BaseModel], headers: Headers) -> dict[str, str]:
    names = [each.alias or name for name, each in model.model_fields.items()]
    return {name: ", ".join(headers.getlist(name)) for name in names if name in headers}


def _check_media_type(headers: Headers) -> None:
    sent = headers.get("content-type", "").strip()
    if JSON_MEDIA_TYPE.fullmatch(sent) is None or "content-encoding" in headers:
        raise EdgeRefusal(
            415,
            "not_json",
            "Nội dung phải gửi với “Content-Type: application/json”, không nén.",
            "Send the body with “Content-Type: application/json” and without Content-Encoding.",
            headers={"Accept": "application/json"},
        )


contract = SpecTree(
    backend=PortalBackend,
    app=Operations(),
    validation_error_model=ProblemDocument,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    title="Thuphi",
    version="1",
    description="Fees of administrative procedures: quote, collect, unlock. Amounts are whole đồng.",
    security_schemes=[
        SecurityScheme(
            name="apiKey",
            data=SecuritySchemeData(
                type=SecureType.HTTP, scheme="bearer", description="The portal's key: `thuphi_…`"
            ),
        )
    ],
    security={"apiKey": []},
)


def operation(
    *,
    tag: str,
    answers: type[BaseModel] | None,
    status: int = 200,
    refuses: Sequence[int] = (),
    path: Mapping[str, str] | None = None,
) -> Callable[[Function], Function]:
    """Declare a function to be an operation of the API.

    ``answers`` is the model of a success (None for a file), ``refuses`` the further statuses of its refusals,
    ``path`` describes the parts of its address.
    """

    def declare(function: Function) -> Function:
        of_body = A_BODY_MAY_BE_REFUSED if "json" in function.__annotations__ else ()
        refusals = dict.fromkeys(sorted((*of_body, *refuses, *EVERY_CALL_MAY_REFUSE)), ProblemDocument)
        models = {f"HTTP_{code}": model for code, model in {status: answers, **refusals}.items()}
        validated = contract.validate(
            resp=Answers(**models),
            tags=[tag],
            path_parameter_descriptions=path,
            operation_id=function.__name__,
        )
        return cast(Function, validated(function))

    return declare
