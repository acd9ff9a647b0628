"""The office a bench starts with: agents who hold conversations under way, made through the real verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import anyio
from sqlalchemy import delete, insert, select, update

from contact_center.actions.desk import TakeBody
from contact_center.actions.inbound import Receive
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.messages import ChatSend, Reply
from contact_center.actions.visits import Visit
from contact_center.main import open_house
from contact_center.rules.access import Actor
from contact_center.rules.messaging import ChannelLimits, InboundMessage
from contact_center.rules.model import ActorKind, Channel, Role
from contact_center.settings import Settings
from contact_center.store import conversations as chat_store
from contact_center.store import inbound as inbound_store
from contact_center.store import options as option_store
from contact_center.store import work as work_store
from contact_center.store.schema import calendars, closures, queue_members, queues, sessions, users
from contact_center.system import SystemClock, SystemIds
from contact_center.web.house import House

_DAY = [["00:00", "24:00"]]
_WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), _DAY)
_OPTIONS = {
    "notice_address": "Calle de Prueba 1, Hermosillo",
    "notice_contact": "transparencia@example.org",
    "notice_full_url": "https://example.org/aviso",
    "notice_url": "https://example.org/aviso",
    "notice_date": "24/11/2026",
    "inactivity_notice_s": 86_400,
    "inactivity_close_s": 86_400,
    "queue_timeout_s": 86_400,
}
AT_ONCE = 100
"""Callers in line while seeding: enough for the writer to commit them together."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A visitor with a conversation, or only a token when `conversation_id` is empty."""

    visitor_id: str
    token: str
    conversation_id: str = ""
    agent: int = 0


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody signed in: the session's cookie and its CSRF token."""

    user_id: str
    session_id: str
    cookie: str
    csrf: str
    queue_ids: frozenset[str]
    roles: frozenset[Role]

    @property
    def actor(self) -> Actor:
        return Actor(
            kind=ActorKind.staff,
            id=self.user_id,
            roles=self.roles,
            queue_ids=self.queue_ids,
            session_id=self.session_id,
        )


@dataclass(frozen=True, slots=True)
class Office:
    """What was made."""

    citizens: Sequence[Citizen]
    staff: Sequence[StaffMember]


def settings_for(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{folder / 'house.db'}", data_dir=folder / "files")


def make(folder: Path, *, conversations: int = 0, visitors: int = 0, agents: int = 0, supervisors: int = 0) -> Office:
    """Make an office in `folder` that is always open; the conversations are shared out among the agents."""

    async def run() -> Office:
        async with open_house(settings_for(folder), SystemClock(), SystemIds()) as (house, _tasks):
            return await fill(
                house, conversations=conversations, visitors=visitors, agents=agents, supervisors=supervisors
            )

    return anyio.run(run)


def make_texts(folder: Path, *, conversations: int, agents: int) -> tuple[Office, list[str]]:
    """Make an office with SMS conversations under way, each with a reply on its way out; return their numbers too."""
    numbers = [f"+5266220{number:05d}" for number in range(conversations)]

    async def run() -> Office:
        async with open_house(settings_for(folder), SystemClock(), SystemIds()) as (house, _tasks):
            house.writer.limits = {"sms": ChannelLimits(medium=Channel.sms, text=1_600, receipts=("delivered",))}
            office = await fill(house, conversations=0, visitors=0, agents=agents, supervisors=0)
            line = anyio.CapacityLimiter(AT_ONCE)

            async def one(turn: int, number: str) -> None:
                async with line:
                    await _text(house, number, office.staff[turn % agents])

            async with anyio.create_task_group() as tasks:
                for turn, number in enumerate(numbers):
                    tasks.start_soon(one, turn, number)
            return office

    return anyio.run(run), numbers


async def fill(house: House, *, conversations: int, visitors: int, agents: int, supervisors: int) -> Office:
    """Fill a house that runs; the same as `make`."""
    now = house.clock.now()
    async with house.db.write() as conn:
        await conn.execute(update(calendars).values(week=_WEEK))
        await conn.execute(delete(closures))
        for key, value in _OPTIONS.items():
            await option_store.save(conn, key, value, now)
    staff = await _staff(house, [Role.agent] * agents + [Role.supervisor] * supervisors)
    found: list[Citizen | None] = [None] * (conversations + visitors)
    line = anyio.CapacityLimiter(AT_ONCE)

    async def one(number: int) -> None:
        async with line:
            citizen = await _visit(house, number)
            if number < conversations:
                agent = number % agents
                citizen = await _converse(house, citizen, staff[agent], agent)
            found[number] = citizen

    async with anyio.create_task_group() as tasks:
        for number in range(len(found)):
            tasks.start_soon(one, number)
    return Office([one for one in found if one is not None], staff)


async def _staff(house: House, roles: Sequence[Role]) -> list[StaffMember]:
    """Members of staff in every queue, signed in, past their first steps."""
    now, ids, made = house.clock.now(), house.ids, []
    async with house.db.write() as conn:
        queue_ids = frozenset((await conn.execute(select(queues.c.id))).scalars())
        for number, role in enumerate(roles):
            one = StaffMember(ids.new(), ids.new(), ids.token(), ids.token(), queue_ids, frozenset({role}))
            made.append(one)
            await conn.execute(
                insert(users).values(
                    id=one.user_id,
                    username=f"bench{number}",
                    username_folded=f"bench{number}",
                    name=f"Persona de Prueba {number}",
                    display_name=f"Persona {number}",
                    password_hash="none",  # noqa: S106 - nobody signs in with it
                    recovery_hashes=[],
                    totp_confirmed=True,
                    roles=[role.value],
                    languages=[],
                    skills=[],
                    created_at=now,
                )
            )
            await conn.execute(
                insert(queue_members), [{"queue_id": queue, "user_id": one.user_id, "level": 1} for queue in queue_ids]
            )
            await conn.execute(
                insert(sessions).values(
                    id=one.session_id,
                    token_hash=sha256(one.cookie.encode()).digest(),
                    csrf=one.csrf,
                    user_id=one.user_id,
                    finished=True,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + timedelta(hours=12),
                )
            )
    return made


async def _visit(house: House, number: int) -> Citizen:
    token = house.ids.token()
    body = Visit(
        token_hash=sha256(token.encode()).hexdigest(), notice_version="2026-11", locale="es", name=f"Prueba {number}"
    )
    answer = await house.writer.submit(SYSTEM, "visit.open", body)
    return Citizen(answer["visitor"], token)


async def _text(house: House, number: str, agent: StaffMember) -> None:
    """The same as `_converse` by SMS."""

    async def said(words: str, turn: int) -> None:
        sid = f"SM-seed-{number}-{turn}"
        event = InboundMessage(channel="sms", event_key=sid, address=number, external_id=sid, text=words, phone=number)
        await house.writer.submit(SYSTEM, "message.receive", Receive.model_construct(event=event))

    await said("Buenos días, hay una fuga de agua", 0)
    async with house.db.read() as conn:
        visitor_id = (await inbound_store.visitors_at(conn, [("sms", number)]))[("sms", number)]
        chat = (await chat_store.open_by_visitor(conn, [visitor_id]))[visitor_id]
        item = await work_store.open_item_of(conn, chat.conversation_id)
    assert item is not None
    await house.writer.submit(agent.actor, "work.take", TakeBody(item_id=item.id))
    reply = Reply(conversation_id=chat.conversation_id, epoch=item.epoch + 1, text="Con gusto le atiendo.")
    await house.writer.submit(agent.actor, "conversation.reply", reply)
    await said("Gracias", 1)


async def _converse(house: House, citizen: Citizen, agent: StaffMember, number: int) -> Citizen:
    """Write, be taken and answered: a conversation under way, in which a word changes nothing but the thread."""
    writer, visitor = house.writer, Actor(kind=ActorKind.visitor, id=citizen.visitor_id)
    first = await writer.submit(visitor, "chat.send", ChatSend(text="Buenos días"), f"seed-{citizen.visitor_id[-20:]}")
    conversation_id = first["conversation"]
    async with house.db.read() as conn:
        item = await work_store.open_item_of(conn, conversation_id)
    assert item is not None
    await writer.submit(agent.actor, "work.take", TakeBody(item_id=item.id))
    reply = Reply(conversation_id=conversation_id, epoch=item.epoch + 1, text="Con gusto le atiendo.")
    await writer.submit(agent.actor, "conversation.reply", reply)
    await writer.submit(visitor, "chat.send", ChatSend(text="Gracias"), f"more-{citizen.visitor_id[-20:]}")
    return Citizen(citizen.visitor_id, citizen.token, conversation_id, number)
