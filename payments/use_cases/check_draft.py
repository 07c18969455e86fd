"""Find all that is wrong with drafts, in the catalogue that they are to join, and compute the cases they carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.fees.catalogue import Catalogue
from payments.core.fees.load import FileProblem
from payments.core.fees.provinces import ProvinceFile
from payments.core.fees.worked_cases import run_cases
from payments.core.lifecycle import allows, follow
from payments.core.publication import DRAFT, DraftEvent, DraftState
from payments.core.refusals import Invalid
from payments.store import drafts as store
from payments.store import publication
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.use_cases.catalogue_in_force import compile_texts
from payments.use_cases.draft_views import (
    DraftView,
    FindingView,
    draft_view,
    find,
    find_several,
    not_in_that_state,
)
from payments.use_cases.fee_text import read_fee_text
from payments.use_cases.gateway import Gateway
from payments.use_cases.vietnam import today


def check_draft(gateway: Gateway, actor: str, draft_id: str, *beside: str) -> DraftView:
    """Check a draft, together with those drafts that are to be published ``beside`` it.

    What is found is kept on each of them. Raises NotFound, and Conflict when one is beyond checking.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        rows = find_several(connection, [draft_id, *beside])
        found = findings_on(connection, rows, today(now))
        for row in rows:
            _keep(connection, row, found[row.id], [each.id for each in rows if each.id != row.id], actor, now)
        return draft_view(find(connection, draft_id))


def _keep(
    connection: Connection,
    row: Row[Any],
    findings: Sequence[FindingView],
    beside: list[str],
    actor: str,
    now: Any,
) -> None:
    event = DraftEvent.FAULTY if findings else DraftEvent.SOUND
    was = DraftState(row.state)
    if not allows(DRAFT, was, event):
        raise not_in_that_state(row, event)
    values = {
        "findings": [asdict(finding) for finding in findings],
        "checked_with": beside,
        "checked_at": now,
        "checked_by": actor,
    }
    store.move_draft(connection, row.id, was, follow(DRAFT, was, event).to, values)
    note(connection, [AuditEntry(actor, "check_schedule", row.id, {"findings": len(findings)})], now)


def findings_on(
    connection: Connection, rows: Sequence[Row[Any]], day: date
) -> Mapping[str, tuple[FindingView, ...]]:
    """What each draft has to mend if all of them counted from ``day``, by their ids.

    What they make wrong in texts that are published already is told of each of them.
    """
    names = file_names(rows)
    catalogue, problems = joined(connection, rows, day)
    own = {row.id: [each for each in problems if each.file_name == names[row.id]] for row in rows}
    elsewhere = [each for each in problems if each.file_name not in names.values()]
    found: dict[str, tuple[FindingView, ...]] = {}
    for row in rows:
        findings = [_of_problem(each) for each in (*own[row.id], *elsewhere)]
        findings.extend(_version_faults(connection, row))
        if not problems:
            findings.extend(_failed_cases(row, catalogue))
        found[row.id] = tuple(findings)
    return found


def joined(
    connection: Connection, rows: Sequence[Row[Any]], day: date
) -> tuple[Catalogue, tuple[FileProblem, ...]]:
    """The catalogue in which drafts have taken the places of what counts on ``day`` under their names."""
    names = file_names(rows)
    replaced = {row.text_id for row in rows}
    kept = [text for text in publication.texts_on(connection, day) if text.id not in replaced]
    drafts = {names[row.id]: (row.digest, row.source_text) for row in rows}
    return compile_texts(connection, kept, drafts)


def file_names(rows: Sequence[Row[Any]]) -> Mapping[str, str]:
    """What drafts are called as files, by their ids: as they were brought, unless two were called the same."""
    names = [row.file_name for row in rows]
    return {
        row.id: row.file_name if names.count(row.file_name) == 1 else f"{row.id}-{row.file_name}"
        for row in rows
    }


def _version_faults(connection: Connection, row: Row[Any]) -> Iterator[FindingView]:
    versions = publication.versions_of(connection, row.text_id)
    if row.version and versions and row.version <= versions[0].version:
        wanted = versions[0].version + 1
        message_vi = f"{row.text_id} đã công bố đến bản {versions[0].version}; hãy ghi version: {wanted}"
        message_en = (
            f"{row.text_id} is published up to version {versions[0].version}; write version: {wanted}"
        )
        yield FindingView(row.file_name, 1, "version", message_vi, message_en)


def _of_problem(problem: FileProblem) -> FindingView:
    return FindingView(problem.file_name, problem.line, problem.place, problem.message, problem.message)


def _failed_cases(row: Row[Any], catalogue: Catalogue) -> Iterator[FindingView]:
    model = read_fee_text(row.file_name, row.source_text).model
    if isinstance(model, ProvinceFile):
        return
    for result in run_cases(catalogue, model.cases):
        if not result.passed:
            place = f"cases[{result.case.name}]"
            yield FindingView(row.file_name, 0, place, result.message_vi, result.message_en)


def refuse_findings(found: Mapping[str, Sequence[FindingView]]) -> None:
    """Raise Invalid where something is to be mended."""
    listed = list(dict.fromkeys(finding for findings in found.values() for finding in findings))
    if listed:
        raise faulty(listed)


def faulty(findings: Sequence[FindingView]) -> Invalid:
    """The refusal that names everything to be mended."""
    vi = "; ".join(f"{each.file_name}:{each.line}: {each.message_vi}" for each in findings[:5])
    en = "; ".join(f"{each.file_name}:{each.line}: {each.message_en}" for each in findings[:5])
    return Invalid(
        "faulty_draft", f"Có {len(findings)} lỗi cần sửa: {vi}", f"{len(findings)} thing(s) to mend: {en}"
    )
