"""What every table is built with."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, values: type[object] | tuple[str, ...], name: str) -> CheckConstraint:
    """``column`` holds one of ``values``, an enumeration or a tuple of words."""
    words = ", ".join(f"'{value!s}'" for value in values)  # type: ignore[union-attr]
    return CheckConstraint(f"{column} IN ({words})", name=name)
