"""A house in memory for the voice channel alone: it keeps facts, folds calls, and answers as a test says."""

from dataclasses import dataclass, field

from contact_center.errors import Missing, Unavailable
from contact_center.ports import CallReport, FolioSaid, LineView, RecordingReport
from contact_center.rules.calls import CallFacts, EventKind, Fact, fold
from contact_center.rules.identity import normalise
from contact_center.rules.model import Direction

AGENT = "01a0c000-0000-7000-8000-000000000001"
COLLEAGUE = "01a0c000-0000-7000-8000-000000000002"
SUPERVISOR = "01a0c000-0000-7000-8000-000000000003"


@dataclass
class KnownCall:
    id: str
    provider_call_id: str
    direction: str
    number: str
    line: str
    facts: dict[str, Fact] = field(default_factory=dict)
    taken: bool = False
    """Somebody accepted the call and is being called."""

    def fold(self) -> CallFacts:
        return fold(Direction(self.direction), self.facts.values())

    def kinds(self) -> list[str]:
        return [one.kind.value for one in self.facts.values()]


@dataclass
class Door:
    """A `ports.VoiceDoor`."""

    is_open: bool = True
    recording: bool = False
    position: int | None = 2
    wait_s: int | None = 240
    folios: dict[tuple[str, str], str] = field(default_factory=dict)
    is_down: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    calls: dict[str, KnownCall] = field(default_factory=dict)
    reports: list[CallReport] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    recordings: dict[str, RecordingReport] = field(default_factory=dict)

    async def report(self, report: CallReport) -> None:
        await self.answer(report)

    async def answer(self, report: CallReport) -> LineView:
        if self.is_down:
            raise Unavailable
        self.reports.append(report)
        call = self.find(report.provider_call_id) or self.calls.get(report.room or "")
        if call is None:
            if not report.provider_call_id:
                raise Missing
            call = self.add(report.provider_call_id, report.direction, report.number, report.line)
        call.provider_call_id = call.provider_call_id or report.provider_call_id
        for one in report.facts:
            call.facts.setdefault(one.key, one)
        return self.view(call)

    def add(self, sid: str, direction: str, number: str, line: str) -> KnownCall:
        call = KnownCall(f"call-{len(self.calls) + 1}", sid, direction, number, line)
        self.calls[call.id] = call
        return call

    def find(self, sid: str) -> KnownCall | None:
        return next((one for one in self.calls.values() if sid and one.provider_call_id == sid), None)

    async def look(self, provider: str, provider_call_id: str) -> LineView | None:
        if self.is_down:
            raise Unavailable
        call = self.find(provider_call_id)
        return None if call is None else self.view(call)

    async def say_folio(self, provider: str, provider_call_id: str, number: str, last4: str) -> FolioSaid:
        self.asked.append((number, last4))
        text = self.folios.get((number, last4))
        if text is None:
            return FolioSaid("No encontramos un folio con esos datos.", False, len(self.asked) >= 3)
        return FolioSaid(text, True, False)

    async def keep_recording(self, report: RecordingReport) -> None:
        if self.is_down:
            raise Unavailable
        self.recordings.setdefault(report.provider_id, report)

    def view(self, call: KnownCall) -> LineView:
        known = call.fold() if call.facts else None
        kinds = {one.kind for one in call.facts.values()}
        spoken = known is not None and any(one.left is None for one in known.agents)
        return LineView(
            call.id,
            "dialling" if known is None else known.state.value,
            self.is_open,
            self.position,
            self.wait_s,
            normalise(call.number).kind.is_callable,
            self.recording,
            EventKind.queued in kinds and not call.taken and not spoken,
            self.texts,
        )

    def only(self) -> KnownCall:
        (call,) = self.calls.values()
        return call


def facts_of(door: Door, kind: EventKind) -> list[Fact]:
    return [one for call in door.calls.values() for one in call.facts.values() if one.kind is kind]
