"""The receipt as a value: what it says, what it may not say, its bytes and its digest.

Contents follow Decree 254/2026 art. 23(2), in force from 1 July 2026 with Circular 91/2026: name of
the document, form code and serial, number, collector with tax code, each fee or charge with its
amount in figures and words, date, digital signature. The payer is optional there and shown when
known, as the Treasury's printed model does. ``docs/receipts.md`` lists field by field.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from unicodedata import category, is_normalized, normalize
from zoneinfo import ZoneInfo

from receipts.errors import InvalidReceipt
from receipts.words import MOST_DONG, amount_in_words

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_DAY = date(2026, 7, 1)  # Decree 254/2026 governs receipts issued from this day on

FORM_CODES = {
    "EBL01": "electronic receipt without printed face value",
    "EBL02": "electronic receipt with printed face value",
}
SERIAL_LETTERS = "ABCDEGHKLMNPQRSTUVXY"  # the twenty that Circular 91/2026 allows
NUMBER_DIGITS = 8
MOST_NUMBER = 10**NUMBER_DIGITS - 1

SERIAL_SHAPE = re.compile(rf"[0-9]{{2}}T[{SERIAL_LETTERS}]{{2}}")
TAX_CODE_SHAPE = re.compile(r"[0-9]{10}(-[0-9]{3})?|[0-9]{12}")
LOOKUP_CODE_SHAPE = re.compile(r"[0-9A-Za-z-]{6,64}")
VERIFY_URL_SHAPE = re.compile(r"https?://[!-~]{3,290}")  # what a QR code of this size still carries

CHAIN_START = "0" * 64


class Kind(StrEnum):
    """What a line is. A service price is neither: it goes on an invoice, never on a receipt."""

    FEE = "fee"  # phí
    CHARGE = "charge"  # lệ phí


def tidy(text: str) -> str:
    """Text in the one form a receipt stores: NFC, single blanks, no control or invisible characters.

    What a payer types must never stop a receipt, and what nobody can see must never change one.
    """
    if text.isprintable() and "  " not in text and text == text.strip() and is_normalized("NFC", text):
        return text
    visible = "".join(letter for letter in text if letter.isspace() or category(letter)[0] != "C")
    return normalize("NFC", " ".join(visible.split()))


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise InvalidReceipt(problem)


def _tidy_fields(owner: object, *names: str) -> None:
    for name in names:
        value = getattr(owner, name)
        _require(isinstance(value, str), f"{name} must be text")
        object.__setattr__(owner, name, tidy(value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def vietnam_date(moment: datetime) -> date:
    """The calendar day in Vietnam at this aware moment; it decides the date and the series year."""
    _require(moment.tzinfo is not None, "a moment needs its time zone")
    return moment.astimezone(VIETNAM).date()


def serial_for(day: date, letters: str = "AA") -> str:
    """The serial of the series that is open on ``day`` (a Vietnamese calendar day): ``26TAA``.

    ``letters`` are two of SERIAL_LETTERS; a new pair opens a second series in the same year.
    """
    serial = f"{day.year % 100:02d}T{letters}"
    _require(SERIAL_SHAPE.fullmatch(serial) is not None, f"serial letters must be two of {SERIAL_LETTERS}")
    return serial


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named on a receipt: the collector, its delegate, or the payer."""

    name: str = ""
    tax_code: str = ""
    address: str = ""

    def __post_init__(self) -> None:
        _tidy_fields(self, "name", "tax_code", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One fee or charge that was collected.

    ``legal_basis`` names the text that sets it, ``explanation_vi`` says in a sentence how the amount
    came about, ``sub_item`` is the four-digit budget sub-item.
    """

    kind: Kind
    name_vi: str
    amount_dong: int
    name_en: str = ""
    legal_basis: str = ""
    explanation_vi: str = ""
    sub_item: str = ""

    def __post_init__(self) -> None:
        _require(self.kind in tuple(Kind), "a line is a fee or a charge; a service price needs an invoice")
        object.__setattr__(self, "kind", Kind(self.kind))
        _tidy_fields(self, "name_vi", "name_en", "legal_basis", "explanation_vi", "sub_item")
        _require(self.name_vi != "", "a line needs the Vietnamese name of its fee or charge")
        _require(_is_whole(self.amount_dong), "a line's amount must be a whole number of đồng")
        _require(self.amount_dong > 0, "a line's amount must be above zero: nothing collected, no receipt")


@dataclass(frozen=True, slots=True)
class ReplacedReceipt:
    """The receipt that this one replaces, as art. 23 wants it named. It may be of an older regime."""

    form_code: str
    serial: str
    number: int
    issued_on: date  # the Vietnamese date on it

    def __post_init__(self) -> None:
        _tidy_fields(self, "form_code", "serial")
        _require(self.form_code != "" and self.serial != "", "a replaced receipt needs form code and serial")
        _require(
            _is_whole(self.number) and 1 <= self.number <= MOST_NUMBER, "a replaced receipt needs its number"
        )

    @property
    def number_text(self) -> str:
        """The number as printed: eight digits in this regime, seven in the ones before."""
        digits = NUMBER_DIGITS if self.form_code in FORM_CODES else NUMBER_DIGITS - 1
        return f"{self.number:0{digits}d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt for fees and charges, complete and checked; making one of anything else is refused.

    ``issued_at`` is kept in UTC; its Vietnamese date is the date of the receipt and must lie in the
    year of ``serial``. ``total_dong`` is stated and must be the sum of the lines. ``lookup_code`` and
    ``verify_url`` are how anybody who holds the receipt checks it.

    Raises InvalidReceipt, whose text names the field.
    """

    form_code: str
    serial: str
    number: int
    issued_at: datetime
    collector: Party
    lines: tuple[Line, ...]
    total_dong: int
    lookup_code: str
    verify_url: str
    delegate: Party | None = None
    payer: Party | None = None
    dossier_code: str = ""
    procedure_name: str = ""
    payment_method: str = ""
    provider_reference: str = ""
    replaces: ReplacedReceipt | None = None

    def __post_init__(self) -> None:
        _tidy_fields(self, "dossier_code", "procedure_name", "payment_method", "provider_reference")
        object.__setattr__(self, "lines", tuple(self.lines))
        self._check_series()
        self._check_parties()
        self._check_amounts()
        self._check_lookup()

    def _check_series(self) -> None:
        _require(self.form_code in FORM_CODES, f"form_code must be one of {', '.join(FORM_CODES)}")
        _require(SERIAL_SHAPE.fullmatch(self.serial) is not None, "serial must look like 26TAA")
        whole = _is_whole(self.number) and 1 <= self.number <= MOST_NUMBER
        _require(whole, f"number must lie between 1 and {MOST_NUMBER}")
        day = vietnam_date(self.issued_at)
        object.__setattr__(self, "issued_at", self.issued_at.astimezone(UTC))
        _require(day >= FIRST_DAY, f"form {self.form_code} is used from {FIRST_DAY.isoformat()} on")
        _require(self.serial[:2] == f"{day.year % 100:02d}", "serial belongs to another year than issued_at")

    def _check_parties(self) -> None:
        _require(self.collector.name != "", "collector needs a name")
        coded = TAX_CODE_SHAPE.fullmatch(self.collector.tax_code) is not None
        _require(coded, "collector needs a tax code of 10, 10-3 or 12 digits")
        if self.delegate is not None:
            named = self.delegate.name != "" and self.delegate.address != ""
            _require(named, "delegate needs a name and an address")

    def _check_amounts(self) -> None:
        _require(len(self.lines) > 0, "a receipt needs at least one line: nothing collected, no receipt")
        _require(_is_whole(self.total_dong), "total_dong must be a whole number of đồng")
        total = sum(line.amount_dong for line in self.lines)
        _require(self.total_dong == total, "total_dong is not the sum of the lines")
        _require(self.total_dong <= MOST_DONG, f"total_dong must not exceed {MOST_DONG}")

    def _check_lookup(self) -> None:
        found = LOOKUP_CODE_SHAPE.fullmatch(self.lookup_code) is not None
        _require(found, "lookup_code must be 6 to 64 letters, digits or dashes")
        linked = VERIFY_URL_SHAPE.fullmatch(self.verify_url) is not None
        _require(linked, "verify_url must be a web address of at most 300 plain characters")

    @property
    def number_text(self) -> str:
        """The number as printed, with its leading zeros: ``00000001``."""
        return f"{self.number:0{NUMBER_DIGITS}d}"

    @property
    def issued_on(self) -> date:
        """The date of the receipt: the calendar day in Vietnam."""
        return vietnam_date(self.issued_at)

    @property
    def total_in_words(self) -> str:
        return amount_in_words(self.total_dong)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; every field, always. The inverse of :meth:`from_dict`."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        data |= {
            "issued_at": self.issued_at.isoformat(timespec="microseconds"),
            "lines": [_plain(line) | {"kind": line.kind.value} for line in self.lines],
        }
        for part in ("collector", "delegate", "payer"):
            data[part] = None if data[part] is None else _plain(data[part])
        if self.replaces is not None:
            data["replaces"] = _plain(self.replaces) | {"issued_on": self.replaces.issued_on.isoformat()}
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Receipt:
        """The receipt that :meth:`to_dict` wrote; InvalidReceipt when it is anything else."""
        expected = {field.name for field in fields(cls)}
        _require(set(data) == expected, "the data need exactly a receipt's fields")
        try:
            return cls(**{**data, **_parts(data)})
        except InvalidReceipt:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InvalidReceipt("a field of the data has another shape than a receipt's") from error

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no blanks, UTF-8. Equal receipts have equal bytes."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in lower-case hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def chain_digest(previous: str, receipt: Receipt) -> str:
    """The link of this receipt in the hash chain of its series, in lower-case hexadecimal.

    ``previous`` is the link of the number before, or CHAIN_START for the first of a series. A number
    left out, put in between or altered later breaks every link that follows.
    """
    _require(re.fullmatch(r"[0-9a-f]{64}", previous) is not None, "a link is 64 hexadecimal digits")
    return hashlib.sha256(f"{previous}\n{receipt.digest()}".encode()).hexdigest()


def _plain(part: Party | Line | ReplacedReceipt) -> dict[str, Any]:
    # dataclasses.asdict copies every value deeply, which costs ten times as much as everything else here.
    return {name: getattr(part, name) for name in part.__slots__}


def _parts(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "issued_at": datetime.fromisoformat(data["issued_at"]),
        "collector": Party(**data["collector"]),
        "delegate": None if data["delegate"] is None else Party(**data["delegate"]),
        "payer": None if data["payer"] is None else Party(**data["payer"]),
        "lines": tuple(Line(**line) for line in data["lines"]),
        "replaces": None if data["replaces"] is None else _replaced(data["replaces"]),
    }


def _replaced(data: dict[str, Any]) -> ReplacedReceipt:
    return ReplacedReceipt(**{**data, "issued_on": date.fromisoformat(data["issued_on"])})
