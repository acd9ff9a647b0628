"""The office's texts for people, by key and language."""

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.schema import texts

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


async def find(conn: AsyncConnection, key: str, locale: str) -> Any | None:
    """Return a text in a language, or in Spanish when it has none."""
    rows = await conn.execute(
        select(texts.c.locale, texts.c.value).where(texts.c.key == key, texts.c.locale.in_((locale, "es")))
    )
    by_locale = {row[0]: row[1] for row in rows}
    return by_locale.get(locale, by_locale.get("es"))


async def all_of(conn: AsyncConnection, locale: str) -> dict[str, Any]:
    """Return every text of one language by its key."""
    rows = await conn.execute(select(texts.c.key, texts.c.value).where(texts.c.locale == locale))
    return {row[0]: row[1] for row in rows}


async def version_of(conn: AsyncConnection, key: str) -> str:
    """Return which wording of a text is in use, as what people agreed to is told apart."""
    query = select(texts.c.version).where(texts.c.key == key, texts.c.locale == "es")
    return f"{key[:30]}/{(await conn.execute(query)).scalar_one_or_none() or 0}"


async def render(conn: AsyncConnection, key: str, locale: str, **values: Any) -> str:
    """Return a text with its placeholders filled; one without a value becomes nothing, never a brace on screen."""
    found = await find(conn, key, locale)
    return fill(found if isinstance(found, str) else "", **values)


def fill(template: str, **values: Any) -> str:
    """Fill `{name}` placeholders with values, and nothing else: a value is never read as a template."""
    return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], "")), template)
