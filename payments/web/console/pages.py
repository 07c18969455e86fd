"""The pages that officers and auditors look at: the list, one payment, and what belongs to no payment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from payments.core.lifecycle import RequestState
from payments.core.refusals import Refusal
from payments.store.payments_search import DateKind
from payments.use_cases.decide_refund import refunds_of
from payments.use_cases.find_payments import filter_choices, find_payments, list_unmatched
from payments.use_cases.show_timeline import show_timeline
from payments.use_cases.timeline_model import Entry, EntryKind
from payments.web.console.filters import read_filters
from payments.web.console.guard import FIRST_PAGE, HARMLESS, SEE_OTHER, Right, Visit
from payments.web.console.wording import account_name, person_name, to_the_second, word
from payments.web.edge import STATUSES
from payments.web.languages import LANGUAGES, keep_language, language_of
from payments.web.templating import page

# What a reader may narrow the timeline to.
VIEWS: Mapping[str, frozenset[EntryKind]] = {
    "all": frozenset(EntryKind),
    "money": frozenset(
        {EntryKind.REQUEST, EntryKind.MONEY, EntryKind.TRANSFER, EntryKind.REFUND, EntryKind.DISCREPANCY}
    ),
    "provider": frozenset({EntryKind.ATTEMPT, EntryKind.NOTICE, EntryKind.DISCREPANCY}),
    "portal": frozenset({EntryKind.EVENT, EntryKind.DELIVERY, EntryKind.RECEIPT}),
    "work": frozenset({EntryKind.JOB, EntryKind.AUDIT}),
}
TOLD = ("asked", "resent", "refund_asked", "refund_approved", "refund_rejected", "refund_ended")
# The fields of the forms on a payment's page, which keep what was typed when it is refused.
TYPED = ("subject", "payment", "amount", "reason", "evidence", "outcome")
# Both reasons of a rejected refund stand in one column of 500 characters.
MOST_REASON = 240


def show_first(visit: Visit) -> Response:
    """GET /console."""
    return RedirectResponse(keep_language(language_of(visit.request), FIRST_PAGE), SEE_OTHER)


def show_list(visit: Visit) -> Response:
    """GET /console/payments: what matches the filters of the address, and the totals of all that does."""
    parameters = visit.request.query_params
    form = read_filters(parameters)
    findings = (
        None
        if form.wanted is None
        else find_payments(visit.gateway, visit.actor, form.wanted, parameters.get("cursor"))
    )
    return console_page(
        visit,
        "console/payments.html",
        status=200 if findings else 422,
        form=form,
        findings=findings,
        choices=filter_choices(visit.gateway),
        states=tuple(RequestState),
        date_kinds=tuple(DateKind),
        later="cursor" in parameters,
    )


def show_one(visit: Visit) -> Response:
    """GET /console/payments/{request_id}: one payment and its timeline."""
    return show_payment(visit)


def show_payment(visit: Visit, refused: Refusal | None = None) -> Response:
    """The page of the payment of the address, with why a form sent from it was ``refused``."""
    request_id = visit.request.path_params["request_id"]
    timeline = show_timeline(visit.gateway, visit.actor, request_id)
    chosen = visit.request.query_params.get("show", "all")
    chosen = chosen if chosen in VIEWS else "all"
    told = visit.request.query_params.get("done", "")
    return console_page(
        visit,
        "console/payment.html",
        status=200 if refused is None else STATUSES[type(refused)],
        **_switch(visit, request_id),
        refused=refused,
        typed={name: visit.form.get(name, "") for name in TYPED},
        refunds=refunds_of(visit.gateway, request_id) if visit.may(Right.ACT) else (),
        most_reason=MOST_REASON,
        actor=visit.actor,
        person=partial(person_name, language_of(visit.request), timeline.people),
        timeline=timeline,
        entries=_narrowed(timeline.happened, chosen),
        waiting=_narrowed(timeline.waiting, chosen),
        chosen=chosen,
        views=tuple(VIEWS),
        told=told if told in TOLD else "",
    )


def show_unmatched(visit: Visit) -> Response:
    """GET /console/unmatched: money and messages that belong to no request."""
    found = list_unmatched(visit.gateway, visit.actor)
    return console_page(visit, "console/unmatched.html", found=found)


def console_page(visit: Visit, template: str, *, status: int = 200, **values: object) -> Response:
    """A page of the console for the person of ``visit``."""
    language = language_of(visit.request)
    return page(
        visit.request,
        template,
        status=status,
        headers=None,
        session=visit.session,
        csrf_token=visit.session.csrf_token,
        may_act=visit.may(Right.ACT),
        here=visit.request.url.path,
        word=partial(word, language),
        account_name=partial(account_name, language),
        to_the_second=to_the_second,
        **values,
    )


def _switch(visit: Visit, request_id: str) -> dict[str, str]:
    """Where the other language is when a form was refused: its own address cannot be opened."""
    if visit.request.method in HARMLESS:
        return {}
    other = next(code for code in LANGUAGES if code != language_of(visit.request))
    return {"other_lang_url": f"{FIRST_PAGE}/{request_id}?{urlencode({'lang': other})}"}


def _narrowed(entries: tuple[Entry, ...], chosen: str) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.kind in VIEWS[chosen])
