"""The order's reference as the message had it, beside each sum: what tells one sum of an unknown order from another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

FILL = """
UPDATE payments SET told_reference = COALESCE(
    attempt_reference, (SELECT notices.reference FROM notices WHERE notices.id = payments.notice_id), ''
)
"""


def upgrade() -> None:
    op.add_column(
        "payments",
        sa.Column("told_reference", sa.String(length=100), nullable=False, server_default=sa.text("''")),
    )
    op.execute(FILL)
    op.create_index(op.f("ix_payments_told_reference"), "payments", ["told_reference"])
