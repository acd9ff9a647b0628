"""Nothing escapes the register: captured, justified, or an open finding."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contact_center.actions import captures
from contact_center.actions.kernel import SYSTEM, Tx
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules.lifecycle import IllegalMove
from contact_center.rules.model import CaptureState, Role
from contact_center.store.schema import alerts, findings, interactions
from tests.support.house import TestHouse, open_house
from tests.support.registering import form, held, rows

FRIDAY = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
"""13:00 in Hermosillo, two working hours before the office closes for the weekend."""


async def inside(house: TestHouse, act: Any) -> Any:
    """Run something of an action in a transaction of its own, in the house's name."""
    async with house.db.write() as conn:
        return await act(Tx(conn, house.clock.now(), house.house.ids, SYSTEM))


async def ended(house: TestHouse) -> tuple[Any, str, dict[str, Any]]:
    """A conversation in wrap-up, uncaptured."""
    agent, _citizen, conversation, item = await held(house)
    await house.do(agent, "conversation.reply", conversation_id=conversation, epoch=1, text="Con gusto")
    await house.do(agent, "conversation.close", conversation_id=conversation, epoch=1, how="closed")
    return agent, conversation, item


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"disposition": None}, {"disposition": "disposition_required"}),
        ({"disposition": "petition_registered"}, {"disposition": "petition_required"}),
        ({"disposition": "other"}, {"no_petition_reason": "reason_required"}),
        ({"disposition": "other", "no_petition_reason": "nada"}, {"no_petition_reason": "reason_unknown"}),
        ({"disposition": "other", "no_petition_reason": "other"}, {"note": "note_required"}),
        ({"disposition": "call_dropped"}, {"disposition": "disposition_not_for_channel"}),
        ({"disposition": "oriented", "topic": "ZZ99"}, {"topic": "topic_unknown"}),
    ],
)
async def test_what_is_missing_is_said_by_field(
    sqlite_database_url: str, given: dict[str, Any], wrong: dict[str, str]
) -> None:
    async with open_house(sqlite_database_url) as house:
        _agent, conversation, _item = await ended(house)
        with pytest.raises(Invalid) as refused:
            await inside(house, lambda tx: captures.capture(tx, conversation, **given))
        assert (refused.value.code, refused.value.data["fields"]) == ("capture_incomplete", wrong)
        (row,) = await rows(house, interactions)
        assert (row.state, row.disposition) == ("pending", None)


async def test_a_draft_keeps_what_is_there_and_stays_pending(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, conversation, _item = await ended(house)

        async def draft(tx: Tx) -> CaptureState:
            return await captures.capture(tx, conversation, "other", note="Se cortó", by=agent.id, draft=True)

        assert await inside(house, draft) is CaptureState.pending
        (row,) = await rows(house, interactions)
        assert (row.state, row.disposition, row.note, row.captured_by) == ("pending", "other", "Se cortó", None)


async def test_a_disposition_that_explains_itself_gives_the_reason(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _conversation, item = await ended(house)
        await house.do(agent, "work.finish", item_id=item["id"], epoch=1, disposition="oriented", topic="AS07")
        (row,) = await rows(house, interactions)
        assert (row.state, row.no_petition_reason, row.captured_by) == ("captured", "orientation_only", agent.id)


async def test_what_was_reviewed_is_never_changed(database_url: str) -> None:
    async with open_house(database_url) as house:
        _agent, conversation, _item = await ended(house)
        async with house.db.write() as conn:
            await conn.execute(interactions.update().values(state="reviewed", disposition="oriented"))
        with pytest.raises(IllegalMove):
            await inside(house, lambda tx: captures.capture(tx, conversation, "spam"))
        with pytest.raises(IllegalMove):
            await inside(house, lambda tx: captures.capture(tx, conversation, "other", draft=True))
        (row,) = await rows(house, interactions)
        assert row.disposition == "oriented"


async def test_an_uncaptured_contact_is_one_open_finding_until_it_is_captured(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, conversation, _item = await ended(house)
        ids = {await inside(house, lambda tx: captures.open_finding(tx, conversation)) for _ in range(3)}
        (finding,) = await rows(house, findings)
        assert ids == {finding.id} and (finding.kind, finding.agent_id) == ("no_disposition", agent.id)
        await inside(house, lambda tx: captures.capture(tx, conversation, "oriented", by=agent.id))
        (finding,) = await rows(house, findings)
        assert finding.closed_how == "captured"
        assert await inside(house, lambda tx: captures.open_finding(tx, conversation)) is None


async def test_a_finding_is_justified_by_its_agent_or_a_supervisor_once(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, conversation, _item = await ended(house)
        finding_id = await inside(house, lambda tx: captures.open_finding(tx, conversation))
        other = await house.staff("beto")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        with pytest.raises(Missing):
            await house.do(other, "finding.justify", finding_id=finding_id, reason="No era para mí")
        with pytest.raises(Invalid):
            await house.do(agent, "finding.justify", finding_id=finding_id, reason="no")
        ear = house.watch_as(boss)
        await house.do(agent, "finding.justify", finding_id=finding_id, reason="Se fue la luz en la oficina")
        await house.settle()
        assert "finding.closed" in ear.types()
        with pytest.raises(Conflict):
            await house.do(boss, "finding.justify", finding_id=finding_id, reason="Se fue la luz en la oficina")
        (finding,) = await rows(house, findings)
        assert (finding.closed_how, finding.reason) == ("justified", "Se fue la luz en la oficina")


async def test_overdue_counts_working_hours_and_rings_once(database_url: str) -> None:
    async with open_house(database_url) as house:
        house.clock.advance((FRIDAY - house.clock.now()).total_seconds())
        agent, conversation, _item = await ended(house)

        async def sweep() -> list[str]:
            found: list[str] = await inside(house, lambda tx: captures.overdue(tx, tx.now))
            return found

        house.clock.advance(4 * 86_400)  # Tuesday: two hours of Friday, none of Monday the 30th, five of today
        assert await sweep() == []
        house.clock.advance(6 * 86_400)
        assert await sweep() == [conversation]
        assert await sweep() == []
        (row,) = await rows(house, interactions)
        (finding,) = await rows(house, findings)
        (alert,) = await rows(house, alerts, alerts.c.kind == "capture_overdue")
        assert (row.state, finding.kind, alert.subject) == ("overdue", "no_disposition", conversation)
        await inside(house, lambda tx: captures.capture(tx, conversation, "oriented", by=agent.id))
        (alert,) = await rows(house, alerts, alerts.c.kind == "capture_overdue")
        (row,) = await rows(house, interactions)
        assert alert.cleared_at is not None and row.state == "captured"


async def test_what_was_justified_is_never_overdue(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, conversation, _item = await ended(house)
        finding_id = await inside(house, lambda tx: captures.open_finding(tx, conversation))
        await house.do(agent, "finding.justify", finding_id=finding_id, reason="Se fue la luz en la oficina")
        house.clock.advance(30 * 86_400)
        assert await inside(house, lambda tx: captures.overdue(tx, tx.now)) == []


async def test_a_registered_petition_captures_its_contact(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, conversation, item = await ended(house)
        await inside(house, lambda tx: captures.open_finding(tx, conversation))
        await house.do(agent, "petition.create", interaction_id=conversation, **form())
        await house.do(agent, "work.finish", item_id=item["id"], epoch=1, disposition="petition_registered")
        (row,) = await rows(house, interactions)
        (finding,) = await rows(house, findings)
        assert (row.state, row.no_petition_reason, finding.closed_how) == ("captured", None, "captured")
