"""The files that ``thuphi schedule new`` writes: one legal document with one fee, by the kind of its first rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from textwrap import indent

HEADER = """\
# {name}: một văn bản pháp luật trong một tệp. Chỉ viết điều văn bản nói; điều chưa biết thì bỏ trống, không ghi 0.
# One legal document in one file. Write only what the text says; leave out what is not known, never write 0 for it.
#
# Kiểm tra / check:  thuphi schedule check {name}.yaml
schedule: {name}              # tên riêng, không dấu, không đổi về sau / a name of its own, for good
version: 1                    # sửa sau khi đã công bố thì tăng lên 2, 3, … / raise it to correct what was published
document:
  number: 00/2026/TT-BTC
  issuer_vi: Bộ Tài chính     # hai cơ quan có thể dùng cùng một số / two issuers can use one number
  issuer_en: Ministry of Finance
  name_vi: Thông tư 00/2026/TT-BTC
  name_en: Circular 00/2026/TT-BTC
  signed_on: 2026-01-01       # năm-tháng-ngày / year-month-day
source:
  confidence: full_text       # codified_text, full_text, public_pages, mixed
  note: Ai đọc, đọc ở đâu. Who read it, and where.
  checked_on: 2026-01-01
# territory: "31"             # mã tỉnh, nếu là nghị quyết của HĐND / a province's code, for its council's resolution
effective_from: 2026-01-01
effective_to: null            # ngày cuối cùng còn hiệu lực / the last day in force
decided_by: filed_on          # filed_on (ngày nộp hồ sơ), paid_on, received_on, event_on
items:
  - code: example.{code}
    kind: fee                 # fee = phí, charge = lệ phí
    name_vi: Phí …
    name_en: Fee for …
    article_vi: khoản 1 Điều 4
    article_en: Clause 1, Article 4
    # sub_item: "2700"        # tiểu mục, khi đã xác định / the budget sub-item, once established
    collector: commune        # loại cơ quan thu / the kind of body that collects
    rule:
{rule}
    # Ai giữ lại bao nhiêu; lệ phí nộp hết vào ngân sách. / What is kept; of a charge nothing is.
    retention:
      - {{status: [lump_sum], kept: "50%"}}
    # benefits:               # miễn, giảm, giá theo kênh / exemptions, reductions, prices of a channel
    #   - code: poor_household
    #     name_vi: Hộ nghèo
    #     name_en: Poor household
    #     article_vi: Điều 5
    #     article_en: Article 5
    #     effect: exempt
    #     beneficiaries: [poor_household]
# cases:                      # tính tay, để máy tính lại / computed by hand, for the check to compute again
#   - name: 3 trang, 2 bản
#     procedure: "2.000815"
#     inputs: {{pages: 3, copies: 2}}
#     filed_on: 2026-02-01
#     expected: {{total_dong: 10000}}
"""

RULES: Mapping[str, str] = {
    "fixed": """\
# Một mức cố định. / One fixed amount, in đồng.
50000
""",
    "per-page": """\
# Mỗi bản: 2.000 đ cho trang 1 và 2, 1.000 đ từ trang 3, không quá 200.000 đ một bản.
# Each copy: 2,000 for pages 1 and 2, 1,000 from page 3, at most 200,000 a copy.
type: multiply
factors:
  - copies
  - type: limit
    value:
      type: per_unit
      unit: pages
      steps: [{through: 2, price: 2000}, {price: 1000}]
    cap: 200000
""",
    "tiers": """\
# Theo giá trị: mức cơ bản cộng phần trăm của phần vượt. / By value: a base, and a percentage of what lies above.
type: tiers
by: value
bands:
  - {under: 50000000, base: 50000}
  - {from: 50000000, to: 1000000000, rate: "0.1%", rate_on: whole}
  - {over: 1000000000, base: 1000000, rate: "0.06%"}
""",
    "table": """\
# Bảng hai chiều. / A table of two dimensions.
type: lookup
by: [who, object]
table:
  person: {land: 100000, both: 155000}
  organisation: {land: 150000, both: 215000}
""",
    "percent": """\
# Phần trăm của giá trị, có mức tối thiểu và tối đa. / A percentage of a value, with a floor and a cap.
type: limit
value: {type: percent, rate: "0.5%", of: value}
floor: 500000
cap: 500000000
""",
    "interpolate": """\
# Tỷ lệ nội suy giữa hai mốc. / A rate interpolated between points.
type: percent
rate:
  type: interpolate
  by: investment
  points: [{at: 15000000000, rate: "0.0190%"}, {at: 50000000000, rate: "0.0150%"}]
of: investment
""",
}


def _template(kind: str, name: str) -> str:
    return HEADER.format(name=name, code=kind, rule=indent(RULES[kind], " " * 6).rstrip())


TEMPLATES: Mapping[str, Callable[[str], str]] = {kind: partial(_template, kind) for kind in RULES}
