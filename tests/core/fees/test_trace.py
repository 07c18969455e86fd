"""A trace can be computed again by anyone, and its sentence can be read by a citizen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, Quote, QuoteLine, quote
from tests.core.fees.building import item, line
from tests.core.fees.test_cases import CASES, _facts, _question
from tests.core.fees.trace_checker import check_trace


def check(found: QuoteLine) -> None:
    assert json.loads(json.dumps(found.trace)) == found.trace
    check_trace(found.trace, found.amount_dong + found.subsidised_dong)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_trace_computed_again_gives_the_amount(case: dict[str, Any], catalogue: Catalogue) -> None:
    code, inputs = _question(case)
    try:
        found = quote(catalogue, code, _facts(case, inputs))
    except FeeRefusal:
        assert case["expected_vnd"] is None
        return
    for one in found.lines:
        check(one)
        assert one.legal_basis_vi in one.explanation_vi
        assert one.legal_basis_en in one.explanation_en


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("code", "day", "inputs", "changes", "vi", "en"),
    [
        (
            "2.000815",
            "2026-11-22",
            {"pages": 2, "copies": 1},
            {},
            "1 bản × 2 trang × 2.000 đ = 4.000 đ, khoản 1 Điều 4 Thông tư 226/2016/TT-BTC",
            "1 copy × 2 pages × 2,000 VND = 4,000 VND, Clause 1, Article 4, Circular 226/2016/TT-BTC",
        ),
        (
            "2.000815",
            "2026-11-22",
            {"pages": 250, "copies": 3},
            {},
            "3 bản × mức tối đa 200.000 đ (tính đủ là 2 trang × 2.000 đ + 248 trang × 1.000 đ = 252.000 đ)"
            " = 600.000 đ, khoản 1 Điều 4 Thông tư 226/2016/TT-BTC",
            "3 copies × at most 200,000 VND (in full 2 pages × 2,000 VND + 248 pages × 1,000 VND = 252,000 VND)"
            " = 600,000 VND, Clause 1, Article 4, Circular 226/2016/TT-BTC",
        ),
        (
            "TP-DT-THAMDINH",
            "2026-11-22",
            {"investment_dong": 76 * 10**9},
            {},
            "50% × 0,0137% (nội suy tại 76.000.000.000 đ giữa 50.000.000.000 đ: 0,015% và 100.000.000.000 đ: 0,0125%)"
            " × 76.000.000.000 đ = 5.206.000 đ; Giảm 50% từ 01/7/2025 đến hết 31/12/2026 (Thông tư 64/2025/TT-BTC);"
            " Điều 4 Thông tư 28/2023/TT-BTC",
            "50% × 0.0137% (interpolated at 76,000,000,000 VND between 50,000,000,000 VND: 0.015% and"
            " 100,000,000,000 VND: 0.0125%) × 76,000,000,000 VND = 5,206,000 VND; Half the rate from 2025-07-01 to"
            " 2026-12-31 (Circular 64/2025/TT-BTC); Article 4, Circular 28/2023/TT-BTC",
        ),
        (
            "TP-TA-DANSU",
            "2026-11-22",
            {"dispute_value": 500_000_000},
            {"beneficiaries": frozenset({"elderly"})},
            "Được miễn: Trẻ em, hộ nghèo, người cao tuổi, người khuyết tật, người có công"
            " (Điều 12 Nghị quyết 326/2016/UBTVQH14), Điều 26 và Danh mục A Nghị quyết 326/2016/UBTVQH14",
            "Exempt: Child, poor household, elderly or disabled person, person of merit (Article 12, Resolution"
            " 326/2016/UBTVQH14), Article 26 and List A, Resolution 326/2016/UBTVQH14",
        ),
        (
            "2.000720",
            "2026-11-22",
            {"cause": "boundary_change"},
            {},
            "Không phải nộp: chỉ đổi địa chỉ do Nhà nước đổi địa giới, tên đường, số nhà,"
            " Biểu mức thu Nghị quyết 78/2026/NQ-HĐND Hà Nội",
            "Not payable: only the address changes, because of a boundary, street-name or house-number change,"
            " Tariff, Resolution 78/2026/NQ-HDND of Hà Nội",
        ),
        (
            "1.001612",
            "2026-11-22",
            {},
            {"channel": "online"},
            "Mức thu 0 đồng: Nộp hồ sơ trực tuyến: 0 đồng (Nghị quyết 78/2026/NQ-HĐND Hà Nội),"
            " Biểu mức thu Nghị quyết 78/2026/NQ-HĐND Hà Nội",
            "The rate is 0: Filed online: 0 (Resolution 78/2026/NQ-HDND of Hà Nội),"
            " Tariff, Resolution 78/2026/NQ-HDND of Hà Nội",
        ),
    ],
)
def test_an_explanation_reads_as_a_sentence(
    ask: Callable[..., Quote], code: str, day: str, inputs: Any, changes: Any, vi: str, en: str
) -> None:
    found = ask(code, day, inputs, **changes).lines[0]
    assert plain(found.explanation_vi) == vi
    assert plain(found.explanation_en) == en


@pytest.mark.parametrize(
    ("rule", "inputs", "text"),
    [
        (
            {"type": "multiply", "factors": ["x", {"type": "add", "parts": ["y", 2]}]},
            {"x": 3, "y": 4},
            "3 × (4 đ + 2) = 18 đ",
        ),
        (
            {"type": "subtract", "value": "y", "less": {"type": "subtract", "value": "y", "less": 1}},
            {"y": 4},
            "4 đ − (4 đ − 1 đ) = 1 đ",
        ),
        ({"type": "divide", "value": "y", "by": "x"}, {"y": 10, "x": 3}, "10 đ : 3 = 10/3 đ, làm tròn 3 đ"),
        ({"type": "highest", "of": ["y", 7]}, {"y": 4}, "mức cao nhất trong (4 đ; 7 đ) = 7 đ"),
        ({"type": "lowest", "of": ["y", 7]}, {"y": 4}, "mức thấp nhất trong (4 đ; 7 đ) = 4 đ"),
        ({"type": "limit", "value": "y", "floor": 9}, {"y": 4}, "mức tối thiểu 9 đ (tính ra là 4 đ) = 9 đ"),
        ({"type": "limit", "value": "y", "floor": 3}, {"y": 4}, "4 đ"),
        ({"type": "round", "value": "y", "to": 10}, {"y": 14}, "10 đ (làm tròn từ 14 đ) = 10 đ"),
        ({"type": "add", "parts": ["y", {"type": "multiply", "factors": [0, "x"]}]}, {"y": 4, "x": 1}, "4 đ"),
        ({"type": "multiply", "factors": ["0.5", "y"]}, {"y": 5}, "0,5 × 5 đ = 2,5 đ, làm tròn 3 đ"),
    ],
)
def test_brackets_limits_and_fractions_are_written_as_meant(rule: Any, inputs: Any, text: str) -> None:
    found = line(item(rule), {"x": "whole", "y": "money"}, inputs)
    assert plain(found.explanation_vi) == f"{text}, Điều 4 Thông tư 1/2020/TT-BTC"
    check(found)
