"""Fees: schedules × facts × dates → a quote with every đồng explained, or a refusal that says why.

Pure: no database, network or clock. ``docs/fees.md`` explains how a fee is computed.
"""

from payments.core.fees.case_model import Expected, WorkedCase
from payments.core.fees.catalogue import Catalogue, Procedure, read_catalogue
from payments.core.fees.inputs import Facts
from payments.core.fees.load import FileProblem, FilesRefused, parse_procedures, parse_schedule
from payments.core.fees.quote import Quote, QuoteLine, ScheduleRef, quote
from payments.core.fees.refunds import refund_due
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.retention import Share
from payments.core.fees.schedule import Input, Option, Schedule
from payments.core.fees.worked_cases import CaseResult, run_cases

__all__ = [
    "CaseResult",
    "Catalogue",
    "Expected",
    "Facts",
    "FeeRefusal",
    "FileProblem",
    "FilesRefused",
    "Input",
    "Option",
    "Procedure",
    "Quote",
    "QuoteLine",
    "Schedule",
    "ScheduleRef",
    "Share",
    "WorkedCase",
    "parse_procedures",
    "parse_schedule",
    "quote",
    "read_catalogue",
    "refund_due",
    "run_cases",
]
