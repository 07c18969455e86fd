"""The fixed words that several parts of the language share."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

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
ItemKind = Literal["fee", "charge", "service_price"]

DATE_WORDS = frozenset(get_args(DecidedBy))
FACT_WORDS = DATE_WORDS | {"channel", "beneficiary", "collector_status", "territory", "area_of_place"}
"""What a condition may ask besides inputs."""

AMOUNT = "amount"
"""What would be due, for the value of a benefit."""

OWN_WORDS = FACT_WORDS | {AMOUNT}
"""Words that no input may be called."""
