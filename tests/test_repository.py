"""What a newcomer meets first holds together: README, make, the lock, the documents and their links."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.source_files import ROOT, short, text_files

DECISIONS = ROOT / "docs" / "decisions"
PARTS_OF_A_DECISION = ("Context", "Decision", "Consequences", "Alternatives", "What enforces it")
README_COMMANDS = ["make run", "make test"]
TARGETS = {
    "run",
    "demo",
    "test",
    "check",
    "format",
    "coverage",
    "bench",
    "lock",
    "reference",
    "clean",
    "help",
}

SHELL_BLOCK = re.compile(r"^```(?:sh|shell|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")
LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+) \\$", re.MULTILINE)
SCRIPTS = [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def normalised(requirement: str) -> str:
    """The name of a requirement in the form of the lock: ``types-PyYAML>=6`` becomes ``types-pyyaml``."""
    name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def declared_requirements() -> set[str]:
    document = pyproject()
    extras = document["project"]["optional-dependencies"].values()
    groups = [document["project"]["dependencies"], document["build-system"]["requires"], *extras]
    return {normalised(requirement) for group in groups for requirement in group}


def test_the_readme_asks_for_two_commands_and_nothing_else() -> None:
    blocks = SHELL_BLOCK.findall(read("README.md"))
    commands = [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]
    assert commands == README_COMMANDS


def test_make_alone_lists_every_target_with_a_sentence() -> None:
    make = shutil.which("make")
    assert make is not None
    listed = subprocess.run(
        [make, "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    sentences = dict(re.findall(r"^make ([a-z]+) +(.*)$", listed.stdout, re.MULTILINE))
    assert set(sentences) == TARGETS
    assert [
        target for target, sentence in sentences.items() if not re.fullmatch(r"[A-Z].+\.", sentence)
    ] == []


def test_every_target_of_the_makefile_is_listed() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)[0].split())
    assert targets == phony == TARGETS


def test_the_test_command_includes_the_checks() -> None:
    assert re.search(r"^test: .*\n(?:\t.*\n)*\t@scripts/test ", read("Makefile"), re.MULTILINE)
    assert re.search(r"^scripts/check$", read("scripts/test"), re.MULTILINE)


@pytest.mark.parametrize("program", ["ruff check", "ruff format --check", "mypy", "lint-imports"])
def test_the_checks_run_each_program(program: str) -> None:
    assert f"\nstep {program}" in read("scripts/check")


def test_the_build_server_runs_the_command_of_the_readme() -> None:
    assert re.search(r"^CI=true make test\b", read(".ci/run"), re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=short)
def test_every_script_can_be_started_and_stops_at_unset_names(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert re.search(r"^set -e?uo pipefail$", text, re.MULTILINE)


def test_the_lock_pins_every_requirement_that_is_declared() -> None:
    locked = {name for name, _ in LOCKED.findall(read("requirements.txt"))}
    assert declared_requirements() - locked == set()


def test_every_pin_of_the_lock_carries_a_hash() -> None:
    pins = re.split(r"^(?=[a-z0-9])", read("requirements.txt"), flags=re.MULTILINE)[1:]
    assert len(pins) == len(LOCKED.findall(read("requirements.txt")))
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_the_lock_names_no_address() -> None:
    assert "://" not in read("requirements.txt")


def test_warnings_are_errors_in_tests() -> None:
    assert pyproject()["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"


def test_types_are_checked_strictly_in_every_package() -> None:
    mypy = pyproject()["tool"]["mypy"]
    assert mypy["strict"] is True
    assert set(mypy["files"]) == {"payments", "providers", "receipts", "migrations", "tests", "benchmarks"}


def test_the_changelog_speaks_of_the_version_being_built() -> None:
    version = re.escape(pyproject()["project"]["version"])
    assert re.search(rf"^## {version}\b", read("CHANGELOG.md"), re.MULTILINE)


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert pyproject()["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0, January 2004" in read("LICENSE")


@pytest.mark.parametrize("page", sorted(DECISIONS.glob("*.md")), ids=short)
def test_a_decision_page_has_all_its_parts(page: Path) -> None:
    headings = re.findall(r"^## (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(headings) == PARTS_OF_A_DECISION


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in sorted(DECISIONS.glob("[0-9]*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{short(page)}: {target}"
        for page in text_files()
        if page.suffix == ".md"
        for target in MARKDOWN_LINK.findall(page.read_text(encoding="utf-8"))
        if not target.startswith(("https://", "http://", "mailto:", "#"))
        and not (page.parent / target.split("#")[0]).exists()
    ]
    assert broken == []
