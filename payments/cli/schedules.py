"""``thuphi schedule``: check, compare and begin files of fees, without a database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from payments.app import read_catalogue_files
from payments.cli.opening import read_settings
from payments.cli.schedule_templates import TEMPLATES
from payments.core.fees.catalogue import Catalogue, read_catalogue
from payments.core.fees.difference import differences
from payments.core.fees.load import FileProblem, FilesRefused, parse_file, parse_schedule
from payments.core.fees.provinces import ProvinceFile
from payments.core.fees.schedule import Schedule
from payments.core.fees.worked_cases import run_cases

LANGUAGE = click.option(
    "--lang", "language", type=click.Choice(["vi", "en"]), default="vi", show_default=True
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)

_SENTENCES: Mapping[tuple[str, str], str] = {
    ("sound", "vi"): "{file}: đúng; {passed} trường hợp mẫu cho kết quả như đã tính.",
    ("sound", "en"): "{file}: sound; {passed} worked case(s) come out as written.",
    ("case", "vi"): "{file}: cases[{name}]: {message}",
    ("case", "en"): "{file}: cases[{name}]: {message}",
    ("faulty", "vi"): "Có {count} lỗi cần sửa; chưa có gì được thay đổi.",
    ("faulty", "en"): "{count} thing(s) to mend; nothing was changed.",
    ("same", "vi"): "Không có khác biệt.",
    ("same", "en"): "No difference.",
}


@click.group()
def schedule() -> None:
    """Files of fees: begin, check and compare them."""


@schedule.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--with",
    "around",
    type=DIRECTORY,
    help="The catalogue that the files are to join; that of the settings if absent.",
)
@LANGUAGE
def check(files: Sequence[Path], around: Path | None, language: str) -> None:
    """Find everything that is wrong with FILES, each by its line, and compute the cases they carry.

    A file that is refused does not keep the others from being checked.
    """
    given = {str(file): file.read_text(encoding="utf-8") for file in files}
    surroundings = _surroundings(around or read_settings().catalogue, files, given)
    catalogue, problems = read_catalogue({**surroundings, **given})
    faults = [str(problem) for problem in _of(given, problems)]
    faulty = {problem.file_name for problem in problems}
    for name, text in given.items():
        if name not in faulty:
            faults += _run_cases(name, text, catalogue, language)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise click.ClickException(_say("faulty", language, count=len(faults)))


def _surroundings(around: Path, files: Sequence[Path], given: Mapping[str, str]) -> dict[str, str]:
    """The other files of the catalogue: neither the given ones, nor the same version under another name."""
    there = {file.resolve() for file in files}
    versions = {_version(text, name) for name, text in given.items()}
    found = {}
    for name, text in read_catalogue_files(around).items():
        version = _version(text, name)
        if (around / name).resolve() not in there and (version is None or version not in versions):
            found[name] = text
    return found


def _version(text: str, name: str) -> tuple[str, int] | None:
    try:
        found = parse_file(text, name)
    except FilesRefused:
        return None
    return (found.schedule, found.version) if isinstance(found, Schedule) else None


def _of(given: Mapping[str, str], problems: Sequence[FileProblem]) -> list[FileProblem]:
    """Those of the given files first, then what these make wrong in files around them."""
    return sorted(problems, key=lambda problem: problem.file_name not in given)


def _run_cases(name: str, text: str, catalogue: Catalogue, language: str) -> list[str]:
    found = parse_file(text, name)
    if isinstance(found, ProvinceFile):
        return []
    results = run_cases(catalogue, found.cases)
    failed = [result for result in results if not result.passed]
    if not failed:
        click.echo(_say("sound", language, file=name, passed=len(results)))
    return [
        _say(
            "case",
            language,
            file=name,
            name=result.case.name,
            message=result.message_vi if language == "vi" else result.message_en,
        )
        for result in failed
    ]


@schedule.command("diff")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@LANGUAGE
def diff(old: Path, new: Path, language: str) -> None:
    """Say what differs between two schedule files, place by place. Ends with 1 where they differ."""
    before, after = (parse_schedule(file.read_text(encoding="utf-8"), str(file)) for file in (old, new))
    found = differences(before, after)
    for difference in found:
        click.echo(difference.told(language))
    if not found:
        click.echo(_say("same", language))
    else:
        click.get_current_context().exit(1)


@schedule.command("new")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind", type=click.Choice(sorted(TEMPLATES)), default="fixed", show_default=True, help="The first rule."
)
def new(file: Path, kind: str) -> None:
    """Write a commented FILE to begin from; it passes the check as it is."""
    if not NAME.fullmatch(file.stem):
        raise click.BadParameter(
            "name the file after the document, in small letters without accents: thong-tu-61-2023.yaml"
        )
    try:
        with file.open("x", encoding="utf-8") as opened_file:
            opened_file.write(TEMPLATES[kind](file.stem))
    except FileExistsError:
        raise click.ClickException(f"{file} is there already: give another name.") from None
    click.echo(f"{file} is written. Fill it in from the signed text, then: thuphi schedule check {file}")


def _say(key: str, language: str, **words: object) -> str:
    return _SENTENCES[key, language].format(**words)


COMMANDS = (schedule,)
