"""One text of the catalogue: what a file says, and the rows that it becomes when it is published."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from payments.core.fees.catalogue import period
from payments.core.fees.load import FilesRefused, parse_file
from payments.core.fees.provinces import ProvinceFile
from payments.core.fees.schedule import ProcedureFile, Schedule
from payments.core.publication import TextKind
from payments.core.refusals import Invalid, Problem

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}\.(yaml|yml|json)", re.ASCII)

MOST_REMEMBERED = 256

Model = Schedule | ProcedureFile | ProvinceFile


@dataclass(frozen=True, slots=True)
class FeeText:
    """A text that was read. ``version`` is 0 where it names none: it gets the next one when it is published."""

    kind: TextKind
    id: str
    version: int
    file_name: str
    source_text: str
    digest: str
    model: Model

    @property
    def schedule(self) -> Schedule | None:
        return self.model if isinstance(self.model, Schedule) else None


def read_fee_text(file_name: str, source_text: str) -> FeeText:
    """What a file says. Raises Invalid with every problem, each by its line."""
    name = PurePosixPath(file_name.replace("\\", "/")).name
    if not FILE_NAME.fullmatch(name):
        raise Invalid(
            "file_name",
            f"Tên tệp “{name[:80]}” phải gồm chữ không dấu, số, dấu chấm, gạch nối và kết thúc bằng .yaml hoặc .json.",
            f"“{name[:80]}”: a file's name has letters without accents, digits, dots and hyphens, and ends in .yaml "
            "or .json.",
        )
    return _read(name, source_text)


@lru_cache(maxsize=MOST_REMEMBERED)
def _read(name: str, source_text: str) -> FeeText:
    try:
        model = parse_file(source_text, name)
    except FilesRefused as refused:
        raise faulty_file(refused) from None
    digest = hashlib.sha256(source_text.encode()).hexdigest()
    kind, text_id, version = _named(model, PurePosixPath(name).stem)
    return FeeText(kind, text_id, version, name, source_text, digest, model)


def _named(model: Model, stem: str) -> tuple[TextKind, str, int]:
    """A schedule says its name and version; other files are known by their names."""
    if isinstance(model, Schedule):
        return TextKind.SCHEDULE, model.schedule, model.version
    kind = TextKind.PROCEDURES if isinstance(model, ProcedureFile) else TextKind.PROVINCES
    return kind, f"{kind}/{stem}", 0


def faulty_file(refused: FilesRefused) -> Invalid:
    """The refusal that lists what is to be mended in a file."""
    problems = tuple(
        Problem(f"{problem.file_name}:{problem.line}", str(problem), str(problem))
        for problem in refused.problems
    )
    return Invalid(
        "faulty_file",
        f"Tệp có {len(problems)} lỗi cần sửa.",
        f"There are {len(problems)} thing(s) to mend in the file.",
        problems,
    )


def periods_of(schedule: Schedule) -> Sequence[Mapping[str, Any]]:
    """The items and numbers that a schedule sets, where and on which days of the law."""
    rows = [(item.code, period(schedule, item)) for item in schedule.items]
    rows += [
        (f"parameter:{parameter.code}", period(schedule))
        for parameter in schedule.parameters
        if parameter.value is not None
    ]
    return [
        {
            "item_code": code,
            "territory": schedule.territory,
            "law_from": None if begin == date.min else begin,
            "law_to": None if end == date.max else end,
        }
        for code, (begin, end) in rows
    ]


def text_row(text: FeeText) -> dict[str, Any]:
    """What is kept of a published text, whoever publishes it and from when."""
    schedule = text.schedule
    return {
        "id": text.id,
        "version": text.version or 1,
        "kind": text.kind,
        "file_name": text.file_name,
        "document": schedule.document.number if schedule else "",
        "source_text": text.source_text,
        "digest": text.digest,
        "effective_from": schedule.effective_from if schedule else None,
        "effective_to": schedule.effective_to if schedule else None,
    }


def period_rows(text: FeeText, version: int, published_from: date) -> list[dict[str, Any]]:
    """The rows that say what a published text sets."""
    if text.schedule is None:
        return []
    beginning = {"text_id": text.id, "text_version": version, "published_from": published_from}
    return [{**beginning, **each} for each in periods_of(text.schedule)]
