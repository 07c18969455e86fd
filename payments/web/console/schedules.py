"""The pages by which officers bring, check, approve and publish texts of fees.

What is done answers with a redirect, so that reloading repeats nothing. What is refused shows the same page again
with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from payments.core.publication import SHIPPED_BY, DraftState
from payments.core.refusals import Conflict, Invalid, Problem, Refusal
from payments.use_cases.approve_draft import MOST_WHY, approve_draft, withdraw_draft
from payments.use_cases.check_draft import check_draft
from payments.use_cases.draft_views import (
    DraftView,
    list_drafts,
    list_published,
    names_of_people,
    read_draft,
)
from payments.use_cases.import_draft import import_draft
from payments.use_cases.preview_drafts import difference_of, replay
from payments.use_cases.publish_draft import publish_drafts
from payments.use_cases.vietnam import today
from payments.web.console.guard import HARMLESS, SEE_OTHER, Right, Visit
from payments.web.console.pages import console_page
from payments.web.console.wording import person_name
from payments.web.edge import STATUSES
from payments.web.languages import LANGUAGES, keep_language, language_of

LIST_PATH = "/console/schedules"
TOLD = ("brought", "checked", "approved", "published", "withdrawn")
BESIDE = "with-"
MOST_DIFFERENCES = 200


def show_list(visit: Visit, refused: Refusal | None = None) -> Response:
    """GET /console/schedules: what counts, what is dated, and the drafts that wait."""
    day = today(visit.gateway.now())
    published = [each for each in list_published(visit.gateway) if not _is_over(each.published_to, day)]
    return console_page(
        visit,
        "console/schedules.html",
        status=200 if refused is None else STATUSES[type(refused)],
        **_switch(visit, LIST_PATH),
        refused=refused,
        drafts=list_drafts(visit.gateway),
        published=published,
        person=_person(visit),
    )


def bring(visit: Visit) -> Response:
    """POST /console/schedules: keep the file of the form as a draft."""
    try:
        draft = import_draft(
            visit.gateway, visit.actor, visit.form.get("file.name", ""), visit.form.get("file", "")
        )
    except (Conflict, Invalid) as refused:
        return show_list(visit, refused)
    return _back(visit, draft.id, "brought")


def show_one(visit: Visit) -> Response:
    """GET /console/schedules/{draft_id}: a draft, what is to be mended, and what it would change."""
    return _show(visit)


def check(visit: Visit) -> Response:
    """POST /console/schedules/{draft_id}/check: find what is to be mended, in it and in those beside it."""
    return _answer(
        visit,
        lambda draft_id: check_draft(visit.gateway, visit.actor, draft_id, *_beside(visit)),
        "checked",
    )


def approve(visit: Visit) -> Response:
    """POST /console/schedules/{draft_id}/approve: the second person agrees."""
    return _answer(visit, lambda draft_id: approve_draft(visit.gateway, visit.actor, draft_id), "approved")


def publish(visit: Visit) -> Response:
    """POST /console/schedules/{draft_id}/publish: let it count from a day on, together with those beside it."""

    def act(draft_id: str) -> object:
        drafts = [draft_id, *_beside(visit)]
        return publish_drafts(visit.gateway, visit.actor, drafts, _day(visit.form.get("from_day", "")))

    return _answer(visit, act, "published")


def withdraw(visit: Visit) -> Response:
    """POST /console/schedules/{draft_id}/withdraw: put it aside for good."""
    why = visit.form.get("why", "")
    return _answer(
        visit, lambda draft_id: withdraw_draft(visit.gateway, visit.actor, draft_id, why), "withdrawn"
    )


def _answer(visit: Visit, act: Callable[[str], object], done: str) -> Response:
    draft_id = visit.request.path_params["draft_id"]
    try:
        act(draft_id)
    except (Conflict, Invalid) as refused:
        return _show(visit, refused)
    return _back(visit, draft_id, done)


def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    draft = read_draft(visit.gateway, visit.request.path_params["draft_id"])
    told = visit.request.query_params.get("done", "")
    differing = difference_of(visit.gateway, draft.id)
    asked = "replay" in visit.request.query_params and draft.is_live
    return console_page(
        visit,
        "console/schedule_draft.html",
        status=200 if refused is None else STATUSES[type(refused)],
        **_switch(visit, f"{LIST_PATH}/{draft.id}"),
        refused=refused,
        told=told if told in TOLD else "",
        draft=draft,
        differences=differing[:MOST_DIFFERENCES],
        more_differences=len(differing) - MOST_DIFFERENCES,
        replay=replay(visit.gateway, [draft.id, *_still_live(visit, draft)]) if asked else None,
        others=_others(visit, draft),
        today=today(visit.gateway.now()).isoformat(),
        from_day=visit.form.get("from_day", ""),
        actor=visit.actor,
        needs_another=draft.imported_by == SHIPPED_BY and draft.approved_by == visit.actor,
        most_why=MOST_WHY,
        person=_person(visit),
        may_decide=visit.may(Right.ACT) and draft.is_live,
    )


def _others(visit: Visit, draft: DraftView) -> tuple[DraftView, ...]:
    """The drafts that may be checked or published beside this one."""
    found = (each for each in list_drafts(visit.gateway) if each.text_id != draft.text_id)
    if draft.state is DraftState.APPROVED:
        return tuple(each for each in found if each.state is DraftState.APPROVED)
    return tuple(each for each in found if each.state is not DraftState.APPROVED)


def _still_live(visit: Visit, draft: DraftView) -> list[str]:
    """Those beside which it was checked, as far as they wait as well."""
    waiting = {each.id for each in list_drafts(visit.gateway)}
    return [each for each in draft.checked_with if each in waiting]


def _beside(visit: Visit) -> list[str]:
    return [name.removeprefix(BESIDE) for name in visit.form if name.startswith(BESIDE)]


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        vi, en = "Hãy chọn ngày áp dụng.", "Please choose the day from which it counts."
        raise Invalid("wrong_day", vi, en, (Problem("from_day", vi, en),)) from None


def _is_over(published_to: date | None, day: date) -> bool:
    return published_to is not None and published_to <= day


def _person(visit: Visit) -> Callable[[str], str]:
    return partial(person_name, language_of(visit.request), names_of_people(visit.gateway))


def _back(visit: Visit, draft_id: str, done: str) -> Response:
    path = keep_language(language_of(visit.request), f"{LIST_PATH}/{draft_id}", done=done)
    return RedirectResponse(path, SEE_OTHER)


def _switch(visit: Visit, path: str) -> dict[str, str]:
    """Where the other language is when a form was refused: its own address cannot be opened."""
    if visit.request.method in HARMLESS:
        return {}
    other = next(code for code in LANGUAGES if code != language_of(visit.request))
    return {"other_lang_url": f"{path}?{urlencode({'lang': other})}"}
