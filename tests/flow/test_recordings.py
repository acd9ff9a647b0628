"""P34: a voicemail is copied in, hashed, synced and committed before the provider's copy goes; heard on record."""

from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import update

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.recordings import Keep
from contact_center.jobs import recordings as job
from contact_center.rules.model import Role
from contact_center.store.schema import access_log, calls, interactions, recordings, work_items
from contact_center.web.house import Telephone
from tests.support.phone_stage import PERSON, PhoneStage, phone_staged
from tests.support.signed_in import desk

POINTS = ("recording_on_disk", "recording_stored", "recording_removed")


class NodeDied(Exception):
    """The process is gone in this very moment."""


async def voicemail(stage: PhoneStage) -> None:
    """Let a caller leave a message while everybody is busy."""
    steps: list[dict[str, Any]] = [{"press": "2"}, {"wait_for": "cuelgue"}, {"wait": 1}, {"say_seconds": 8}]
    await stage.call(*PERSON, {"wait_for": "marque 2"}, *steps, {"hang_up": True})
    await stage.time.advance(120)
    await stage.house.timers.sweep()


def kept(stage: PhoneStage) -> list[Path]:
    return [path for path in stage.house.house.settings.data_dir.rglob("*") if path.is_file()]


async def there(stage: PhoneStage, sid: str) -> bool:
    """Whether the provider still has a recording."""
    return sid in [one.provider_id async for one in stage.voice.recordings_since(stage.time.now().replace(hour=0))]


@pytest.mark.parametrize("point", POINTS)
async def test_a_node_that_dies_at_any_point_of_copying_loses_nothing(sqlite_database_url: str, point: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        await voicemail(stage)
        (row,) = await stage.rows(recordings)
        assert (row.kind, row.state) == ("voicemail", "announced")

        def die(name: str) -> None:
            if name == point:
                raise NodeDied

        with patch.object(job, "crash_point", die), pytest.RaisesGroup(NodeDied, allow_unwrapped=True):
            await stage.recordings.step()
        (row,) = await stage.rows(recordings)
        assert await there(stage, row.provider_id) or row.sha256 is not None, "theirs goes only after ours is committed"
        for _ in range(3):
            await stage.time.advance(job.PATIENCE.base_s * 20)
            await stage.recordings.step()
        (row,) = await stage.rows(recordings)
        assert (row.state, row.media_type) == ("removed_there", "audio/wav")
        assert not await there(stage, row.provider_id)
        (file,) = kept(stage)
        assert sha256(file.read_bytes()).hexdigest() == row.sha256 == file.name


async def test_removing_before_the_copy_is_committed_is_caught(sqlite_database_url: str) -> None:
    """The planted bug: the provider's copy is deleted first."""
    real = job.Recordings._copy

    async def hasty(self: Any, one: dict[str, Any]) -> None:
        await self._provider.remove_recording(one["provider_id"])
        await real(self, one)

    with patch.object(job.Recordings, "_copy", hasty):
        async with phone_staged(sqlite_database_url) as stage:
            await voicemail(stage)
            await stage.recordings.step()
            (row,) = await stage.rows(recordings)
            assert not await there(stage, row.provider_id) and row.sha256 is None


async def test_the_word_of_a_recording_that_comes_late_leaves_its_message_in_line(sqlite_database_url: str) -> None:
    """The provider tells of the recording by itself, often after the call was closed out."""
    async with phone_staged(sqlite_database_url) as stage:
        await voicemail(stage)
        (call,) = await stage.rows(calls)
        late = Keep(
            provider=call.provider,
            provider_call_id=call.provider_call_id,
            provider_id="RE" + "0" * 32,
            kind="voicemail",
            seconds=8,
        )
        await stage.house.house.writer.submit(SYSTEM, "recording.keep", late)
        (item,) = await stage.rows(work_items, work_items.c.state != "done")
        assert (item.kind, item.state) == ("message", "waiting")


async def test_a_message_waits_to_be_heard_by_whoever_takes_it_and_is_forgotten_in_time(
    sqlite_database_url: str,
) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        await voicemail(stage)
        await stage.recordings.step()
        (item,) = await stage.rows(work_items, work_items.c.state != "done")
        assert (item.kind, item.state) == ("message", "waiting")
        ana = await desk(stage.house, "ana", Role.agent)
        boss = await desk(stage.house, "jefa", Role.supervisor)
        (row,) = await stage.rows(recordings)
        path = f"/api/v1/recordings/{row.id}"
        assert (await ana.get(path)).status_code == 404, "it lies in its queue: nobody has it yet"
        await ana.must("work.take", item_id=item.id)
        listed = (await ana.get(f"/api/v1/recordings?call={row.call_id}")).json()
        assert [(one["kind"], one["state"]) for one in listed["rows"]] == [("voicemail", "stored")]
        whole = await ana.get(path)
        assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
        assert sha256(whole.content).hexdigest() == row.sha256
        part = await ana.get(path, headers={"range": "bytes=4-11"})
        assert (part.status_code, part.content) == (206, whole.content[4:12])
        assert part.headers["content-range"] == f"bytes 4-11/{row.size_bytes}"
        assert (await ana.get(path, headers={"range": "bytes=-4"})).content == whole.content[-4:]
        assert (await ana.get(path, headers={"range": f"bytes={row.size_bytes}-"})).status_code == 416
        assert (await ana.get(path, headers={"range": "bytes=0-0,2-3"})).status_code == 200
        async with stage.house.db.write() as conn:
            await conn.execute(update(interactions).values(restricted=True))
        refused = await boss.get(path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "reason_required")
        assert (await boss.get(f"{path}?reason=Queja%20del%20ciudadano")).status_code == 200
        heard = [(one.action, one.reason) for one in await stage.rows(access_log, access_log.c.object_id == row.id)]
        assert heard.count(("recording.read", "Queja del ciudadano")) == 1
        await stage.time.advance(91 * 86_400)
        await stage.recordings.expire()
        (row,) = await stage.rows(recordings)
        assert (row.state, row.blob) == ("expired", None)
        await ana.client.aclose()
        await boss.client.aclose()


async def test_a_browsers_telephone_gets_a_token_only_where_there_is_a_provider(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        ana = await desk(stage.house, "ana", Role.agent)
        assert (await ana.get("/api/v1/phone/device")).json()["kind"] == "none"
        assert (await ana.post("/api/v1/phone/device", {"ready": True})).status_code == 409
        stage.house.app.state.house = stage.inside
        assert isinstance(stage.inside.telephone, Telephone)
        found = (await ana.get("/api/v1/phone/device")).json()
        assert (found["kind"], found["token"].count(".")) == ("simulator", 2)
        assert (await ana.post("/api/v1/phone/device", {"ready": True})).status_code == 204
        assert (await ana.post("/api/v1/phone/device", {"ready": 1})).status_code == 422
        page = await ana.get("/console/")
        assert "microphone=(self)" in page.headers["permissions-policy"]
        await ana.client.aclose()
