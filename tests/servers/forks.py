"""Commands of a program that has imported itself already: each a process of its own, without seconds of imports.

One process imports the command and then does nothing but copy itself. Every copy has its own environment, arguments,
streams and exit code, runs one command and ends as a newly started interpreter would.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
STREAMS = ("stdin", "stdout", "stderr")


@dataclass(frozen=True, slots=True)
class Forks:
    """A process that waits for commands to run in copies of itself."""

    requests: IO[str]
    codes: IO[str]

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, with ``given`` as its standard input."""
        with tempfile.TemporaryDirectory() as directory:
            streams = {name: str(Path(directory, name)) for name in STREAMS}
            Path(streams["stdin"]).write_text(given)
            request = {"arguments": list(arguments), "environment": dict(environment), **streams}
            self.requests.write(json.dumps(request) + "\n")
            self.requests.flush()
            code = int(self.codes.readline())
            said, told = (Path(streams[name]).read_text() for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(list(arguments), code, said, told)


@contextmanager
def forks_of(module: str, function: str, *imported: str) -> Iterator[Forks]:
    """Start a process that has imported ``module`` and ``imported``, and runs ``function`` of it for each command.

    It ends with the ``with`` block, and by itself when the tests are killed: then nobody holds its input open.
    """
    with subprocess.Popen(
        [sys.executable, "-m", __name__, module, function, *imported],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that a copy that hangs can be ended with it
    ) as running:
        if running.stdin is None or running.stdout is None:
            raise RuntimeError("the process that waits for commands has no streams")
        try:
            yield Forks(running.stdin, running.stdout)
        finally:
            os.killpg(running.pid, signal.SIGTERM)


def wait_for_commands(requests: IO[str], codes: IO[str]) -> list[str] | None:
    """Copy this process for each request. Returns in every copy with its arguments, in the first one with None."""
    for line in requests:
        request = json.loads(line)
        copy = os.fork()
        if copy == 0:
            _become(request)
            arguments: list[str] = request["arguments"]
            return arguments
        codes.write(f"{os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])}\n")
        codes.flush()
    return None


def _become(request: Mapping[str, Any]) -> None:
    """Take the environment and the streams of a request in place of one's own."""
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, (name, mode) in enumerate(zip(STREAMS, "rww", strict=True)):
        with open(request[name], mode) as file:
            os.dup2(file.fileno(), number)


def main() -> None:
    """``python -m tests.servers.forks MODULE FUNCTION [IMPORTED ...]``: read requests, answer with exit codes."""
    module, function, *imported = sys.argv[1:]
    for name in imported:
        import_module(name)
    run = getattr(import_module(module), function)
    # What is imported is never garbage: without this every copy would search it all once more at its end.
    gc.collect()
    gc.freeze()
    with (  # of its own, so that nothing is left in those which a copy gives away
        os.fdopen(os.dup(0), encoding="utf-8") as requests,
        os.fdopen(os.dup(1), "w", encoding="utf-8") as codes,
    ):
        arguments = wait_for_commands(requests, codes)
    if arguments is not None:
        sys.argv = [module, *arguments]
        run()


if __name__ == "__main__":
    main()
