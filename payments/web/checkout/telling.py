"""What a citizen is told first, decided from what the database knows.

Pure: a view goes in; the sentence, its tone and the pace of reloading come out. A page never says more than
is known: an outcome that is not known yet is called just that, and never failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from payments.use_cases.views import CheckoutView, Offer, PaymentView, Standing

# A bank's word usually comes within seconds; what is later is rare and not worth a phone's battery.
FIRST_PAUSES_SECONDS = (3, 3, 5, 5)
LATER_PAUSE_SECONDS = 10
MOST_RELOADS = 120


@dataclass(frozen=True, slots=True)
class Telling:
    """The first words of a page: keys of sentences and the tone, a class of the style sheet."""

    tone: str
    heading: str
    text: str


TELLINGS: Mapping[Standing, Telling] = {
    Standing.PAYABLE: Telling("plain", "checkout.payable.heading", "checkout.payable.text"),
    Standing.ASKING: Telling("wait", "checkout.asking.heading", "checkout.asking.text"),
    Standing.HELD: Telling("wait", "checkout.held.heading", "checkout.held.text"),
    Standing.PAID: Telling("good", "checkout.paid.heading", "checkout.paid.text"),
    Standing.NOTHING_DUE: Telling("good", "checkout.nothing_due.heading", "checkout.nothing_due.text"),
    Standing.CANCELLED: Telling("stop", "checkout.cancelled.heading", "checkout.cancelled.text"),
    Standing.EXPIRED: Telling("stop", "checkout.expired.heading", "checkout.expired.text"),
}

OUTCOMES: Mapping[str, str] = {
    "exempt": "checkout.outcome.exempt",
    "not_payable": "checkout.outcome.not_payable",
    "zero_by_rule": "checkout.outcome.zero_by_rule",
}
"""Why a line asks for nothing; a line that is due has no entry."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template shows beside the view itself."""

    standing: Standing
    telling: Telling
    pause_seconds: int | None  # reload after so many seconds; None: do not
    next_reload: int  # which reload the next one is
    receipts_awaited: bool
    resumable: tuple[Offer, ...]  # where a try that has not ended can be continued
    other_offers: tuple[Offer, ...]
    settled: PaymentView | None
    held_dong: int  # arrived, but settles nothing
    held_refunded_dong: int  # of that, what was given back or is on its way
    returned_dong: int  # arrived, held, and went or goes back whole
    refunded_dong: int  # the same of the payment that settled
    obligation_due_on: date | None
    portal_url: str  # where the payer came from; empty when that is no web address


def tell(view: CheckoutView, reloads: int) -> Page:
    """What the page says about ``view`` when it has reloaded itself ``reloads`` times in a row."""
    standing = _standing(view)
    live = {attempt.account_code for attempt in view.attempts if attempt.is_live}
    may_be_paid = any(attempt.questioned for attempt in view.attempts)
    settled, returned = view.request.settled_payment, view.request.returned_payments
    # Beside a paid request every further sum is told; elsewhere only what still holds it up.
    held = view.request.held_payments + (returned if standing is Standing.PAID else ())
    awaited = any(not receipt.has_pdf for receipt in view.request.receipts)
    return Page(
        standing=standing,
        telling=TELLINGS[standing],
        pause_seconds=_pause_seconds(reloads) if awaited or standing is Standing.ASKING else None,
        next_reload=reloads + 1,
        receipts_awaited=awaited,
        resumable=() if may_be_paid else tuple(offer for offer in view.offers if offer.account_code in live),
        other_offers=tuple(offer for offer in view.offers if offer.account_code not in live),
        settled=settled,
        held_dong=sum(payment.amount_dong for payment in held),
        held_refunded_dong=sum(payment.refunded_dong for payment in held),
        returned_dong=0 if standing is Standing.PAID else sum(payment.amount_dong for payment in returned),
        refunded_dong=settled.refunded_dong if settled else 0,
        obligation_due_on=_due_on(view),
        portal_url=view.request.return_url if _is_web_address(view.request.return_url) else "",
    )


def reason_of(explanation: str, legal_basis: str) -> str:
    """The explanation without the legal basis at its end, which the page names on a line of its own."""
    return explanation.removesuffix(legal_basis).rstrip(" ,;") if legal_basis else explanation


def _standing(view: CheckoutView) -> Standing:
    """A request whose time is over cannot be paid any more, also in the moment before it is closed."""
    over = view.standing is Standing.PAYABLE and view.now >= view.request.expires_at
    return Standing.EXPIRED if over else view.standing


def _due_on(view: CheckoutView) -> date | None:
    due_on = (view.request.obligation or {}).get("due_on")
    return date.fromisoformat(due_on) if due_on else None


def _pause_seconds(reloads: int) -> int | None:
    if reloads < len(FIRST_PAUSES_SECONDS):
        return FIRST_PAUSES_SECONDS[reloads]
    return LATER_PAUSE_SECONDS if reloads < MOST_RELOADS else None


def _is_web_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))
