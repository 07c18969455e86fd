"""The command ``thuphi``.

Each command is thin: it reads its arguments, calls a use case and prints. What goes wrong is one sentence that says
how to mend it, on standard error, with an exit code other than 0; nobody is shown a traceback.
"""

from payments.cli.root import main

__all__ = ["main"]
