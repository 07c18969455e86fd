"""From the text of a file to its model, with every problem named by file, line and place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from payments.core.fees.provinces import ProvinceFile
from payments.core.fees.schedule import ProcedureFile, Schedule
from payments.core.fees.yaml_text import Path, TextProblem, read_json, read_yaml


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing to mend in one file; ``line`` counts from one, 0 when it concerns the whole file."""

    file_name: str
    line: int
    place: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file_name}:{self.line}" if self.line else self.file_name
        return f"{where}: {self.place}: {self.message}" if self.place else f"{where}: {self.message}"


class FilesRefused(ValueError):
    """Files that cannot be used; ``problems`` holds all that was found."""

    def __init__(self, problems: tuple[FileProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


Model = TypeVar("Model", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True)
class ReadFile(Generic[Model]):
    """A file that was read: what it says, and on which line each part stands."""

    file_name: str
    model: Model
    lines: Mapping[Path, int]

    def problem(self, place: Path, message: str) -> FileProblem:
        """A problem of this file at ``place``, on the line of that part or of the nearest around it."""
        around = place
        while around and around not in self.lines:
            around = around[:-1]
        return FileProblem(self.file_name, self.lines.get(around, 1), _dotted(place), message)


def parse_schedule(text: str, file_name: str) -> Schedule:
    """The schedule in ``text``. Raises FilesRefused with all problems at once."""
    return _parse(Schedule, text, file_name)


def parse_procedures(text: str, file_name: str) -> ProcedureFile:
    """The procedures in ``text``. Raises FilesRefused with all problems at once."""
    return _parse(ProcedureFile, text, file_name)


def parse_file(text: str, file_name: str) -> Schedule | ProcedureFile | ProvinceFile:
    """Any kind of file: one with ``procedures:`` or ``provinces:`` lists those. Raises FilesRefused."""
    return read_file(text, file_name).model


def read_file(
    text: str, file_name: str
) -> ReadFile[Schedule] | ReadFile[ProcedureFile] | ReadFile[ProvinceFile]:
    """The same as :func:`parse_file`, with the lines of its parts."""
    data, lines = _read(text, file_name)
    if isinstance(data, dict) and "procedures" in data:
        return ReadFile(file_name, _model(ProcedureFile, data, lines, file_name), lines)
    if isinstance(data, dict) and "provinces" in data:
        return ReadFile(file_name, _model(ProvinceFile, data, lines, file_name), lines)
    return ReadFile(file_name, _model(Schedule, data, lines, file_name), lines)


def _parse(model: type[Model], text: str, file_name: str) -> Model:
    data, lines = _read(text, file_name)
    return _model(model, data, lines, file_name)


def _read(text: str, file_name: str) -> tuple[object, dict[Path, int]]:
    try:
        return read_json(text) if file_name.endswith(".json") else read_yaml(text)
    except TextProblem as problem:
        raise FilesRefused((FileProblem(file_name, problem.line, "", problem.message),)) from None


def _model(model: type[Model], data: object, lines: dict[Path, int], file_name: str) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [_problem(detail, lines, file_name) for detail in details]
        raise FilesRefused(tuple(problems)) from None


def _problem(detail: ErrorDetails, lines: dict[Path, int], file_name: str) -> FileProblem:
    """Pydantic names the branches of a union among the places; those are in no file and are left out."""
    place: Path = ()
    for part in detail["loc"]:
        if (*place, part) in lines:
            place = (*place, part)
    line = lines.get(place, 1)
    if detail["type"] == "missing":
        place = (*place, detail["loc"][-1])
    return FileProblem(file_name, line, _dotted(place), _mended(detail["msg"]))


def _dotted(place: Path) -> str:
    return ".".join(str(part) for part in place)


_HINTS = {
    "Unable to extract tag": "write a whole number, a quoted decimal, an input, or a rule with a type",
    "Extra inputs are not permitted": "there is no such key here; compare the spelling",
    "Field required": "this key is missing",
}


_STRANGER = re.compile(
    r"Input tag '(.*)' found using .* does not match any of the expected tags: (.*)", re.DOTALL
)


def _mended(message: str) -> str:
    if stranger := _STRANGER.match(message):
        kinds = stranger[2].replace("'", "").replace("whole, text, ", "")
        return f"there is no kind of rule called {stranger[1]}; use one of: {kinds}"
    for beginning, hint in _HINTS.items():
        if message.startswith(beginning):
            return hint
    return message.removeprefix("Value error, ")
