"""VNPAY's codes as tables, and what two of them say together.

Source: the code lists of VNPAY's pay and querydr pages; the ones marked "older" are those that the npm
package ``vnpay`` 2.5.0 still knows. A code in no table is never guessed: it is UNKNOWN.
"""

from __future__ import annotations

from providers.protocol import Acknowledgement, RefundVerdict, Verdict

# vnp_ResponseCode of a return or an IPN: how the attempt at the pay page went.
RESPONSE_VERDICTS: dict[str, Verdict] = {
    "00": Verdict.PAID,
    "01": Verdict.UNKNOWN,  # older: the transaction exists already, which says nothing about its end
    "02": Verdict.FAILED,  # older: bad terminal
    "03": Verdict.FAILED,  # older: bad format
    "04": Verdict.FAILED,  # older: the merchant's site is locked
    "05": Verdict.FAILED,  # older: refused by the bank
    "06": Verdict.FAILED,  # older: refused by the bank
    "07": Verdict.REVIEW,  # money was taken, VNPAY suspects fraud
    "08": Verdict.FAILED,  # older: the bank is down
    "09": Verdict.FAILED,  # the card is not enrolled for internet banking
    "10": Verdict.FAILED,  # wrong identity data three times
    "11": Verdict.FAILED,  # the payment window is over
    "12": Verdict.FAILED,  # the card is locked
    "13": Verdict.FAILED,  # wrong one-time password
    "24": Verdict.FAILED,  # the payer cancelled
    "51": Verdict.FAILED,  # not enough money
    "65": Verdict.FAILED,  # over the day's limit
    "75": Verdict.FAILED,  # the bank is under maintenance
    "79": Verdict.FAILED,  # wrong payment password too often
    "99": Verdict.FAILED,  # any other fault
}

# vnp_TransactionStatus: where the transaction stands at VNPAY.
STATUS_VERDICTS: dict[str, Verdict] = {
    "00": Verdict.PAID,
    "01": Verdict.PENDING,  # not finished
    "02": Verdict.FAILED,
    "04": Verdict.REVIEW,  # the bank took the money, VNPAY did not complete it
    "05": Verdict.REVERSED,  # a refund is being processed
    "06": Verdict.REVERSED,  # a refund was sent to the bank
    "07": Verdict.REVIEW,  # suspected fraud
    "09": Verdict.REVIEW,  # a refund was refused, so the money stands; an officer should know
}

# vnp_ResponseCode of a querydr answer, about the question itself. Only 00 speaks of the order.
QUERY_VERDICTS: dict[str, Verdict] = {
    "02": Verdict.UNKNOWN,  # bad terminal
    "03": Verdict.UNKNOWN,  # bad format
    "91": Verdict.NOT_FOUND,
    "94": Verdict.UNKNOWN,  # the same request was repeated too soon
    "97": Verdict.UNKNOWN,  # our signature was refused
    "99": Verdict.UNKNOWN,  # any other fault
}

# vnp_ResponseCode of a refund answer other than 00.
REFUND_VERDICTS: dict[str, RefundVerdict] = {
    "02": RefundVerdict.REFUSED,  # bad terminal
    "03": RefundVerdict.REFUSED,  # bad format
    "91": RefundVerdict.REFUSED,  # no such payment, or not with this vnp_TransactionDate
    "94": RefundVerdict.UNKNOWN,  # asked before and being processed: the money may be on its way
    "95": RefundVerdict.REFUSED,  # the payment did not succeed, so there is nothing to give back
    "97": RefundVerdict.REFUSED,  # our signature was refused
    "99": RefundVerdict.UNKNOWN,  # any other fault: it is not known how far it went
}

# vnp_TransactionStatus of a refund that was answered 00.
REFUND_STATUS_VERDICTS: dict[str, RefundVerdict] = {
    "": RefundVerdict.ACCEPTED,
    "00": RefundVerdict.DONE,
    "01": RefundVerdict.ACCEPTED,
    "05": RefundVerdict.ACCEPTED,  # being processed
    "06": RefundVerdict.ACCEPTED,  # sent to the bank
    "09": RefundVerdict.REFUSED,
}

# vnp_TransactionStatus of a querydr answer whose vnp_TransactionType is a refund (02, 03).
QUERIED_REFUND_VERDICTS: dict[str, RefundVerdict] = {
    "00": RefundVerdict.DONE,
    "01": RefundVerdict.ACCEPTED,
    "05": RefundVerdict.ACCEPTED,  # being processed
    "06": RefundVerdict.ACCEPTED,  # sent to the bank
    "09": RefundVerdict.REFUSED,
}

# 00 and 02 end VNPAY's calls; every other code brings up to ten of them, five minutes apart.
ACKNOWLEDGEMENTS: dict[Acknowledgement, tuple[str, str]] = {
    Acknowledgement.RECORDED: ("00", "Confirm Success"),
    Acknowledgement.DUPLICATE: ("02", "Order already confirmed"),
    Acknowledgement.UNKNOWN_ORDER: ("01", "Order not found"),
    Acknowledgement.WRONG_AMOUNT: ("04", "Invalid amount"),
    Acknowledgement.BAD_SIGNATURE: ("97", "Fail checksum"),
    Acknowledgement.MALFORMED: ("99", "Invalid request"),
    Acknowledgement.TRY_AGAIN: ("99", "Unknown error"),
}


def verdict_of(response: str, status: str) -> Verdict:
    """What a response code and a transaction status say together.

    PAID needs both to be 00. A code that nobody has seen is UNKNOWN; two that contradict each other are
    for an officer to look at, because money may have been taken.
    """
    by_response = RESPONSE_VERDICTS.get(response, Verdict.UNKNOWN)
    by_status = STATUS_VERDICTS.get(status, Verdict.UNKNOWN)
    both = {by_response, by_status}
    if Verdict.UNKNOWN in both:
        return Verdict.UNKNOWN
    if Verdict.REVIEW in both or both == {Verdict.PAID, Verdict.FAILED}:
        return Verdict.REVIEW
    return by_status


def queried_verdict(kind: str, status: str) -> Verdict:
    """What the answer to a querydr says, by its transaction type and status.

    Once money was given back, VNPAY answers with the refund's transaction instead of the payment's.
    """
    if kind in ("", "01"):
        return STATUS_VERDICTS.get(status, Verdict.UNKNOWN)
    if kind in ("02", "03") and status in STATUS_VERDICTS:
        return Verdict.REVERSED if status in ("00", "05", "06") else Verdict.REVIEW
    return Verdict.UNKNOWN


def queried_refund_verdict(kind: str, status: str) -> RefundVerdict:
    """What the answer to a querydr says of a refund, by its transaction type and status.

    An answer about the payment itself, whatever its status, leaves the refund unknown.
    """
    if kind in ("02", "03"):
        return QUERIED_REFUND_VERDICTS.get(status, RefundVerdict.UNKNOWN)
    return RefundVerdict.UNKNOWN


def refund_verdict(response: str, status: str) -> RefundVerdict:
    """What the answer to a refund says; the status counts only when the request was accepted."""
    if response == "00":
        return REFUND_STATUS_VERDICTS.get(status, RefundVerdict.UNKNOWN)
    return REFUND_VERDICTS.get(response, RefundVerdict.UNKNOWN)
