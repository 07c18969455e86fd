"""The fixed words that several parts of the language share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr

Channel = Literal["online", "counter", "post"]
DecidedBy = Literal["filed_on", "paid_on", "received_on", "event_on"]
Outcome = Literal["due", "exempt", "not_payable", "zero_by_rule"]
RefusalCode = Literal[
    "no_rate_in_force",
    "value_not_covered",
    "out_of_scope",
    "conflicting_texts",
    "above_ceiling",
    "input_missing",
    "input_invalid",
    "unknown_procedure",
]
Territory = Annotated[StrictStr, Field(pattern=r"^([0-9]{2}(/[0-9a-z-]+)*)?$")]
Percentage = Annotated[StrictStr, Field(pattern=r"^[0-9]+(\.[0-9]+)?%$")]
