"""Catalogues that this process has compiled, so that none is compiled twice.

A catalogue follows from what its texts say and from nothing else, so their digests name it, whichever database they
came from.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from sqlalchemy import Engine

from payments.core.fees.catalogue import Catalogue, read_catalogue
from payments.core.fees.load import FileProblem

MOST_KEPT = 8

Digests = tuple[tuple[str, str], ...]
"""File names and the digests of what the files say."""

Compiled = tuple[Catalogue, tuple[FileProblem, ...]]

_kept: OrderedDict[Digests, Compiled] = OrderedDict()
_one_at_a_time = Lock()


def compiled(digests: Mapping[str, str], read: Callable[[], Mapping[str, str]]) -> Compiled:
    """The catalogue of the files with ``digests`` (file name → digest), and its problems; ``read`` gives the texts."""
    key = tuple(sorted(digests.items()))
    with _one_at_a_time:
        if key not in _kept:
            _kept[key] = read_catalogue(read())
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
        return _kept[key]


@dataclass(slots=True)
class LastCatalogue:
    """The catalogue that a gateway used last: for which database, publication and day."""

    _last: tuple[Engine, int, date, Catalogue] | None = field(default=None, repr=False)

    def get(self, engine: Engine, publication: int, day: date) -> Catalogue | None:
        """The catalogue, if it is still the one of this publication and day."""
        last = self._last
        if last is None or last[0] is not engine or last[1:3] != (publication, day):
            return None
        return last[3]

    def keep(self, engine: Engine, publication: int, day: date, catalogue: Catalogue) -> None:
        self._last = (engine, publication, day, catalogue)
