"""The command ``thuphi``.

Each command is thin: it reads its arguments, calls a use case and prints. What goes wrong is one sentence that says
how to mend it, on standard error, with an exit code other than 0; nobody is shown a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    # Imported late: a process that renders receipts imports this module again and needs nothing of it.
    from payments.cli.root import run

    run(arguments)
