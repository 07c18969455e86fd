"""Run the benchmarks and print their tables: ``python -m benchmarks [NAME …]``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from benchmarks import callbacks

BENCHMARKS: Mapping[str, Callable[[], str]] = {"callbacks": callbacks.measure}


def main(names: list[str]) -> int:
    """Run those named, or all."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(
            f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}.",
            file=sys.stderr,
        )
        return 2
    for name in names or BENCHMARKS:
        print(BENCHMARKS[name](), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
