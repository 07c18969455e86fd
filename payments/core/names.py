"""Names of people and bodies as they are looked for: by the beginnings of their words, whatever accents and case.

Vietnamese is typed with and without accents, and the same letter may arrive composed or as a letter and marks
(Unicode NFC and NFD). Folding makes them one: "Nguyễn Đình" and "NGUYEN DINH" both become "nguyen dinh".
"""

from __future__ import annotations

import re
import unicodedata

MARKS = {**dict.fromkeys(range(0x300, 0x370)), ord("đ"): "d"}
WORD = re.compile(r"[^\W_]+")
MOST_LETTERS = 40
"""How much of a word is kept and looked for."""


def fold(text: str) -> str:
    """``text`` in small letters without accents."""
    return unicodedata.normalize("NFD", text.lower()).translate(MARKS)


def words_of(name: str) -> frozenset[str]:
    """The folded words of ``name``, each cut to MOST_LETTERS; what is neither letter nor digit parts them."""
    return frozenset(word[:MOST_LETTERS] for word in WORD.findall(fold(name)))
