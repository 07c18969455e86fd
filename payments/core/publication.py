"""What may become of a text of the catalogue before it counts: draft, checked, approved by another, published.

A published text is never edited, only followed by its next version; ``migrations/`` lets the database keep the same
ways and the same two persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from payments.core.lifecycle import Edge

SHIPPED_BY = "system:catalogue"
"""Who brings the texts that an installation begins with, and those of its directory at later starts."""


class TextKind(StrEnum):
    SCHEDULE = "schedule"
    PROCEDURES = "procedures"
    PROVINCES = "provinces"


class DraftState(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class DraftEvent(StrEnum):
    SOUND = "sound"  # nothing was found to mend
    FAULTY = "faulty"
    APPROVED = "approved"  # by somebody who did not bring it
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


DRAFT: Mapping[tuple[DraftState, DraftEvent], Edge[DraftState]] = {
    (DraftState.DRAFT, DraftEvent.SOUND): Edge(DraftState.CHECKED),
    (DraftState.DRAFT, DraftEvent.FAULTY): Edge(DraftState.DRAFT),
    (DraftState.DRAFT, DraftEvent.WITHDRAWN): Edge(DraftState.WITHDRAWN),
    # Others were published in the meantime, and it is looked at anew.
    (DraftState.CHECKED, DraftEvent.SOUND): Edge(DraftState.CHECKED),
    (DraftState.CHECKED, DraftEvent.FAULTY): Edge(DraftState.DRAFT),
    (DraftState.CHECKED, DraftEvent.APPROVED): Edge(DraftState.APPROVED),
    (DraftState.CHECKED, DraftEvent.WITHDRAWN): Edge(DraftState.WITHDRAWN),
    (DraftState.APPROVED, DraftEvent.PUBLISHED): Edge(DraftState.PUBLISHED),
    (DraftState.APPROVED, DraftEvent.WITHDRAWN): Edge(DraftState.WITHDRAWN),
}
