"""Procedures are found as people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.core.fees.catalogue import Procedure
from payments.core.fees.search import ProcedureIndex
from tests.gateway import catalogue

INDEX = ProcedureIndex(catalogue().procedures())


@pytest.mark.parametrize(
    "query",
    [
        "Chứng thực bản sao từ bản chính",
        "chung thuc ban sao tu ban chinh",
        "CHUNG THUC SAO CHINH",
        "ban sao chung thu",
        "certified copy original",
        "2.000815",
    ],
)
def test_a_procedure_is_found_by_its_words_in_any_order_without_accents(query: str) -> None:
    assert "2.000815" in [procedure.code for procedure in INDEX.search(query)]


def test_whole_words_of_the_name_come_first() -> None:
    assert INDEX.search("di chúc")[0].name_vi.lower().find("di chúc") >= 0


def test_field_and_level_narrow_a_search() -> None:
    found = INDEX.search("chung thuc", field="Chứng thực", level="commune")
    assert found
    assert {(each.field_vi, each.level) for each in found} == {("Chứng thực", "commune")}


@pytest.mark.parametrize("query", ["zzzz", "!!!", "chung thuc zzzz"])
def test_what_fits_nothing_finds_nothing(query: str) -> None:
    assert INDEX.search(query) == ()


@given(st.text(max_size=300))
def test_no_query_breaks_the_search_and_nothing_is_found_twice(query: str) -> None:
    codes = [procedure.code for procedure in INDEX.search(query)]
    assert len(codes) == len(set(codes))


@given(st.sampled_from(catalogue().procedures()), st.data())
def test_every_procedure_is_found_by_beginnings_of_its_own_words(
    procedure: Procedure, data: st.DataObject
) -> None:
    words = procedure.name_vi.replace(",", " ").split()
    chosen = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=4))
    starts = " ".join(word[: data.draw(st.integers(1, len(word)))] for word in chosen)
    assert not starts.strip(" –-().;/") or procedure in INDEX.search(starts)
