"""The public tariff over HTTP: no login, no cookie but that of the language, and no script needed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.core.fees.catalogue import Procedure
from payments.core.fees.tariff import Tariff
from payments.core.refusals import NotFound
from payments.use_cases.gateway import Gateway
from payments.use_cases.tariffs import (
    Office,
    procedure_index,
    tariff_office,
    tariff_offices,
    tariff_procedure,
    tariff_teller,
)
from payments.use_cases.vietnam import today
from payments.web.languages import language_of
from payments.web.tariffs.calculator import calculate, calculator_form, channels
from payments.web.templating import page

PAGE_LENGTH = 40
MOST_PAGES = 1000
PAPERS = ("a4", "a3")


@dataclass(frozen=True, slots=True)
class Group:
    """The procedures of one field, in Vietnamese and English."""

    field_vi: str
    field_en: str
    procedures: tuple[Procedure, ...]


@dataclass(frozen=True, slots=True)
class BoardField:
    """The tariffs of one field on an office's board."""

    field_vi: str
    field_en: str
    tariffs: tuple[Tariff, ...]


class Tariffs:
    """The endpoints of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def search(self, request: Request) -> Response:
        """GET /tariffs?q=&field=&level=&page=: procedures, by field or best match first."""
        asked = {name: request.query_params.get(name, "").strip()[:200] for name in ("q", "field", "level")}
        index = procedure_index(self.gateway)
        found = index.search(asked["q"], field=asked["field"], level=asked["level"])
        number = _page_number(request)
        shown = found[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
        return page(
            request,
            "tariffs/search.html",
            asked=asked,
            fields=index.fields,
            levels=index.levels,
            total=len(found),
            groups=_groups(shown),
            number=number,
            last=max(1, -(-len(found) // PAGE_LENGTH)),
        )

    def show(self, request: Request) -> Response:
        """GET /tariffs/{procedure_code}: what it costs and why, with the calculator; ?fragment=1: its answer alone."""
        try:
            procedure = tariff_procedure(self.gateway, request.path_params["procedure_code"])
        except NotFound:
            return page(request, "tariffs/not_found.html", status=404)
        teller = tariff_teller(self.gateway, language_of(request))
        calculation = calculate(teller, procedure, request.query_params)
        if "fragment" in request.query_params:
            return page(request, "tariffs/_answer.html", calculation=calculation, live=True)
        return page(
            request,
            "tariffs/show.html",
            tariff=teller.tariff(procedure),
            calculation=calculation,
            form=calculator_form(teller, procedure),
            channels=channels(),
            live=False,
        )

    def offices(self, request: Request) -> Response:
        """GET /tariffs/offices: every office."""
        return page(request, "tariffs/offices.html", offices=tariff_offices(self.gateway))

    def office(self, request: Request) -> Response:
        """GET /tariffs/offices/{agency_code}: the procedures of one office."""
        try:
            office = tariff_office(self.gateway, request.path_params["agency_code"])
        except NotFound:
            return page(request, "tariffs/not_found.html", status=404)
        return page(request, "tariffs/office.html", office=office, groups=_groups(office.procedures))

    def board(self, request: Request) -> Response:
        """GET /tariffs/offices/{agency_code}/board?paper=a4|a3: the tariff to print and to post."""
        try:
            office = tariff_office(self.gateway, request.path_params["agency_code"])
        except NotFound:
            return page(request, "tariffs/not_found.html", status=404)
        paper = request.query_params.get("paper", "")
        return page(
            request,
            "tariffs/board.html",
            office=office,
            fields=self._board(office, language_of(request)),
            day=today(self.gateway.now()),
            paper=paper if paper in PAPERS else PAPERS[0],
            papers=PAPERS,
            address=(address := f"{self.gateway.public_url}/tariffs/offices/{office.agency.code}"),
            qr_code=_qr_code(address),
        )

    def _board(self, office: Office, language: str) -> tuple[BoardField, ...]:
        teller, territory = tariff_teller(self.gateway, language), office.agency.territory
        return tuple(
            BoardField(
                group.field_vi,
                group.field_en,
                tuple(teller.tariff(procedure, territory) for procedure in group.procedures),
            )
            for group in _groups(office.procedures)
        )


def _groups(procedures: tuple[Procedure, ...]) -> tuple[Group, ...]:
    """Neighbours of one field together, in the order given."""
    return tuple(
        Group(*names, tuple(each))
        for names, each in groupby(procedures, lambda one: (one.field_vi, one.field_en))
    )


def _page_number(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1


def _qr_code(address: str) -> Markup:
    """A picture of ``address`` as SVG; it holds nothing but squares."""
    return Markup(segno.make_qr(address, error="m").svg_inline(scale=3, border=2))  # noqa: S704 made of squares


def routes(gateway: Gateway) -> list[Route]:
    tariffs = Tariffs(gateway)
    return [
        Route("/tariffs", tariffs.search, methods=["GET"]),
        Route("/tariffs/offices", tariffs.offices, methods=["GET"]),
        Route("/tariffs/offices/{agency_code}", tariffs.office, methods=["GET"]),
        Route("/tariffs/offices/{agency_code}/board", tariffs.board, methods=["GET"]),
        Route("/tariffs/{procedure_code}", tariffs.show, methods=["GET"]),
    ]
