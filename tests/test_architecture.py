"""The shape of the program: directions of imports, sizes, names, and a test for every failure mode."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.api import read_configuration
from importlinter.cli import lint_imports

from tests.source_files import PRODUCTION, PYTHON, ROOT, parsed, python_files, short, text_files

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 70
FAILURE_MODES = range(1, 60)

# Written with a class of one letter, so that this file does not find itself.
LEFT_OVER = re.compile(
    r"T[O]DO|F[I]XME|N[o]tImplementedError|pytest\.(?:sk[i]p|xf[a]il)|mark\.(?:sk[i]p|xf[a]il)"
)
OF_ONE_MACHINE = re.compile(r"(?<![\w.:/{}$*])/(?:w[o]rk|r[o]ot|h[o]me|t[m]p|o[p]t)/\w")
PACKAGE_INDEX = re.compile(
    r"(?:index-url|find-links|trusted-host)[= ]+\S*://|py[p]i\.org/simple|py[t]honhosted\.org|pk[g]\.dev"
)
NOT_UNDERSTOOD = {
    "service",
    "services",
    "manager",
    "managers",
    "helper",
    "helpers",
    "util",
    "utils",
    "common",
    "misc",
}

TEST_OF_A_FAILURE_MODE = re.compile(r"test_T(\d\d)_")
ROW_OF_A_FAILURE_MODE = re.compile(r"^\| T(\d\d) \|", re.MULTILINE)

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, type_of_function))


def failure_modes_by_state() -> tuple[set[int], set[int]]:
    """The numbers of the failure modes that the documentation calls held, and those it does not yet."""
    page = (ROOT / "docs" / "failure-modes.md").read_text(encoding="utf-8")
    held, _, not_yet = page.partition("## Not yet held")
    return numbers_of_rows(held), numbers_of_rows(not_yet)


def numbers_of_rows(text: str) -> set[int]:
    return {int(number) for number in ROW_OF_A_FAILURE_MODE.findall(text)}


def failure_modes_with_a_test() -> set[int]:
    names = (node.name for path in python_files("tests") for node in functions(path))
    return {int(found[1]) for name in names if (found := TEST_OF_A_FAILURE_MODE.match(name))}


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{short(path)}:{number}: {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_imports_keep_to_their_directions(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert exit_code == 0, capsys.readouterr().out


def test_every_layer_that_the_contracts_name_is_there() -> None:
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    names = re.findall(r"[a-z_]+", " ".join(layers))
    paths = [ROOT / "payments" / name for name in names]
    assert len(paths) > 5
    assert [short(path) for path in paths if not (path.is_dir() or path.with_suffix(".py").is_file())] == []


def test_every_folder_of_production_code_is_a_package() -> None:
    """What is no package is neither installed nor seen by the import contracts."""
    folders = {path.parent for path in python_files(*PRODUCTION)}
    assert [short(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_failure_mode_stands_in_one_of_the_two_tables() -> None:
    held, not_yet = failure_modes_by_state()
    assert held | not_yet == set(FAILURE_MODES)
    assert not held & not_yet


def test_every_failure_mode_that_is_held_has_a_test() -> None:
    held, _ = failure_modes_by_state()
    missing = sorted(held - failure_modes_with_a_test())
    assert not missing, f"no test is named test_Tnn_… for {missing}"


def test_a_failure_mode_that_got_its_test_moves_to_the_table_of_those_held() -> None:
    _, not_yet = failure_modes_by_state()
    moved = sorted(not_yet & failure_modes_with_a_test())
    assert not moved, f"move these rows of docs/failure-modes.md to the first table: {moved}"


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {
        short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(*PYTHON)
    }
    assert lengths, "no Python file was found"
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_no_function_is_too_long_to_be_understood_at_once() -> None:
    lengths = {
        f"{short(path)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in python_files(*PYTHON)
        for node in functions(path)
    }
    assert lengths, "no function was found"
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


def test_production_code_guards_nothing_by_assert() -> None:
    guards = [
        f"{short(path)}:{node.lineno}"
        for path in python_files(*PRODUCTION, "migrations")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assert)
    ]
    assert guards == [], "an assert vanishes under python -O"


def test_every_module_has_a_name_that_says_what_it_is() -> None:
    names = {
        short(path) for path in python_files(*PYTHON) if NOT_UNDERSTOOD & {path.stem, *path.parent.parts}
    }
    assert names == set()


def test_nothing_is_left_over_or_switched_off() -> None:
    assert lines_matching(LEFT_OVER) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_matching(OF_ONE_MACHINE) == []


def test_no_file_names_a_package_index() -> None:
    assert lines_matching(PACKAGE_INDEX) == []
