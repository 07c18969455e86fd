"""A receipt's papers: made by a job, once, with the date of the booking, however late they are."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from payments.store.database import reading
from payments.store.jobs import JobKind
from payments.store.tables import jobs, receipt_files, receipts
from payments.use_cases.issue_receipt import make_receipt_files
from payments.use_cases.read_requests import get_dossier, get_request
from payments.worker import Worker, make_handlers
from receipts import pdf
from receipts.document import Receipt
from receipts.errors import RendererUnusable
from receipts.verify import load_certificates, verify_pdf, verify_xml
from tests.gateway import PORTAL, Installation
from tests.use_cases.money import bring, open_bank_page


class Renderer:
    """The real renderer, which can be switched off."""

    def __init__(self) -> None:
        self.down = False
        self.rendered = 0

    def __call__(self, receipt: Receipt, sealed_xml: bytes) -> bytes:
        if self.down:
            raise RendererUnusable("Pango cannot be loaded")
        self.rendered += 1
        return pdf.render(receipt, sealed_xml)


def pay(installation: Installation) -> str:
    """Pay a request and return the id of its receipt."""
    request = installation.request_payment(dossier_code="HS-1")
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    with reading(installation.gateway.engine) as connection:
        return str(connection.execute(select(receipts.c.id)).scalar_one())


def files(installation: Installation) -> dict[str, bytes]:
    columns = receipt_files.c
    with reading(installation.gateway.engine) as connection:
        return {
            row.format: bytes(row.bytes) for row in connection.execute(select(columns.format, columns.bytes))
        }


def run(installation: Installation, renderer: Renderer) -> int:
    return Worker(installation.gateway, make_handlers(renderer)).run_once((JobKind.RENDER_RECEIPT,))


def test_T39_with_the_renderer_down_the_payment_counts_and_the_receipt_follows_with_its_date(
    installation: Installation,
) -> None:
    renderer = Renderer()
    renderer.down = True
    booked_at = installation.clock()
    pay(installation)
    for _ in range(20):
        assert run(installation, renderer) == 1
        installation.clock.advance(hours=1)
    assert get_dossier(installation.gateway, PORTAL, "HS-1").may_begin
    assert set(files(installation)) == {"xml"}, "what could be made is there"
    with reading(installation.gateway.engine) as connection:
        error = connection.execute(
            select(jobs.c.last_error).where(jobs.c.kind == JobKind.RENDER_RECEIPT)
        ).scalar_one()
    assert error == "RendererUnusable: Pango cannot be loaded"
    installation.clock.advance(days=2)
    renderer.down = False
    assert run(installation, renderer) == 1
    trusted = load_certificates(installation.gateway.sealer.certificate_pem)
    checked = verify_pdf(files(installation)["pdf"], trusted)
    assert checked.receipt is not None
    assert checked.receipt.issued_at == booked_at
    assert run(installation, renderer) == 0


def test_the_papers_say_the_same_and_are_sealed(installation: Installation) -> None:
    receipt_id = pay(installation)
    make_receipt_files(installation.gateway, receipt_id)
    trusted = load_certificates(installation.gateway.sealer.certificate_pem)
    kept = files(installation)
    from_xml, from_pdf = verify_xml(kept["xml"], trusted), verify_pdf(kept["pdf"], trusted)
    assert from_xml.receipt == from_pdf.receipt
    assert from_pdf.receipt is not None
    assert from_pdf.receipt.total_dong == 5_000
    view = get_request(installation.gateway, PORTAL, pay_id(installation))
    assert [receipt.has_pdf for receipt in view.receipts] == [True]


def pay_id(installation: Installation) -> str:
    with reading(installation.gateway.engine) as connection:
        return str(connection.execute(select(receipts.c.request_id)).scalar_one())


def test_made_twice_the_bytes_stay_the_same(installation: Installation) -> None:
    receipt_id = pay(installation)
    renderer = Renderer()
    make_receipt_files(installation.gateway, receipt_id, renderer)
    first = files(installation)
    installation.clock.advance(hours=1)
    make_receipt_files(installation.gateway, receipt_id, renderer)
    assert files(installation) == first
    assert renderer.rendered == 1


def test_two_workers_at_once_leave_one_pair_of_papers_that_fit(installation: Installation) -> None:
    receipt_id = pay(installation)

    def overtaken(receipt: Receipt, sealed_xml: bytes) -> bytes:
        installation.clock.moment += timedelta(seconds=1)
        make_receipt_files(installation.gateway, receipt_id)
        return pdf.render(receipt, sealed_xml)

    make_receipt_files(installation.gateway, receipt_id, overtaken)
    trusted = load_certificates(installation.gateway.sealer.certificate_pem)
    kept = files(installation)
    assert verify_pdf(kept["pdf"], trusted).receipt == verify_xml(kept["xml"], trusted).receipt


def test_a_receipt_that_does_not_exist_is_no_work(installation: Installation) -> None:
    make_receipt_files(installation.gateway, "rc_unknown")
    assert files(installation) == {}
