"""What has come of requests: dossiers, events and receipts."""

from __future__ import annotations

from payments.use_cases import read_requests
from payments.use_cases.read_portal_receipt import FileFormat, read_receipt, read_receipt_file
from payments.web.portal import told
from payments.web.portal.asked import EventsSearched, ReceiptSearched
from payments.web.portal.call import Answer, Call
from payments.web.portal.contract import operation

NUMBER = {"number": "Form, serial and number joined by dashes, such as `EBL01-26TAA-00000001`."}
MEDIA_TYPES: dict[FileFormat, str] = {"pdf": "application/pdf", "xml": "application/xml"}


@operation(
    tag="Dossiers", answers=told.Dossier, refuses=(404,), path={"dossier_code": "Your number of the dossier."}
)
def get_dossier(call: Call) -> Answer:
    """Say whether processing of a dossier may begin, and why or why not.

    The answer is the present state, so it may be asked at any time, whether or not a webhook has come.
    """
    view = read_requests.get_dossier(call.gateway, call.portal_code, call.path["dossier_code"])
    return Answer(told.Dossier.model_validate(view))


@operation(tag="Events", answers=told.EventList)
def list_events(call: Call, query: EventsSearched) -> Answer:
    """Pull the events that webhooks deliver, in order.

    Keep `next_after` and give it as `after` the next time: every event comes exactly once, in order, also
    after days without a connection.
    """
    events = read_requests.list_events(call.gateway, call.portal_code, query.after, query.limit)
    items = tuple(told.Event.model_validate(each) for each in events)
    return Answer(told.EventList(items=items, next_after=items[-1].position if items else query.after))


@operation(tag="Receipts", answers=told.Receipt, refuses=(404, 409), path=NUMBER)
def get_receipt(call: Call, query: ReceiptSearched) -> Answer:
    """Show one receipt of your payment requests."""
    found = read_receipt(call.gateway, call.portal_code, call.path["number"], query.agency_code)
    shown = told.ReceiptSummary.model_validate(found.receipt).model_dump()
    return Answer(
        told.Receipt(**shown, payment_request_id=found.payment_request_id, dossier_code=found.dossier_code)
    )


@operation(tag="Receipts", answers=None, refuses=(404, 409), path=NUMBER)
def get_receipt_pdf(call: Call, query: ReceiptSearched) -> Answer:
    """Fetch the sealed PDF of a receipt."""
    return _file(call, query, "pdf")


@operation(tag="Receipts", answers=None, refuses=(404, 409), path=NUMBER)
def get_receipt_xml(call: Call, query: ReceiptSearched) -> Answer:
    """Fetch the signed XML of a receipt."""
    return _file(call, query, "xml")


def _file(call: Call, query: ReceiptSearched, file_format: FileFormat) -> Answer:
    number = call.path["number"]
    content = read_receipt_file(call.gateway, call.portal_code, number, file_format, query.agency_code)
    named = {"Content-Disposition": f'attachment; filename="{number}.{file_format}"'}
    return Answer(content=content, media_type=MEDIA_TYPES[file_format], headers=named)
