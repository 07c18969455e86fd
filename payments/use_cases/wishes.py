"""What a portal may ask to be paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Payer:
    """Who owes; every field may be empty, because the law does not demand it on a receipt."""

    name: str = ""
    tax_code: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeWish:
    """A procedure and what is known about the case; Thuphi computes the fee."""

    procedure_code: str
    inputs: Mapping[str, object]
    channel: str = "online"
    filed_on: date | None = None  # today in Vietnam when absent
    territory: str | None = None  # the deciding agency's when absent
    beneficiaries: frozenset[str] = frozenset()
    agency_code: str | None = None  # who decides and collects; the procedure's own when absent
    collectors: Mapping[str, str] = field(default_factory=dict)  # kind of collector → agency code


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationLine:
    """One amount that an outside notice states. ``kind``: fee, charge or obligation (a tax, a fine)."""

    kind: str
    name_vi: str
    name_en: str
    amount_dong: int
    sub_item: str
    legal_basis_vi: str
    legal_basis_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationWish:
    """A duty that another body has set, such as a tax notice; Thuphi collects it as it stands."""

    agency_code: str
    number: str
    issued_on: date | None
    due_on: date | None
    lines: tuple[ObligationLine, ...]
    channel: str = "online"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A payment request as a portal asks for it."""

    dossier_code: str
    what: FeeWish | ObligationWish
    payer: Payer = Payer()
    return_url: str = ""
    lifetime: timedelta | None = None  # the installation's when absent


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A portal's key for one wish, and the digest of the body that came with it."""

    key: str
    fingerprint: str
