"""Logs: one JSON object a line on standard error, without secrets and without personal data.

What a payer is called, where they live and what opens a payment page have no place in a log. Names of fields are
compared, not their values, and addresses are cut where they carry a token.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any, TextIO

import structlog

MASK = "•••"

# Parts of field names whose values are never written.
HIDDEN = re.compile(
    r"secret|password|authorization|cookie|token|signature|hash$|api_?key|private|payer|full_?name|^name$|address|"
    r"phone|email|tax_code|identity|birth",
    re.IGNORECASE,
)
SHOWN = frozenset({"agency_name"})

# Secrets inside text: pattern → what stands in its place.
INSIDE_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(/pay/)[0-9A-Za-z]{8,}"), rf"\g<1>{MASK}"),
    (re.compile(r"(/r/)[0-9A-Za-z.-]{6,}"), rf"\g<1>{MASK}"),
    (
        re.compile(r"(?i:(vnp_SecureHash(?:Type)?|signature|vnp_IpAddr|vnp_OrderInfo))=[^&\s\"']*"),
        rf"\g<1>={MASK}",
    ),
    (re.compile(r"(?i:(bearer|basic))\s+[\w.~+/=-]+"), rf"\g<1> {MASK}"),
    (re.compile(r"thuphi_[0-9A-Z]{8,}"), MASK),
    (re.compile(r"whsec_[\w+/=]+"), MASK),
    (re.compile(r"(://[^/\s:@]*):[^@/\s]+@"), rf"\g<1>:{MASK}@"),
)
# Whether a text holds any of them: one look is enough for nearly every value, and a line is written per request.
ANY_INSIDE = re.compile("|".join(pattern.pattern for pattern, _ in INSIDE_TEXT))


def hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: mask what must not be written, however deep it lies."""
    event.setdefault("event", "")
    return {
        name: _clean(str(value)) if name == "event" else _masked(name, value) for name, value in event.items()
    }


def _masked(name: str, value: Any) -> Any:
    if _is_hidden(name):
        return MASK
    if isinstance(value, Mapping):
        return {str(key): _masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(name, inner) for inner in value]
    if isinstance(value, bool | int | float | None):
        return value
    return _clean(str(value))


@lru_cache(maxsize=1024)
def _is_hidden(name: str) -> bool:
    return HIDDEN.search(name) is not None and name not in SHOWN


def _clean(text: str) -> str:
    if ANY_INSIDE.search(text) is None:
        return text
    for pattern, instead in INSIDE_TEXT:
        text = pattern.sub(instead, text)
    return text


def _traceback_without_values(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The places an error passed and its kind. Its text may quote what somebody sent, so it is cleaned too."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = _places(error)
    return event


def _places(error: BaseException) -> list[str]:
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('site-packages/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-12:]


def configure_logs(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Let everything that logs, ours and libraries', write JSON lines to ``stream`` (standard error)."""
    output = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _traceback_without_values,
        hide,
        # What we add ourselves need not be looked through.
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(output),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
