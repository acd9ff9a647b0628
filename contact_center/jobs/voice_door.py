"""The house as a voice channel reaches it: what is reported is committed, then the caller's line is looked at."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
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
"""How old the office's texts, settings, hours and usual times may be that a caller hears."""


@dataclass(frozen=True, slots=True)
class _Office:
    read_at: float
    texts: Mapping[str, Any]
    options: Options
    calendars: Mapping[str, Calendar]
    handling: Mapping[str, Sequence[float]]
    """Seconds each of the last contacts took, by queue."""


class VoiceDesk:
    """A `ports.VoiceDoor` on one node. Every method returns after its commit; cancelling takes nothing back."""

    def __init__(self, db: Database, writer: Writer, clock: Clock) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._office: _Office | None = None

    async def report(self, report: CallReport) -> None:
        """Store what happened. Raises Missing for a room that is none of ours."""
        await self._store(report)

    async def answer(self, report: CallReport) -> LineView:
        """Store what happened and return where the line stands. Raises as `report`."""
        call_id = await self._store(report)
        line = await self._see(lambda conn: store.get(conn, call_id))
        assert line is not None
        return line

    async def _store(self, report: CallReport) -> str:
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
        return str(answer["call_id"])

    async def look(self, provider: str, provider_call_id: str) -> LineView | None:
        """Return where a call stands, None for one that is not known."""
        return await self._see(lambda conn: store.by_provider(conn, provider, provider_call_id))

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

    async def _see(self, find: Callable[[AsyncConnection], Awaitable[Any | None]]) -> LineView | None:
        """Return where a call stands; a line of callers to count is read beside, what was just committed at once."""

        async def rows(conn: AsyncConnection) -> tuple[Any, Any, Any]:
            call = await find(conn)
            if call is None:
                return None, None, None
            contact = await work_store.get_interaction(conn, call.interaction_id)
            item = await work_store.open_item_of(conn, call.interaction_id)
            queue_id = item.queue_id if item is not None else contact.queue_id if contact is not None else None
            return call, item, await work_store.get_queue(conn, queue_id or "")

        call, item, queue = await self._db.glance(rows)
        if call is None:
            return None
        office = await self._office_now()
        if queue is not None and queue.calendar_id not in office.calendars:  # made since
            self._office = None
            office = await self._office_now()
        waiting = CallState(call.state).is_open and item is not None and item.state in ("waiting", "offered")
        opening = None if queue is None else opening_of(office.calendars[queue.calendar_id], self._clock.now())
        position, wait_s = await self._place(item, office) if waiting else (None, None)
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

    async def _office_now(self) -> "_Office":
        """Return what the office set, read again after some seconds: a caller need not hear a change at once."""
        now = self._clock.monotonic()
        if self._office is None or not 0 <= now - self._office.read_at < OFFICE_S:
            async with self._db.read() as conn:
                self._office = _Office(
                    now,
                    await text_store.all_of(conn, _LOCALE),
                    await option_store.load(conn),
                    await hours_store.load(conn),
                    await work_store.recent_handling(conn, self._clock.now() - timedelta(days=_HANDLING_DAYS)),
                )
        return self._office

    async def _place(self, item: Any, office: "_Office") -> tuple[int | None, int | None]:
        """Return the place in line (1 is next) and an honest wait in seconds; who is being offered is next."""
        now = self._clock.now()
        async with self._db.read() as conn:
            ordered = [one.item_id for one in await route.places(conn, now) if one.queue_id == item.queue_id]
            agents = await route.agent_views(conn, now)
        position = ordered.index(item.id) + 1 if item.id in ordered else 1
        _free, slots = waits.free_slots(agents, item.queue_id, Channel.phone)
        wait = waits.estimate_wait_s(position, office.handling.get(item.queue_id, ()), slots)
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
