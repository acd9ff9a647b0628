"""What systems and supervisors manage on screen about what is said: replies, topics, texts, sites, and the settings."""

import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from contact_center.actions.admin import Delete, check_exists, check_format, clean_line, one_of, told
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.setup import shipped_texts
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules.model import PetitionKind, Priority
from contact_center.rules.options import OptionRefused, check_option
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import admin
from contact_center.store import options as option_store
from contact_center.store.schema import areas, canned_replies, categories, dependencies, queues, sites, texts

_SHORTCUT = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_CODE = re.compile(r"[A-Z]{2}\d{2,4}")
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
MUNICIPAL: Final = "MUN"
"""In `dependency_id` of a topic: the town council of the petition's own municipality."""


class SaveReply(Body):
    """A canned reply; agents find it by `/shortcut`. Without `queue_id` it is for every queue."""

    id: str | None = Field(default=None, max_length=36)
    shortcut: str = Field(max_length=40)
    title: str = Field(min_length=1, max_length=120)
    text: str = Field(min_length=1, max_length=4_000)
    language: Literal["es", "en"] = "es"
    queue_id: str | None = Field(default=None, max_length=36)


@verb("reply.save", action="admin.replies")
async def save_reply(tx: Tx, body: SaveReply) -> Answer:
    """Add or change a canned reply. Raises Conflict when the shortcut is taken."""
    await check_exists(tx, queues, body.queue_id, "queue_id")
    shortcut = check_format(_SHORTCUT, body.shortcut.lower().lstrip("/"), "shortcut")
    known = await admin.get_one(tx.conn, canned_replies, shortcut=shortcut)
    if known is not None and known.id != body.id:
        raise Conflict("shortcut_taken", fields={"shortcut": "taken"})
    if body.id is not None and await admin.get_one(tx.conn, canned_replies, id=body.id) is None:
        raise Missing
    try:
        text = safe_text(body.text)
    except TextRefused as error:
        raise Invalid("invalid", fields={"text": error.code}) from error
    reply_id = body.id or tx.ids.new()
    values = {
        "shortcut": shortcut,
        "title": clean_line(body.title, "title", 120),
        "text": text,
        "language": body.language,
        "queue_id": body.queue_id,
        "updated_at": tx.now,
    }
    await admin.put(tx.conn, canned_replies, {"id": reply_id}, values)
    told(tx, "replies", reply_id)
    return {"reply": one_of(await admin.reply_rows(tx.conn), id=reply_id)}


@verb("reply.delete", action="admin.replies")
async def delete_reply(tx: Tx, body: Delete) -> Answer:
    """Delete a canned reply."""
    if not await admin.remove(tx.conn, canned_replies, id=body.id):
        raise Missing
    told(tx, "replies", body.id, "deleted")
    return {}


class SaveCategory(Body):
    """A topic of petitions. `term_days` are business days; nobody is promised them unless the office says so."""

    code: str = Field(max_length=10)
    group_name: str = Field(min_length=1, max_length=120)
    name: str = Field(min_length=1, max_length=160)
    kind: PetitionKind
    dependency_id: str | None = Field(default=None, max_length=20)
    priority: Priority = Priority.normal
    term_days: int | None = Field(default=None, ge=1, le=365)
    sensitive: bool = False
    keywords: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(default=(), max_length=60)
    area_id: str | None = Field(default=None, max_length=36)
    closed: bool = False


@verb("category.save", action="admin.categories")
async def save_category(tx: Tx, body: SaveCategory) -> Answer:
    """Add or change a topic. A closed one is no longer offered; petitions keep it."""
    check_format(_CODE, body.code, "code")
    await check_exists(tx, areas, body.area_id, "area_id")
    if body.dependency_id != MUNICIPAL:
        await check_exists(tx, dependencies, body.dependency_id, "dependency_id")
    values = body.model_dump(mode="json", exclude={"code", "closed"})
    values |= {"name": clean_line(body.name, "name", 160), "group_name": clean_line(body.group_name, "group_name", 120)}
    values["keywords"] = [clean_line(one, "keywords", 60).lower() for one in body.keywords]
    values["closed_at"] = tx.now if body.closed else None
    await admin.put(tx.conn, categories, {"code": body.code}, values)
    told(tx, "categories", body.code)
    return {"category": one_of(await admin.category_rows(tx.conn), code=body.code)}


class SaveText(Body):
    """One of the office's texts in one language; a list where the shipped text is one."""

    key: str = Field(max_length=60)
    locale: Literal["es", "en"]
    value: Annotated[str, Field(max_length=20_000)] | tuple[Annotated[str, Field(max_length=500)], ...]


@verb("text.save", action="admin.texts")
async def save_text(tx: Tx, body: SaveText) -> Answer:
    """Change a text. Its placeholders have to be those of the text as shipped: no more and no fewer."""
    shipped = shipped_texts()["es"].get(body.key)
    if shipped is None:
        raise Missing
    value = body.value if isinstance(body.value, str) else list(body.value)
    if isinstance(value, list) != isinstance(shipped, list) or (isinstance(value, list) and len(value) != len(shipped)):
        raise Invalid("invalid", fields={"value": "wrong_shape"})
    if any(not line.strip() or "\0" in line for line in (value if isinstance(value, list) else [value])):
        raise Invalid("invalid", fields={"value": "text_empty"})
    wanted, given = admin.placeholders(shipped), admin.placeholders(value)
    if wanted != given:
        raise Invalid(
            "placeholders",
            fields={"value": "placeholders"},
            missing=sorted(wanted - given),
            unknown=sorted(given - wanted),
        )
    known = await admin.get_one(tx.conn, texts, key=body.key, locale=body.locale)
    values = {"value": value, "version": 1 if known is None else known.version + 1, "updated_at": tx.now}
    await admin.put(tx.conn, texts, {"key": body.key, "locale": body.locale}, values)
    told(tx, "texts", f"{body.key}.{body.locale}")
    return {"text": one_of(await admin.text_rows(tx.conn), key=body.key, locale=body.locale)}


class SaveSite(Body):
    """A site that may show the chat: its origin exactly, without a path."""

    id: str | None = Field(default=None, max_length=36)
    origin: str = Field(max_length=200)
    name: str = Field(min_length=1, max_length=120)


@verb("site.save", action="admin.sites")
async def save_site(tx: Tx, body: SaveSite) -> Answer:
    """Add or change a site. Raises Invalid for anything but a bare origin, Conflict for one that is there already."""
    origin = body.origin.strip().lower()
    check_format(_ORIGIN, origin, "origin")
    try:
        port = urlsplit(origin).port
    except ValueError as error:
        raise Invalid("invalid", fields={"origin": "wrong_format"}) from error
    if port in (80, 443) and origin.startswith("https" if port == 443 else "http:"):
        origin = origin.rpartition(":")[0]  # browsers leave the usual port out
    known = await admin.get_one(tx.conn, sites, origin=origin)
    if known is not None and known.id != body.id:
        raise Conflict("site_taken", fields={"origin": "taken"})
    if body.id is not None and await admin.get_one(tx.conn, sites, id=body.id) is None:
        raise Missing
    site_id = body.id or tx.ids.new()
    await admin.put(tx.conn, sites, {"id": site_id}, {"origin": origin, "name": clean_line(body.name, "name", 120)})
    told(tx, "sites", site_id)
    return {"site": one_of(await admin.site_rows(tx.conn), id=site_id)}


@verb("site.delete", action="admin.sites")
async def delete_site(tx: Tx, body: Delete) -> Answer:
    """Take a site's permission to show the chat back."""
    if not await admin.remove(tx.conn, sites, id=body.id):
        raise Missing
    told(tx, "sites", body.id, "deleted")
    return {}


class SaveSetting(Body):
    """One of the office's settings."""

    key: str = Field(max_length=60)
    value: bool | int | str


@verb("setting.save", action="admin.settings")
async def save_setting(tx: Tx, body: SaveSetting) -> Answer:
    """Change a setting."""
    try:
        value = check_option(body.key, body.value)
    except OptionRefused as error:
        raise Invalid("invalid", fields={error.key if error.why == "unknown" else "value": error.why}) from error
    await option_store.save(tx.conn, body.key, value, tx.now)
    told(tx, "settings", body.key)
    return {"setting": one_of(await admin.setting_rows(tx.conn), key=body.key)}
