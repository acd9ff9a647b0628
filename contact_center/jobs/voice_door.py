"""The house as a voice channel reaches it: what is reported is committed, then the caller's line is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.actions.call_contact import callable_number
from contact_center.actions.call_folio import KeypadQuestion
from contact_center.actions.calls import FactBody, Report
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.office import Opening, opening_of
from contact_center.actions.recordings import Keep
from contact_center.actions.writer import Writer
from contact_center.jobs import route
from contact_center.ports import CallReport, Clock, FolioSaid, LineView, RecordingReport
from contact_center.rules import waits
from contact_center.rules.calendars import Calendar
from contact_center.rules.calls import CallState
from contact_center.rules.model import Channel, Direction
from contact_center.rules.options import Options
from contact_center.store import calls as store
from contact_center.store import hours as hours_store
from contact_center.store import options as option_store
from contact_center.store import texts as text_store
from contact_center.store import work as work_store
from contact_center.store.db import Database

_HANDLING_DAYS: Final = 7
_LOCALE: Final = "es"


OFFICE_S: Final = 5.0
"""How old the office's texts, settings and hours may be that a caller hears."""


@dataclass(frozen=True, slots=True)
class _Office:
    read_at: float
    texts: Mapping[str, Any]
    options: Options
    calendars: Mapping[str, Calendar]


class VoiceDesk:
    """A `ports.VoiceDoor` on one node. Every method returns after its commit; cancelling takes nothing back."""

    def __init__(self, db: Database, writer: Writer, clock: Clock) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._office: _Office | None = None

    async def report(self, report: CallReport) -> LineView:
        """Store what happened and return where the line stands. Raises Missing for a room that is none of ours."""
        body = Report(
            provider=report.provider,
            provider_call_id=report.provider_call_id,
            room=report.room,
            direction=Direction(report.direction),
            number=report.number[:60],
            line=report.line[:60],
            facts=tuple(
                FactBody(
                    key=one.key,
                    kind=one.kind,
                    at=one.at,
                    timed=one.timed,
                    leg=one.leg,
                    user_id=one.user_id,
                    data=dict(one.data),
                )
                for one in report.facts
            ),
        )
        answer = await self._writer.submit(SYSTEM, "call.report", body)
        async with self._db.read() as conn:
            call = await store.get(conn, answer["call_id"])
            assert call is not None
            return await self._line(conn, call)

    async def look(self, provider: str, provider_call_id: str) -> LineView | None:
        """Return where a call stands, None for one that is not known."""
        async with self._db.read() as conn:
            call = await store.by_provider(conn, provider, provider_call_id)
            return None if call is None else await self._line(conn, call)

    async def say_folio(self, provider: str, provider_call_id: str, number: str, last4: str) -> FolioSaid:
        """Answer a question about a folio by keypad."""
        body = KeypadQuestion(
            provider=provider, provider_call_id=provider_call_id, number=number[:40], last4=last4[:20]
        )
        answer = await self._writer.submit(SYSTEM, "call.folio", body)
        return FolioSaid(answer["text"], answer["found"], answer["locked"])

    async def keep_recording(self, report: RecordingReport) -> None:
        """Note a recording or a voicemail to be copied."""
        body = Keep(
            provider=report.provider,
            provider_id=report.provider_id,
            provider_call_id=report.provider_call_id,
            kind="voicemail" if report.kind == "voicemail" else "recording",
            seconds=max(0, min(report.seconds, 86_400)),
        )
        await self._writer.submit(SYSTEM, "recording.keep", body)

    async def _line(self, conn: AsyncConnection, call: Any) -> LineView:
        now = self._clock.now()
        contact = await work_store.get_interaction(conn, call.interaction_id)
        assert contact is not None
        item = await work_store.open_item_of(conn, call.interaction_id)
        queue = await work_store.get_queue(conn, item.queue_id if item is not None else contact.queue_id or "")
        waiting = CallState(call.state).is_open and item is not None and item.state in ("waiting", "offered")
        office = await self._office_of(conn)
        opening = None if queue is None else opening_of(office.calendars[queue.calendar_id], now)
        position, wait_s = await self._place(conn, item) if waiting else (None, None)
        return LineView(
            call_id=call.id,
            state=call.state,
            is_open=opening is not None and opening.is_open,
            position=position,
            wait_s=wait_s,
            has_number=callable_number(call) is not None,
            recording=queue is not None and queue.recording,
            waiting=waiting,
            texts=spoken(office.texts, office.options, opening, position, wait_s),
        )

    async def _office_of(self, conn: AsyncConnection) -> "_Office":
        """Return what the office set, read again after some seconds: a caller need not hear a change at once."""
        now = self._clock.monotonic()
        if self._office is None or not 0 <= now - self._office.read_at < OFFICE_S:
            texts, options = await text_store.all_of(conn, _LOCALE), await option_store.load(conn)
            self._office = _Office(now, texts, options, await hours_store.load(conn))
        return self._office

    async def _place(self, conn: AsyncConnection, item: Any) -> tuple[int | None, int | None]:
        """Return the place in line (1 is next) and an honest wait in seconds; who is being offered is next."""
        now = self._clock.now()
        ordered = [one.item_id for one in await route.places(conn, now) if one.queue_id == item.queue_id]
        position = ordered.index(item.id) + 1 if item.id in ordered else 1
        handling = await work_store.recent_handling(conn, now - timedelta(days=_HANDLING_DAYS))
        agents = await route.agent_views(conn, now)
        _free, slots = waits.free_slots(agents, item.queue_id, Channel.phone)
        wait = waits.estimate_wait_s(position, handling.get(item.queue_id, ()), slots)
        return position, None if wait is None else int(wait)


def spoken(
    texts: Mapping[str, Any], options: Options, opening: Opening | None, position: int | None, wait_s: int | None
) -> dict[str, str]:
    """Return the office's texts with their blanks filled, each as it may be spoken; a blank nobody knows is empty."""
    blanks: dict[str, Any] = {
        **options.notice_blanks(),
        "posicion": "" if position is None else position,
        "minutos": "" if wait_s is None else max(1, round(wait_s / 60)),
        "oficina": options.brand_office,
    }
    if opening is not None:
        blanks |= {
            "horario": opening.hours_text(_LOCALE),
            "proximo_dia_habil": opening.next_day_text(_LOCALE),
            "fecha": opening.today_text(_LOCALE),
        }
    said = {key: text_store.fill(text, **blanks) for key, text in texts.items() if isinstance(text, str)}
    if opening is not None and not opening.is_open:
        said["cerrado"] = said.get(opening.closed_text, "")
    return said
