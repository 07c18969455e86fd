"""``thuphi schedule``: everything wrong with a file is named at once, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from payments.cli.root import thuphi
from payments.cli.schedule_templates import TEMPLATES

CATALOGUE = Path(__file__).parents[2] / "catalogue"
COPY = (CATALOGUE / "vn" / "thong-tu-226-2016.yaml").read_text("utf-8")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(thuphi, [str(argument) for argument in arguments])


def _check(*files: Path, language: str = "en") -> Result:
    return _run("schedule", "check", *files, "--with", CATALOGUE, "--lang", language)


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_a_new_file_passes_the_check_as_it_is(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "thong-tu-00-2026.yaml"
    assert _run("schedule", "new", file, "--kind", kind).exit_code == 0
    checked = _check(file)
    assert (checked.exit_code, checked.stderr) == (0, "")


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    file = tmp_path / "thong-tu-00-2026.yaml"
    file.write_text("mine")
    refused = _run("schedule", "new", file)
    assert (refused.exit_code, file.read_text()) == (1, "mine")
    assert "is there already" in refused.stderr


def test_a_new_file_needs_a_name_that_can_name_the_document(tmp_path: Path) -> None:
    refused = _run("schedule", "new", tmp_path / "Thông tư.yaml")
    assert refused.exit_code == 2
    assert "small letters without accents" in refused.stderr


def test_every_shipped_file_is_sound_and_its_cases_come_out_as_written() -> None:
    checked = _check(*sorted((CATALOGUE / "vn").glob("*.yaml")))
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "thong-tu-226-2016.yaml: sound" in checked.stdout


def test_each_problem_is_named_by_file_and_line_and_other_files_are_still_checked(tmp_path: Path) -> None:
    wrong, right = tmp_path / "wrong.yaml", tmp_path / "thong-tu-226-2016.yaml"
    wrong.write_text(COPY.replace("price: 2000", "price: 2.5").replace("kind: fee", "kind: fea", 1), "utf-8")
    right.write_text(COPY, "utf-8")
    checked = _check(wrong, right)
    assert checked.exit_code == 1
    lines = {number for number, line in enumerate(wrong.read_text("utf-8").splitlines(), 1) if "fea" in line}
    assert f"wrong.yaml:{lines.pop()}: items.0.kind" in checked.stderr
    assert "steps.0.price" in checked.stderr
    assert "thong-tu-226-2016.yaml: sound" in checked.stdout


def test_a_case_that_comes_out_otherwise_is_told_with_both_amounts(tmp_path: Path) -> None:
    file = tmp_path / "thong-tu-226-2016.yaml"
    file.write_text(COPY.replace("cap: 200000", "cap: 150000"), "utf-8")
    checked = _check(file)
    assert checked.exit_code == 1
    assert "The total is 150,000 and should be 200,000" in checked.stderr
    assert "Tổng số tiền là 150.000, đáng lẽ là 200.000" in _check(file, language="vi").stderr


def test_the_differences_of_two_files_are_listed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(COPY, "utf-8")
    new.write_text(COPY.replace("cap: 200000", "cap: 150000"), "utf-8")
    told = _run("schedule", "diff", old, new)
    assert (told.exit_code, told.stdout) == (
        1,
        "items[certification.copy].rule.factors[2].cap: 200000 → 150000\n",
    )
    assert _run("schedule", "diff", old, old, "--lang", "en").stdout == "No difference.\n"


def test_a_quote_is_explained_step_by_step() -> None:
    told = _run("quote", "2.000815", "-i", "pages=250", "-i", "copies=3", "--explain", "--lang", "en")
    assert told.exit_code == 0
    for line in (
        "      600,000 VND  product",
        "          252,000 VND  sum",
        "    retained: 300,000 VND",
        "  Total: 600,000 VND",
    ):
        assert line in told.stdout.replace("\N{NO-BREAK SPACE}", " ").splitlines()


def test_all_wrong_answers_of_a_quote_are_named_with_what_is_asked() -> None:
    told = _run("quote", "2.000815", "-i", "pages=x", "-i", "page=3", "--lang", "en")
    assert told.exit_code == 1
    assert told.stderr.splitlines() == [
        "Error: This cannot be computed yet:",
        "  page: This procedure has no such input.",
        "  pages: This must be a whole number.",
        "The procedure asks:",
        "  pages (whole): Pages of the original",
        "  copies (whole): Number of copies",
    ]
