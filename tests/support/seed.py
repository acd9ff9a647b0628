"""The office a test starts with: the shipped first data, the notice filled in, and staff by name."""

from typing import TYPE_CHECKING

from sqlalchemy import insert

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.setup import SetUp
from contact_center.rules.model import Role
from contact_center.store import options as option_store
from contact_center.store.schema import queue_members, queues, users

if TYPE_CHECKING:
    from tests.support.house import TestHouse

NOTICE = {
    "notice_address": "Calle de Prueba 1, Hermosillo",
    "notice_contact": "transparencia@example.org",
    "notice_full_url": "https://example.org/aviso",
    "notice_url": "https://example.org/aviso",
    "notice_date": "24/11/2026",
}


async def seed_office(house: "TestHouse") -> None:
    """Load the first data once; a second house on the same database finds it there."""
    await house.writer.submit(SYSTEM, "house.set_up", SetUp())
    async with house.db.write() as conn:
        for key, value in NOTICE.items():
            await option_store.save(conn, key, value, house.clock.now())


async def add_staff(house: "TestHouse", username: str, roles: tuple[Role, ...], only: tuple[str, ...] | None) -> str:
    """Add somebody with a password nobody knows, in every queue or only in those named."""
    user_id = house.house.ids.new()
    async with house.db.write() as conn:
        await conn.execute(
            insert(users).values(
                id=user_id,
                username=username,
                username_folded=username,
                name=username.title() + " de Prueba",
                display_name=username.title(),
                password_hash="none",
                recovery_hashes=[],
                roles=[role.value for role in roles],
                area_id="03.07.02.01",
                languages=[],
                skills=[],
                created_at=house.clock.now(),
            )
        )
        found = (await conn.execute(queues.select())).all()
        for queue in found:
            if only is None or queue.name in only:
                await conn.execute(insert(queue_members).values(queue_id=queue.id, user_id=user_id, level=1))
    return user_id
