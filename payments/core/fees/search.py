"""Find procedures as people type: without accents, by the beginnings of words, in either language, or by code.

The index is made once for a catalogue. A query of several words asks for procedures in which every one of them
begins a word; those with a match in their name come before those that match by their field alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

from payments.core.fees.catalogue import Procedure
from payments.core.names import fold, words_of

MOST_QUERY_LETTERS = 200
MOST_QUERY_WORDS = 12


class ProcedureIndex:
    """Procedures by the folded words of their names, fields and codes."""

    def __init__(self, procedures: Iterable[Procedure]) -> None:
        self._procedures = tuple(sorted(procedures, key=lambda each: (fold(each.field_vi), each.code)))
        places: dict[str, set[int]] = defaultdict(set)
        self._in_name: list[frozenset[str]] = []
        for place, procedure in enumerate(self._procedures):
            in_name = words_of(f"{procedure.name_vi} {procedure.name_en}")
            self._in_name.append(in_name)
            for word in in_name | words_of(f"{procedure.field_vi} {procedure.field_en} {procedure.code}"):
                places[word].add(place)
        self._places: Mapping[str, set[int]] = places
        self._words = sorted(places)
        self._by_code = {fold(procedure.code): place for place, procedure in enumerate(self._procedures)}
        self.fields = tuple(
            sorted({(each.field_vi, each.field_en) for each in self._procedures}, key=_folded)
        )
        self.levels = tuple(sorted({each.level for each in self._procedures}))

    def search(self, query: str = "", *, field: str = "", level: str = "") -> tuple[Procedure, ...]:
        """What fits ``query``, a field by its Vietnamese name and a level; everything where all are empty.

        Without a query the order is that of the fields.
        """
        text = query[:MOST_QUERY_LETTERS].strip()
        places = self._matching(text)
        found = [place for place in places if self._fits(self._procedures[place], field, level)]
        return tuple(self._procedures[place] for place in found)

    def _fits(self, procedure: Procedure, field: str, level: str) -> bool:
        return field in ("", procedure.field_vi) and level in ("", procedure.level)

    def _matching(self, text: str) -> list[int]:
        if not text:
            return list(range(len(self._procedures)))
        exact = self._by_code.get(fold(text))
        if exact is not None:
            return [exact]
        words = sorted(words_of(text))[:MOST_QUERY_WORDS]
        if not words:
            return []
        places = set.intersection(*(self._beginning_with(word) for word in words))
        return sorted(places, key=lambda place: (-self._weight(place, words), place))

    def _beginning_with(self, start: str) -> set[int]:
        found: set[int] = set()
        for place in range(bisect_left(self._words, start), len(self._words)):
            word = self._words[place]
            if not word.startswith(start):
                break
            found |= self._places[word]
        return found

    def _weight(self, place: int, words: list[str]) -> int:
        """Two for each whole word of the name, one for each beginning of one."""
        in_name = self._in_name[place]
        whole = sum(word in in_name for word in words)
        return whole + sum(any(each.startswith(word) for each in in_name) for word in words)


def _folded(names: tuple[str, str]) -> str:
    return fold(names[0])
