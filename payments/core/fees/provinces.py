"""The provinces, and the former provinces that each is made of, where older tariffs live on."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import Field, StrictStr, model_validator

from payments.core.fees.rule_model import Sentence, Strict

ProvinceCode = Annotated[StrictStr, Field(pattern=r"^[0-9]{2}$")]


class Province(Strict):
    """A province of today; ``former`` names by its code each province that became a part of it, itself included."""

    code: ProvinceCode
    name: Sentence
    former: Annotated[dict[ProvinceCode, Sentence], Field(min_length=1)]


class ProvinceFile(Strict):
    """The list of all provinces. A former province became a part of one and no other."""

    provinces: Annotated[list[Province], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> ProvinceFile:
        codes = Counter(province.code for province in self.provinces)
        former = Counter(code for province in self.provinces for code in province.former)
        twice = sorted(code for counted in (codes, former) for code, times in counted.items() if times > 1)
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self
