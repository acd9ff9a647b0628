"""The demo's office: open at any hour, with staff, replies, a site and a past. Made through the real verbs, once."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any, Final

import anyio

from contact_center.actions import passwords
from contact_center.actions.kernel import SYSTEM, VERBS, Answer
from contact_center.actions.people import SaveUser
from contact_center.demo.people import ONE_TIME_CODES, PASSWORD, REPLIES, STAFF, TOTP_SECRET
from contact_center.demo.plays import Casting, Play, greeting, played_before
from contact_center.errors import ContactCenterError
from contact_center.main import open_house
from contact_center.ports import Ids
from contact_center.rules import signin
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind
from contact_center.settings import Settings
from contact_center.store import admin, people
from contact_center.store import work as work_store
from contact_center.system import SystemClock, SystemIds
from contact_center.web.house import House

ALWAYS: Final = "Demostración: siempre abierto"
_WEEK: Final = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
NOTICE: Final = {
    "notice_address": "(DEMOSTRACIÓN) Calle de Prueba 1, Hermosillo, Sonora",
    "notice_contact": "(DEMOSTRACIÓN) transparencia@example.org",
    "notice_full_url": "https://example.org/aviso-de-privacidad",
    "notice_url": "https://example.org/aviso-de-privacidad",
    "notice_date": "24/11/2026",
}
SITE: Final = "https://demo.example.org"
PAST_DAYS: Final = 12
PAST_CONTACTS: Final = 24


class PastClock:
    """A clock that is set by hand while the past is made."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a start prints: one-time codes by user name; `folio` is one whose state may be asked for."""

    codes: dict[str, list[str]] = field(default_factory=dict)
    folio: str | None = None
    last4: str | None = None


async def prepare(settings: Settings, seed: int) -> Ready:
    """Make the office unless it is there, and renew its sign-ins. Run it before the service starts."""
    ids, now = SystemIds(), SystemClock().now()
    clock = PastClock(now - timedelta(days=PAST_DAYS))
    async with open_house(settings, clock, ids) as (house, _tasks):
        async with house.db.read() as conn:
            is_new = await people.count_users(conn) == 0
        if is_new:
            await _office(house, now)
            await _staff(house)
            await _past(house, clock, now, random.Random(seed))
        clock.at = now
        return await _sign_ins(house, ids)


async def do(house: House, actor: Actor, verb: str, key: str | None = None, /, **fields: Any) -> Answer:
    """Run a verb as the door for it would, with a client id that makes a repeat harmless."""
    body = VERBS[verb].body.model_validate(fields)
    return await house.writer.submit(actor, verb, body, key)


async def _office(house: House, now: datetime) -> None:
    for key, value in NOTICE.items():
        await do(house, SYSTEM, "setting.save", key=key, value=value)
    hours = await do(house, SYSTEM, "hours.save", name=ALWAYS, week=_WEEK)
    async with house.db.read() as conn:
        queues = await admin.queue_rows(conn)
        closures = [one for calendar in await admin.hours_rows(conn) for one in calendar["closures"]]
    for queue in queues:
        keep = ("id", "name", "area_id", "channels", "priority", "strategy", "offer_timeout_s", "target_s")
        given = {name: queue[name] for name in keep}
        await do(house, SYSTEM, "queue.save", **given, calendar_id=hours["hours"]["id"], wrap_up_s=180)
    for closure in closures:
        if _is_near(closure, now.date()):  # a demo on a holiday is open as well
            await do(house, SYSTEM, "closure.delete", id=closure["id"])
    for shortcut, title, text in REPLIES:
        await do(house, SYSTEM, "reply.save", shortcut=shortcut, title=title, text=text)
    await do(house, SYSTEM, "site.save", origin=SITE, name="Sitio de demostración")


def _is_near(closure: dict[str, Any], today: date) -> bool:
    margin = timedelta(days=7)
    first, last = date.fromisoformat(closure["starts_on"]), date.fromisoformat(closure["ends_on"])
    return first - margin <= today <= last + margin


async def _staff(house: House) -> None:
    async with house.db.read() as conn:
        queue_ids = [row["id"] for row in await admin.queue_rows(conn)]
    for person in STAFF:
        serves = "systems" not in person.roles
        body = SaveUser.model_validate(
            {
                "username": person.username,
                "name": person.name,
                "display_name": person.display_name,
                "roles": person.roles,
                "area_id": person.area,
                "languages": ("es", "en") if person.username == "ana" else ("es",),
                "queues": [{"queue_id": one} for one in queue_ids] if serves else [],
            }
        )
        body.give(await passwords.hash_password(PASSWORD), "")
        await house.writer.submit(SYSTEM, "user.save", body)


async def _sign_ins(house: House, ids: Ids) -> Ready:
    """Give everybody the printed password, and who needs a second factor the printed one with fresh one-time codes."""
    codes: dict[str, list[str]] = {}
    async with house.db.write() as conn:
        for person in STAFF:
            found = await people.find_by_username(conn, signin.fold_username(person.username))
            if found is None:
                continue
            values: dict[str, Any] = {"must_change_password": False}
            if not await passwords.is_password(found.password_hash, PASSWORD):
                values["password_hash"] = await passwords.hash_password(PASSWORD)
            if person.needs_totp:
                codes[person.username] = [passwords.new_recovery_code(ids) for _ in range(ONE_TIME_CODES)]
                hashes = [signin.recovery_hash(code) for code in codes[person.username]]
                values |= {"totp_secret": TOTP_SECRET, "totp_confirmed": True, "recovery_hashes": hashes}
            await people.change_user(conn, found.id, **values)
    folio, last4 = await _known_folio(house)
    return Ready(codes, folio, last4)


async def _known_folio(house: House) -> tuple[str | None, str | None]:
    from sqlalchemy import select

    from contact_center.store.schema import petitions

    query = select(petitions.c.folio, petitions.c.phone).where(petitions.c.phone.is_not(None))
    async with house.db.read() as conn:
        row = (await conn.execute(query.order_by(petitions.c.received_at).limit(1))).first()
    return (None, None) if row is None else (row.folio, row.phone[-4:])


async def _past(house: House, clock: PastClock, now: datetime, draw: random.Random) -> None:
    """Contacts of the last days, each from the first word to the survey."""
    async with house.db.read() as conn:
        found = [await people.find_by_username(conn, one.username) for one in STAFF if one.plays]
        boss = await people.find_by_username(conn, "marta")
    agents = [one.as_actor() for one in found if one is not None]
    casting = Casting(draw, played_before())
    every = timedelta(days=PAST_DAYS) / (PAST_CONTACTS + 1)
    for number in range(PAST_CONTACTS):
        clock.at = max(clock.at, now - timedelta(days=PAST_DAYS) + every * (number + draw.uniform(0.5, 1.4)))
        if clock.at >= now - timedelta(hours=1):
            break
        folio = await _contact(
            house, clock, casting.next(), agents[number % len(agents)], STAFF[1 + number % 2].display_name
        )
        if folio is not None and boss is not None and draw.random() < 0.7:
            clock.pass_time(3_600)
            await _classify(house, boss.as_actor(), folio)


async def _contact(house: House, clock: PastClock, play: Play, agent: Actor, name: str) -> str | None:
    """Play one contact to its end; return its folio if it has one."""
    token = house.ids.token()
    answer = await do(
        house,
        SYSTEM,
        "visit.open",
        token_hash=sha256(token.encode()).hexdigest(),
        notice_version="2026-11",
        locale="es",
        name=f"{play.names} {play.surname}",
        phone=play.phone,
    )
    visitor = Actor(kind=ActorKind.visitor, id=answer["visitor"])
    said = await do(house, visitor, "chat.send", house.ids.new(), text=play.citizen[0])
    conversation = said["conversation"]
    clock.pass_time(25)
    async with house.db.read() as conn:
        item = await work_store.open_item_of(conn, conversation)
    assert item is not None, play.key
    epoch = item.epoch + 1
    await do(house, agent, "work.take", item_id=item.id)
    for number, line in enumerate(play.agent):
        clock.pass_time(40)
        text = greeting(name, line) if number == 0 else line
        await do(house, agent, "conversation.reply", conversation_id=conversation, epoch=epoch, text=text)
        if number + 1 < len(play.citizen):
            clock.pass_time(50)
            await do(house, visitor, "chat.send", house.ids.new(), text=play.citizen[number + 1])
    clock.pass_time(60)
    folio = None
    if play.ending == "petition":
        made = await do(house, agent, "petition.create", **petition_of(play), interaction_id=conversation)
        folio = made["petition"]["folio"]
    disposition = "petition_registered" if folio else "oriented"
    await do(house, agent, "work.finish", item_id=item.id, epoch=epoch, disposition=disposition)
    clock.pass_time(30)
    await do(house, visitor, "chat.survey", score=play.score, resolved="yes" if play.score > 3 else "partly")
    return folio


def petition_of(play: Play) -> dict[str, Any]:
    """Return what an agent fills in for a play."""
    who = {
        "names": play.names,
        "first_surname": play.surname,
        "phone": play.phone,
        "address": "Calle Ejemplo 12, Prueba",
    }
    return {
        "kind": play.kind,
        "category": play.category,
        "municipality": play.municipality,
        "locality": play.locality,
        "subject": play.subject,
        "description": play.description,
        "requester": who,
        "extra": dict(play.extra),
        "sensitive_consent": True,
        "despite_duplicates": True,
    }


async def _classify(house: House, boss: Actor, folio: str) -> None:
    with suppress(ContactCenterError):  # congratulations are thanked, not classified
        await do(house, boss, "petition.move", folio=folio, version=1, event="classify")
