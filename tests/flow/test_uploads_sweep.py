"""Files that were uploaded and never sent do not stay for ever; files that were sent do."""

import os
from hashlib import sha256
from pathlib import Path

from contact_center.actions.attachments import UNCLAIMED_S
from contact_center.store.schema import attachments
from tests.support.house import TestHouse, open_house

CONTENT = b"%PDF-1.7"
NAME = sha256(CONTENT).hexdigest()


async def upload(house: TestHouse, visitor_id: str, *, message_id: str | None) -> None:
    """Store a file and its row, as the door does."""
    await house.house.blobs.put(NAME, CONTENT)
    async with house.db.write() as conn:
        await conn.execute(
            attachments.insert().values(
                id=house.house.ids.new(),
                visitor_id=visitor_id,
                message_id=message_id,
                name="hoja.pdf",
                media_type="application/pdf",
                size_bytes=len(CONTENT),
                sha256=NAME,
                blob=NAME,
                at=house.clock.now(),
            )
        )


async def is_there(house: TestHouse) -> bool:
    return (house.house.settings.data_dir / NAME[:2] / NAME).is_file()


def age(house: TestHouse) -> None:
    """Make the stored file as old as the house's clock says it is."""
    path = Path(house.house.settings.data_dir) / NAME[:2] / NAME
    then = house.clock.now().timestamp()
    os.utime(path, (then, then))


async def test_an_upload_nobody_sent_goes_after_a_day(sqlite_database_url: str, tmp_path: Path) -> None:
    async with open_house(sqlite_database_url, data_dir=tmp_path / "files") as house:
        visitor = await house.visitor()
        await upload(house, visitor.id, message_id=None)
        age(house)
        house.clock.advance(UNCLAIMED_S - 60)
        await house.timers.hourly()
        assert await is_there(house)
        house.clock.advance(120)
        await house.timers.hourly()
        assert not await is_there(house)


async def test_a_file_that_another_message_carries_stays(sqlite_database_url: str, tmp_path: Path) -> None:
    async with open_house(sqlite_database_url, data_dir=tmp_path / "files") as house:
        visitor = await house.visitor()
        await upload(house, visitor.id, message_id=None)
        await upload(house, visitor.id, message_id=house.house.ids.new())
        age(house)
        house.clock.advance(UNCLAIMED_S + 60)
        await house.timers.hourly()
        assert await is_there(house)


async def test_a_file_stored_again_in_the_meantime_stays(sqlite_database_url: str, tmp_path: Path) -> None:
    async with open_house(sqlite_database_url, data_dir=tmp_path / "files") as house:
        visitor = await house.visitor()
        await upload(house, visitor.id, message_id=None)
        house.clock.advance(UNCLAIMED_S + 60)
        age(house)
        await house.timers.hourly()
        assert await is_there(house)
