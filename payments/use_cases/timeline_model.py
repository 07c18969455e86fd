"""The words of a timeline: an entry says when, what, and with which facts.

Everything is a code; the pages have the sentences for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from payments.use_cases.mask_message import MaskedMessage


class EntryKind(StrEnum):
    """In the order in which entries of one moment are told: the cause before its effects."""

    REQUEST = "request"
    ATTEMPT = "attempt"
    NOTICE = "notice"
    DISCREPANCY = "discrepancy"
    MONEY = "money"
    TRANSFER = "transfer"
    RECEIPT = "receipt"
    REFUND = "refund"
    EVENT = "event"
    DELIVERY = "delivery"
    JOB = "job"
    AUDIT = "audit"


class Tone(StrEnum):
    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Shape(StrEnum):
    """How a fact is written."""

    TEXT = "text"
    CODE = "code"  # an identifier, in letters of one width
    WORD = "word"  # one of a known set, which the pages translate
    DONG = "dong"
    MOMENT = "moment"
    ACCOUNT = "account"  # of the ledger
    ACTOR = "actor"  # who did it, as the audit log has it: "user:<login>", "portal:<code>", "payer" …


class Deed(StrEnum):
    """What an officer may do from an entry."""

    ASK = "ask"
    RESEND = "resend"


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: Any
    shape: Shape = Shape.TEXT


@dataclass(frozen=True, slots=True)
class Action:
    deed: Deed
    subject: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened at ``at``; a job that waits has the time when it will run."""

    at: datetime
    kind: EntryKind
    what: str
    facts: tuple[Fact, ...] = ()
    tone: Tone = Tone.PLAIN
    message: MaskedMessage | None = None
    action: Action | None = None
