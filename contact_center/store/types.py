"""Column types shared by every table.

An instant is stored as an integer of microseconds since the epoch, UTC, on SQLite and PostgreSQL alike: SQLite would
drop a time zone, integers compare and index fast, set-based statements pass them as plain numbers, and a day in
America/Hermosillo (UTC-7 all year) is the same integer arithmetic on both databases.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import JSON, TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(value: datetime) -> int:
    """Return microseconds since the epoch of an aware datetime. Raises ValueError for a naive one."""
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (value - EPOCH) // _MICROSECOND


def from_us(value: int) -> datetime:
    """Return the aware UTC datetime of microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """Aware UTC datetime in Python, microseconds since the epoch in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_us(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_us(value)


Id = String(36)
"""UUIDv7 in its text form: the same bytes order and compare alike on both databases."""

Json = JSON().with_variant(JSONB(), "postgresql")
