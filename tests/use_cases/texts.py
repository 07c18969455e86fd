"""A small law of its own for tests of publishing: one text, one item, one procedure."""

from __future__ import annotations

SCHEDULE = """\
schedule: {name}
version: {version}
document:
  number: {number}
  issuer_vi: Bộ Thử
  issuer_en: Ministry of Tests
  name_vi: Thông tư {number}
  name_en: Circular {number}
source: {{confidence: full_text, note: made up}}
territory: "{territory}"
effective_from: {begin}
effective_to: {end}
items:
  - code: {item}
    kind: fee
    name_vi: Phí thử
    name_en: Test fee
    article_vi: Điều 1
    article_en: Article 1
    sub_item: "2716"
    collector: commune
    rule: {rule}
{cases}"""

PROCEDURES = """\
procedures:
  - code: TP-THU
    code_source: own
    name_vi: Thủ tục thử
    name_en: Test procedure
    field_vi: Thử
    field_en: Tests
    level: commune
    agency: commune
    items:
      - item: {item}
    inputs:
      - {{name: pages, type: whole, label_vi: Số trang, label_en: Pages, unit_vi: trang, unit_en: pages, default: 1}}
"""

CASE = """\
cases:
  - name: one page
    procedure: TP-THU
    inputs: {{}}
    filed_on: 2026-11-22
    expected: {{total_dong: {total_dong}}}
"""


def schedule(
    name: str = "thu-1",
    version: int = 1,
    *,
    item: str = "test.fee",
    rule: str = "50000",
    begin: str = "2026-01-01",
    end: str = "null",
    territory: str = "",
    cases: str = "",
) -> tuple[str, str]:
    """The name and the text of a schedule's file."""
    number = f"{name.removeprefix('thu-')}/2026/TT-THU"
    text = SCHEDULE.format(
        name=name,
        version=version,
        number=number,
        item=item,
        rule=rule,
        begin=begin,
        end=end,
        territory=territory,
        cases=cases,
    )
    return f"{name}.yaml", text


def procedures(item: str = "test.fee") -> tuple[str, str]:
    """The name and the text of a file with one procedure, TP-THU."""
    return "procedures-thu.yaml", PROCEDURES.format(item=item)


def case(total_dong: int) -> str:
    """A worked case of TP-THU."""
    return CASE.format(total_dong=total_dong)
