"""Texts of the catalogue brought, checked, approved and published by two people, for tests that need a new one."""

from __future__ import annotations

import re
from datetime import date

from payments.use_cases.approve_draft import approve_draft
from payments.use_cases.check_draft import check_draft
from payments.use_cases.gateway import Gateway
from payments.use_cases.import_draft import import_draft
from payments.use_cases.publish_draft import publish_drafts
from payments.use_cases.vietnam import today

LAN, MAI = "user:lan.nguyen", "user:mai.tran"
VERSION = re.compile(r"^version: (\d+)$", re.MULTILINE)
CASES = re.compile(r"^cases:\n(?:[ #-].*\n|\n)*", re.MULTILINE)


def next_version(text: str) -> str:
    """A schedule's text as its next version, without the cases that were computed for the one before."""
    return VERSION.sub(lambda found: f"version: {int(found[1]) + 1}", CASES.sub("", text))


def bring(gateway: Gateway, *files: tuple[str, str]) -> list[str]:
    """Lan brings files and checks them together; the ids of their drafts."""
    ids = [import_draft(gateway, LAN, name, text).id for name, text in files]
    check_draft(gateway, LAN, *ids)
    return ids


def approved(gateway: Gateway, *files: tuple[str, str]) -> list[str]:
    """The same, and Mai approves them."""
    ids = bring(gateway, *files)
    for draft_id in ids:
        approve_draft(gateway, MAI, draft_id)
    return ids


def publish_now(gateway: Gateway, *files: tuple[str, str], from_day: date | None = None) -> int:
    """Let files count from today or ``from_day`` on; the number of the publication."""
    ids = approved(gateway, *files)
    return publish_drafts(gateway, LAN, ids, from_day or today(gateway.now()))
