"""P27: snapshot + events == fresh snapshot, for every verb; and a cursor that cannot be served is told so.

Each scene is played before an agent's console and a supervisor's; what they were sent is folded into what they had, and
compared with what they would get now. The same frames are golden files for the TypeScript fold: tests/events/*.json,
written anew by REGENERATE=1.
"""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from contact_center.actions.kernel import SYSTEM, VERBS
from contact_center.live import resume, snapshot
from contact_center.live.connection import Connection
from contact_center.live.snapshot import face_of
from contact_center.rules import events as topics
from contact_center.rules.access import Actor
from contact_center.store import events as event_log
from contact_center.store import work
from tests.support import fold
from tests.support.databases import copy_sqlite, sqlite_url
from tests.support.house import Ear, TestHouse, open_house
from tests.support.morning import Stage, set_the_stage
from tests.support.mutants import plant
from tests.support.scenes import SCENES
from tests.support.scenes_phone import NUMBER as _PHONE_SCENES
from tests.support.scenes_promises import NUMBER as _PROMISE_SCENES

GOLDEN = Path(__file__).parents[1] / "events"
REGENERATE = os.environ.get("REGENERATE") == "1"
assert _PHONE_SCENES and _PROMISE_SCENES, "importing them is what adds their scenes"
VIEWERS = {"agent": "ana", "supervisor": "jefa"}

UNSEEN = {
    "citizen.reveal": "answers its caller only",
    "citizen.dismiss_match": "answers its caller only",
    "citizen.merge": "played by test_citizens",
    "citizen.unmerge": "played by test_citizens",
    "petition.move": "changes no snapshot: petitions are read on their own screen",
    "petition.reassign": "changes no snapshot: petitions are read on their own screen",
    "user.save": "ends sessions or resyncs whom it is about",
    "user.disable": "ends sessions",
    "user.reset_password": "ends sessions",
    "user.reset_totp": "ends sessions",
    "call.reveal": "answers its caller only",
    "call.lost_try": "played by test_callbacks_asked",
    "callback.caught_up": "clears what callback.catch_up raised",
    "transfer.verify": "changes no snapshot: the register of transfers is read on its own screen",
    "records.add": "played by test_import_calls",
    "call.folio": "played by test_browser_phone",
    "order.resolve": "played by test_promises_phone",
    "recording.keep": "played by test_recordings",
    "recording.claim": "played by test_recordings",
    "recording.stored": "played by test_recordings",
    "recording.removed": "played by test_recordings",
    "recording.failed": "played by test_recordings",
    "recordings.expire": "played by test_recordings",
    "calls.audit": "played by test_import_calls",
    "finding.assign": "played by test_import_calls",
    "category.save": "reference data only",
    "closure.delete": "like closure.save",
    "site.delete": "like site.save",
    "presence.beat": "renews leases; tells nobody",
    "visit.open": "a visitor is nobody's contact yet",
    "house.set_up": "before anybody is there",
    "health.probe": "tells nobody",
    "session.sweep": "ends sessions",
    "uploads.sweep": "removes files that were never sent",
    "inbox.sweep": "forgets deliveries that are no longer repeated",
    "message.receive": "played by test_messaging",
    "engine.tell_place": "played by test_messaging",
    "message.resolve": "played by test_messaging",
    "media.claim": "leases a file; tells nobody",
    "media.settle": "played by test_messaging",
    "outbox.claim": "leases a message; tells nobody",
    "outbox.settle": "played by test_messaging",
    "outbox.found": "played by test_messaging",
    "channel.health": "played by test_messaging",
    "channel.templates": "played by test_message_window",
    "engine.window_closing": "played by test_message_window",
    "engine.window_settled": "played by test_message_window",
    "conversation.give_code": "played by test_messaging",
    "conversation.take_code": "played by test_messaging",
}
"""Verbs without a scene, and why none is needed."""


def test_every_verb_has_a_scene_or_a_reason_for_none() -> None:
    doors = ("staff", "visitor", "system")
    verbs = {name for name, verb in VERBS.items() if verb.door in doors}
    played = {name.partition(":")[0] for name in SCENES}
    assert played <= verbs, played - verbs
    assert verbs - played == UNSEEN.keys() & verbs, verbs - played ^ (UNSEEN.keys() & verbs)


@pytest.fixture(scope="session")
def morning(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A database in the middle of a morning, and who is who in it; made once."""
    url = copy_sqlite(request.getfixturevalue("_sqlite_template"), tmp_path_factory.mktemp("morning"))
    return asyncio.run(make_morning(url))


async def make_morning(url: str) -> tuple[Path, dict[str, Any]]:
    async with open_house(url) as house:
        stage = await set_the_stage(house)
        found = {name: value for name, value in vars(stage).items() if name != "house"}
        found["now"] = house.clock.now()
    return Path(url.removeprefix("sqlite:///")), found


async def play(house: TestHouse, stage: Stage, name: str) -> list[dict[str, Any]]:
    """Play a scene before both viewers; return what each had, was sent, and would get afterwards."""
    actor, fields = await SCENES[name](stage)
    await house.settle()
    views = []
    for role, who in VIEWERS.items():
        viewer = await stage.who(who)
        async with house.db.read() as conn:
            before = await snapshot.console(conn, viewer, house.clock.now())
            held = [row.conversation_id for row in await work.held_by(conn, viewer.id)]
        ear = house.watch_as(viewer)
        for conversation in held:
            house.house.hub.join(ear.connection, topics.thread(conversation))
        views.append((role, viewer, before, ear))
    await house.do(actor, name.partition(":")[0], f"scene-{name}".ljust(12, "-"), **fields)
    await house.settle()
    played = []
    for role, viewer, before, ear in views:
        async with house.db.read() as conn:
            after = await snapshot.console(conn, viewer, house.clock.now())
            inside = [row.conversation_id for row in await work.held_by(conn, viewer.id)]
        played.append({"viewer": role, "before": before, "frames": ear.frames, "after": after, "inside": inside})
    return played


def broken(view: dict[str, Any]) -> list[str]:
    """Return where the folded frames lead elsewhere than the fresh snapshot."""
    state = fold.from_snapshot(view["before"])
    for frame in view["frames"]:
        fold.apply_frame(state, frame)
    floor = view["viewer"] == "supervisor"
    wrong = fold.difference(state, fold.from_snapshot(view["after"]), inside=set(view["inside"]), floor=floor)
    return [f"{view['viewer']}: {line}" for line in wrong]


async def played(morning: tuple[Path, dict[str, Any]], folder: Path, name: str) -> list[dict[str, Any]]:
    path, found = morning
    copy = folder / "morning.db"
    shutil.copyfile(path, copy)
    async with open_house(sqlite_url(copy), node=1, seed=False) as house:
        house.clock.advance((found["now"] - house.clock.now()).total_seconds())
        stage = Stage(**{key: value for key, value in found.items() if key != "now"})
        stage.house = house
        house._counter = 1_000  # whoever came before keeps their ids
        return await play(house, stage, name)


@pytest.mark.parametrize("name", sorted(SCENES))
async def test_snapshot_and_events_are_the_fresh_snapshot(
    name: str, morning: tuple[Path, dict[str, Any]], consoles: dict[str, Any], tmp_path: Path
) -> None:
    views = await played(morning, tmp_path, name)
    assert [line for view in views for line in broken(view)] == []
    compare_with_golden(name, golden(name, views, consoles))


@pytest.fixture(scope="session")
def consoles(morning: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each viewer's console has before any scene; golden files hold only what differs from it."""
    views = asyncio.run(played(morning, tmp_path_factory.mktemp("consoles"), "conversation.watch"))
    found = {view["viewer"]: view["before"] for view in views}
    compare_with_golden("morning", found)
    return found


def golden(name: str, views: list[dict[str, Any]], consoles: dict[str, Any]) -> dict[str, Any]:
    """Return a scene as its golden file tells it."""
    told = [
        {
            "viewer": view["viewer"],
            "before": fold.changes(consoles[view["viewer"]], view["before"]),
            "frames": view["frames"],
            "after": fold.changes(view["before"], view["after"]),
            "inside": view["inside"],
        }
        for view in views
    ]
    return {"verb": name.partition(":")[0], "views": told}


def compare_with_golden(name: str, told: dict[str, Any]) -> None:
    """Fail when a golden file is out of date; write it when asked to."""
    path = GOLDEN / f"{name.replace(':', '.')}.json"
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if REGENERATE:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.exists(), f"{path.name} is missing: REGENERATE=1 writes it"
    assert path.read_text() == text, f"{path.name} is out of date: REGENERATE=1 writes it anew"


def test_every_golden_file_belongs_to_a_scene() -> None:
    names = {name.replace(":", ".") for name in SCENES}
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*names, "morning"}


async def test_the_harness_notices_a_change_that_is_not_emitted(
    morning: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    with plant("change_not_emitted"):
        views = await played(morning, tmp_path, "conversation.flag")
    assert [line for view in views for line in broken(view)] != []


async def answer_to(house: TestHouse, viewer: Actor, cursor: int) -> str | None:
    """Say hello with a cursor; return why the client must resync, None when it is live."""
    ear = Ear()
    ear.connection = Connection(face_of(viewer), ear.take, ear.cut)
    own = [topics.STAFF, topics.user(viewer.id), topics.FLOOR]
    reason = await resume.join(house.house.hub, house.db, house.clock, ear.connection, own, cursor)
    house.house.hub.remove(ear.connection)
    assert reason is None or ear.frames == [], "nothing is sent before a resync"
    return reason


async def cursors_that_cannot_be_served(url: str) -> list[str | None]:
    """Say hello with cursors that are too old, of another log, from the future, and too far behind."""
    async with open_house(url) as house:
        boss = await house.staff("jefa", state=None)
        for number in range(30):
            await house.do(SYSTEM, "presence.joined", f"joined-{number:04d}", user_id=boss.id)
        await house.settle()
        async with house.db.read() as conn:
            newest = await event_log.latest(conn)
        assert await answer_to(house, boss, newest) is None
        assert await answer_to(house, boss, newest - 5) is None
        found = [await answer_to(house, boss, newest + 1), await answer_to(house, boss, 2**53)]
        async with house.db.write() as conn:
            await conn.exec_driver_sql(f"DELETE FROM events WHERE id < {newest - 10}")
        found.append(await answer_to(house, boss, 1))
        found.append(await answer_to(house, boss, 0))
        assert await answer_to(house, boss, newest - 11) is None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(resume, "MAX_BEHIND", 3)
            found.append(await answer_to(house, boss, newest - 8))
        found.append(await answer_to(house, boss, -1))
        return found


async def test_a_cursor_that_cannot_be_served_is_answered_with_a_resync(database_url: str) -> None:
    found = await cursors_that_cannot_be_served(database_url)
    assert found == ["unknown_cursor", "unknown_cursor", "too_old", "too_old", "too_old", "too_old"]


async def test_the_harness_notices_a_resync_that_is_not_sent(sqlite_database_url: str) -> None:
    with plant("resync_not_sent"):
        assert None in await cursors_that_cannot_be_served(sqlite_database_url)
