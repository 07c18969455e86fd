"""What drafts would change, shown before they are published: place by place, and on the requests of the last month."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from payments.core.fees.catalogue import Catalogue
from payments.core.fees.difference import differences
from payments.core.fees.inputs import Facts
from payments.core.fees.quote import quote
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Schedule
from payments.store import publication as store
from payments.store.agencies import find_territories
from payments.store.database import reading
from payments.store.replay import requests_since
from payments.use_cases.catalogue_in_force import catalogue_in_force
from payments.use_cases.check_draft import joined
from payments.use_cases.draft_views import find_several
from payments.use_cases.fee_text import read_fee_text
from payments.use_cases.gateway import Gateway
from payments.use_cases.vietnam import today

REPLAYED = timedelta(days=30)
MOST_REQUESTS = 20_000
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """One line of what differs, in both languages."""

    told_vi: str
    told_en: str


@dataclass(frozen=True, slots=True)
class ReplayedRequest:
    """A request of the last month, computed by what counts now and by the drafts.

    An amount is None where it is refused; ``why_vi`` and ``why_en`` say why the drafts refuse it.
    """

    request_id: str
    dossier_code: str
    procedure_code: str
    now_dong: int | None
    then_dong: int | None
    why_vi: str = ""
    why_en: str = ""

    @property
    def difference_dong(self) -> int:
        return (self.then_dong or 0) - (self.now_dong or 0)


@dataclass(frozen=True, slots=True)
class Replay:
    """What drafts would have changed: sums over the requests that both can compute, and the requests that differ most.

    ``whole`` is False where there were more requests than are replayed; then these are the newest.
    """

    requests: int
    changed: int
    now_dong: int
    then_dong: int
    largest: tuple[ReplayedRequest, ...]
    refused: tuple[ReplayedRequest, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Case:
    """A request's facts as an engine takes them; equal ones are computed once."""

    procedure_code: str
    facts: str  # JSON
    territory: str
    collector_status: str


def difference_of(gateway: Gateway, draft_id: str) -> tuple[DifferenceView, ...]:
    """What differs between a draft and the version before it; everything, where there is none. Raises NotFound."""
    with reading(gateway.engine) as connection:
        (row,) = find_several(connection, [draft_id], lock=False)
        versions = [each for each in store.versions_of(connection, row.text_id) if each.draft_id != row.id]
    new = read_fee_text(row.file_name, row.source_text).schedule
    before = versions[0] if versions else None
    if new is None:
        return _lines_apart(before.source_text if before else "", row.source_text)
    return _places_apart(_schedule_of(before), new)


def _schedule_of(row: Row[Any] | None) -> Schedule | None:
    return None if row is None else read_fee_text(row.file_name or f"{row.id}.yaml", row.source_text).schedule


def _places_apart(old: Schedule | None, new: Schedule) -> tuple[DifferenceView, ...]:
    return tuple(DifferenceView(each.told("vi"), each.told("en")) for each in differences(old, new))


def _lines_apart(old: str, new: str) -> tuple[DifferenceView, ...]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm="")
    return tuple(DifferenceView(line, line) for line in lines if not line.startswith(("---", "+++")))


def replay(gateway: Gateway, draft_ids: Sequence[str]) -> Replay:
    """What drafts, published together today, would have changed on the requests of the last thirty days."""
    now = gateway.now()
    with reading(gateway.engine) as connection:
        rows = find_several(connection, draft_ids, lock=False)
        present = catalogue_in_force(gateway, connection)
        proposed, _ = joined(connection, rows, today(now))
        found = requests_since(connection, now - REPLAYED, MOST_REQUESTS + 1)
        territories = find_territories(connection)
    return _summed(_replayed(found[:MOST_REQUESTS], present, proposed, territories), len(found))


def _replayed(
    found: Iterable[Row[Any]], present: Catalogue, proposed: Catalogue, territories: frozenset[str]
) -> list[ReplayedRequest]:
    known: dict[_Case, tuple[int | None, int | None, str, str]] = {}
    replayed = []
    for row in found:
        facts = json.dumps(row.facts, sort_keys=True)
        case = _Case(row.procedure_code, facts, row.territory, row.collector_status)
        if case not in known:
            known[case] = _both(case, present, proposed, territories)
        now_dong, then_dong, why_vi, why_en = known[case]
        replayed.append(
            ReplayedRequest(row.id, row.dossier_code, row.procedure_code, now_dong, then_dong, why_vi, why_en)
        )
    return replayed


def _both(
    case: _Case, present: Catalogue, proposed: Catalogue, territories: frozenset[str]
) -> tuple[int | None, int | None, str, str]:
    facts = _facts(json.loads(case.facts), case, territories)
    now_dong, _, _ = _amount(present, case.procedure_code, facts)
    return (now_dong, *_amount(proposed, case.procedure_code, facts))


def _amount(catalogue: Catalogue, procedure_code: str, facts: Facts) -> tuple[int | None, str, str]:
    try:
        return quote(catalogue, procedure_code, facts).total_dong, "", ""
    except FeeRefusal as refusal:
        return None, refusal.message_vi, refusal.message_en


def _facts(stored: Mapping[str, Any], case: _Case, territories: frozenset[str]) -> Facts:
    territory = stored["territory"]
    return Facts(
        inputs=stored["inputs"],
        filed_on=date.fromisoformat(stored["filed_on"]),
        paid_on=date.fromisoformat(stored["quoted_on"]),
        channel=stored["channel"],
        territory=case.territory if territory is None else territory,
        agency_territories=territories,
        beneficiaries=frozenset(stored["beneficiaries"]),
        collector_status=case.collector_status,
    )


def _summed(replayed: Sequence[ReplayedRequest], found: int) -> Replay:
    refused = [each for each in replayed if each.then_dong is None and each.now_dong is not None]
    computed = [each for each in replayed if each.now_dong is not None and each.then_dong is not None]
    changed = [each for each in computed if each.difference_dong]
    largest = sorted(changed, key=lambda each: -abs(each.difference_dong))
    return Replay(
        requests=len(replayed),
        changed=len(changed),
        now_dong=sum(each.now_dong or 0 for each in computed),
        then_dong=sum(each.then_dong or 0 for each in computed),
        largest=tuple(largest[:MOST_SHOWN]),
        refused=tuple(refused[:MOST_SHOWN]),
        whole=found <= MOST_REQUESTS,
    )
