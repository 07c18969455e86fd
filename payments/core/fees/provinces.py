"""The provinces, and the former provinces that each is made of, where older tariffs live on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StrictStr, model_validator

from payments.core.fees.model_basics import Sentence, Strict

ProvinceCode = Annotated[StrictStr, Field(pattern=r"^[0-9]{2}$")]
CommuneCode = Annotated[StrictStr, Field(pattern=r"^[0-9a-z-]{1,40}$")]


class Commune(Strict):
    """A commune, ward or special zone of today, and the former province that it lay in."""

    name: Sentence = Field(description="Its name.")
    former: ProvinceCode = Field(description="The code of the former province that it lay in.")


class Province(Strict):
    """A province of today; ``former`` names by its code each province that became a part of it, itself included.

    ``communes`` need be listed only where rates differ inside a former province.
    """

    code: ProvinceCode = Field(description="The code of the province.")
    name: Sentence = Field(description="Its name.")
    former: Annotated[dict[ProvinceCode, Sentence], Field(min_length=1)] = Field(
        description="The provinces that became a part of it, by their codes."
    )
    communes: dict[CommuneCode, Commune] = Field(
        default_factory=dict, description="Communes, wards and special zones in it, by their codes."
    )

    @model_validator(mode="after")
    def _of_it(self) -> Province:
        for code, commune in self.communes.items():
            if commune.former not in self.former:
                raise ValueError(f"commune {code} lay in {commune.former}, which {self.code} was not made of")
        return self

    def places(self) -> Iterator[str]:
        """Each commune as a territory, such as ``31/30/11914``."""
        return (f"{self.code}/{commune.former}/{code}" for code, commune in self.communes.items())


class ProvinceFile(Strict):
    """The list of all provinces. A former province became a part of one and no other."""

    provinces: Annotated[list[Province], Field(min_length=1)] = Field(description="The provinces.")

    @model_validator(mode="after")
    def _each_once(self) -> ProvinceFile:
        codes = Counter(province.code for province in self.provinces)
        former = Counter(code for province in self.provinces for code in province.former)
        twice = sorted(code for counted in (codes, former) for code, times in counted.items() if times > 1)
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self
