"""The one MetaData, with names for every constraint so that migrations can speak of them on both databases."""

from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData

from contact_center.store.types import Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column(name: str = "id") -> Column[str]:
    return Column(name, Id, primary_key=True)


def ref(name: str, target: str, *, required: bool = False, index: bool = False) -> Column[str]:
    """A reference by id to `target`, e.g. "users.id"."""
    return Column(name, Id, ForeignKey(target), nullable=not required, index=index)


def at(name: str, *, required: bool = False, **kwargs: Any) -> Column[Any]:
    """An instant column; see `store.types.Instant`."""
    return Column(name, Instant, nullable=not required, **kwargs)
