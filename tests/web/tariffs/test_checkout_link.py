"""Who is asked to pay can see why."""

from __future__ import annotations

from tests.gateway import PROCEDURE
from tests.web.citizen_site import Site


def test_the_page_to_pay_on_leads_to_the_tariff_of_its_procedure(site: Site) -> None:
    _, path = site.owe()
    assert f'href="/tariffs/{PROCEDURE}"' in site.get(path).text
