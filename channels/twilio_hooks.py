"""Twilio's voice webhooks: what callers, agents' devices and the provider itself ask of us and tell us.

Each request is believed only with Twilio's signature, and answered only after what it says was committed (PROMISES
P8). When the house cannot take it the answer is 503: a caller then comes to `fallback`, which needs no house, hears an
apology and can leave a message. Nothing of a form or an address is ever logged.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import anyio
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels import twilio_wire as wire
from channels import twiml
from channels.twilio_orders import Orders, label_of
from channels.twilio_rest import Account, Rest
from channels.twilio_tone import tone
from contact_center.errors import ContactCenterError, Invalid, Missing, ProviderError, Unavailable
from contact_center.ports import CallReport, Clock, LineView, VoiceDoor
from contact_center.rules import ivr, ivr_steps
from contact_center.rules.calls import CallState, EventKind, Fact
from contact_center.rules.ivr_steps import Place, State

ANSWER_S: Final = 8.0
"""How long an answer may take; the provider gives up after 15 s, and its fallback wants its own time (PROMISES P8)."""
REDIRECT_S: Final = 4.0
HOPS: Final = 8
"""Steps of the menu one request may lead through."""

Form = wire.Form
Endpoint = Callable[[Request, Form], Awaitable[str | None]]
log = structlog.get_logger(__name__)


class Hooks:
    """The webhook routes of one account."""

    def __init__(
        self, account: Account, site: twiml.Site, rest: Rest, orders: Orders, door: VoiceDoor, clock: Clock
    ) -> None:
        self._account = account
        self._site = site
        self._rest = rest
        self._orders = orders
        self._door = door
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes, all of them below /hooks/twilio/voice."""
        doors: dict[str, Endpoint] = {
            "in": self._call_came,
            "step": self._step,
            "agent": self._leg_answered,
            "music": self._music,
            "fallback": self._fallback,
            "status": self._status,
            "leg": self._leg,
            "room": self._room,
            "machine": self._machine,
            "recording": self._recording,
        }
        posts = [
            Route(
                f"{twiml.BASE}/{name}", partial(self._answer, endpoint), methods=["POST"], name=f"twilio-voice-{name}"
            )
            for name, endpoint in doors.items()
        ]
        return [*posts, Route(f"{twiml.BASE}/tone.wav", _tone, methods=["GET"], name="twilio-voice-tone")]

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        """Check who asks, let the endpoint answer in time, and put its document into a response."""
        try:
            with anyio.fail_after(ANSWER_S):
                form = await self._read(request)
                document = await endpoint(request, form)
        except TimeoutError as error:
            log.warning("hook_too_slow", path=request.url.path)
            raise Unavailable from error
        except ContactCenterError as error:
            log.warning("hook_refused", path=request.url.path, code=error.code, status=error.status)
            raise
        if document is None:
            return Response(status_code=204)
        return Response(document, media_type="text/xml")

    async def _read(self, request: Request) -> Form:
        form = wire.read_form(request.headers.get("content-type", ""), await request.body())
        raw = request.scope.get("raw_path") or request.scope["path"].encode()
        query = request.scope.get("query_string", b"")
        url = self._site.public_url + (raw + (b"?" + query if query else b"")).decode("ascii", "replace")
        signature = request.headers.get("x-twilio-signature", "")
        wire.check_signed(self._account.auth_tokens, self._account.account_sid, url, form, signature)
        return form

    # --- callers ---

    async def _call_came(self, request: Request, form: Form) -> str:
        view = await self._door.answer(wire.came_in(_of_call(form), (wire.entered(self._clock.now()),)))
        return await self._walk(form, ivr.begin(), None, view)

    async def _step(self, request: Request, form: Form) -> str:
        query = request.query_params
        try:
            state = State.read(query)
        except ValueError as error:
            raise Invalid("bad_state") from error
        sid = _of_call(form)["CallSid"]
        view = await self._door.look(wire.PROVIDER, sid)
        if view is None:  # the first request never reached the house, and this one does
            view = await self._door.answer(wire.came_in(form, (wire.entered(self._clock.now()),)))
        event = self._event(form, silent=query.get("s") == "1")
        if state.place is Place.line and not view.waiting and state.lost and await self._orders.has_agent(view.call_id):
            event = ivr_steps.AgentThere()
        return await self._walk(form, state, event, view)

    @staticmethod
    def _event(form: Form, *, silent: bool) -> ivr_steps.Event:
        if form.get("RecordingSid"):
            seconds = form.get("RecordingDuration", "")
            return ivr_steps.Recorded(form["RecordingSid"], int(seconds) if seconds.isdecimal() else 0)
        if form.get("Digits"):
            return ivr_steps.Keys(form["Digits"][:40])
        if silent or "Digits" in form:
            return ivr_steps.Silence()
        return None

    async def _walk(self, form: Form, state: State, event: ivr_steps.Event, view: LineView) -> str:
        """Go through the menu until there is something to say. Facts are stored before anything is said of them."""
        for _ in range(HOPS):
            turn = ivr.step(state, event, _line(view))
            if turn.facts:
                view = await self._door.answer(self._citizen_says(form, view, turn.facts))
            if turn.question is not None:
                asked = turn.question
                said = await self._door.say_folio(wire.PROVIDER, form["CallSid"], asked.folio, asked.last4)
                event = ivr_steps.Told(said.text, said.found, said.locked)
            elif turn.steps:
                return twiml.render(self._site, turn.steps, call_id=view.call_id)
            else:
                event = None
            state = turn.state
        raise AssertionError("the menu goes in circles")

    def _citizen_says(self, form: Form, view: LineView, noted: tuple[ivr_steps.Noted, ...]) -> CallReport:
        now = self._clock.now()
        facts = tuple(Fact(one.key, one.kind, now, False, data=one.data) for one in noted)
        outbound = form.get("Direction", "inbound").startswith("outbound")
        return wire.went_out(form, view.call_id, facts) if outbound else wire.came_in(form, facts)

    async def _fallback(self, request: Request, form: Form) -> str:
        """Our own step failed: apologise and take a message, without the house. It is told when it can be."""
        if request.query_params.get("said") != "1":
            log.error("hook_fell_back", provider_code=form.get("ErrorCode", "")[:10])
            return twiml.apology(self._site)
        try:
            with anyio.fail_after(ANSWER_S / 2):
                facts = [wire.entered(self._clock.now())]
                if form.get("RecordingSid"):
                    facts.append(wire.message_left(form["RecordingSid"], 0, self._clock.now()))
                await self._door.report(wire.came_in(_of_call(form), tuple(facts)))
        except (ContactCenterError, TimeoutError):  # the provider's lists have both the call and the recording
            log.warning("fallback_not_told")
        return twiml.say_and_hang_up(self._site, "voz_buzon_gracias")

    async def _music(self, request: Request, form: Form) -> str:
        return twiml.music(self._site)

    # --- agents' devices, and people outside ---

    async def _leg_answered(self, request: Request, form: Form) -> str:
        """A leg of ours was answered: bring it, and who it was called for, into the call's room.

        Asked again after a failure (`again`) it does without the house; what it would have told comes from the room.
        """
        query, form = request.query_params, _of_call(form)
        call_id, part, user = query.get("call", ""), query.get("part", ""), query.get("user", "")
        if not call_id or part not in ("agent", "dial", "consult"):
            raise Invalid("bad_leg")
        if part == "agent" and not await self._bring(query.get("caller", ""), call_id):
            return twiml.say_and_hang_up(self._site, "voz_colgo")
        label = label_of(part, user, query.get("consult", ""))
        if query.get("again") != "1":
            key, leg = f"answered_leg:{form['CallSid']}", form["CallSid"]
            joined = wire.Label(label).fact(key, EventKind.joined, self._clock.now(), False, leg)
            view = await self._door.answer(wire.in_room(call_id, (joined,)))
            if not CallState(view.state).is_open:
                return twiml.say_and_hang_up(self._site, "voz_colgo")
        if part == "dial" and not await self._call_citizen(call_id, query.get("to", ""), query.get("from", "")):
            return twiml.say_and_hang_up(self._site, "voz_no_marcado")
        return twiml.leg_joins(self._site, call_id, label)

    async def _bring(self, caller: str, call_id: str) -> bool:
        """Bring a caller who waits into the room; False when they are gone.

        When nobody knows whether it worked the agent goes in: the caller's own next request finds them there.
        """
        after = State(Place.after, turn=1)
        form = {
            "Twiml": twiml.citizen_joins(self._site, call_id, after),
            "FallbackUrl": self._site.url("fallback"),
        }
        try:
            with anyio.fail_after(REDIRECT_S):
                await self._rest.post(f"Calls/{caller}.json", form)
        except TimeoutError:
            log.warning("caller_not_brought", code="uncertain")
        except ProviderError as error:
            if error.code == "call_over":
                return False
            log.warning("caller_not_brought", code=error.code)
        return True

    async def _call_citizen(self, call_id: str, to: str, line: str) -> bool:
        """Call the citizen of a call of ours; False, and the call is over, when the provider will not."""
        try:
            with anyio.fail_after(REDIRECT_S):
                await self._orders.call_citizen(call_id, to, line)
        except TimeoutError:
            log.warning("citizen_not_called", code="uncertain")
        except ProviderError as error:
            log.warning("citizen_not_called", code=error.code)
            if error.code == "uncertain":
                return True
            how = "out_of_service" if error.code == "number_invalid" else "failed"
            ended = Fact("ended:refused", EventKind.ended, self._clock.now(), data={"how": how, "by": "system"})
            await self._door.report(wire.in_room(call_id, (ended,)))
            return False
        return True

    # --- news ---

    async def _status(self, request: Request, form: Form) -> None:
        await self._door.report(wire.inbound_status(_of_call(form), self._clock.now()))

    async def _leg(self, request: Request, form: Form) -> None:
        query, form, now = request.query_params, _of_call(form), self._clock.now()
        call_id, part = query.get("call", ""), query.get("part", "")
        if part == "citizen":
            await self._door.report(wire.outbound_status(form, call_id, now))
            return
        label = wire.Label(label_of(part, query.get("user", ""), query.get("consult", "")))
        report = wire.leg_status(form, call_id, label, now)
        if report.facts:
            await self._door.report(report)

    async def _room(self, request: Request, form: Form) -> None:
        report = wire.room_event(form, self._clock.now())
        if report is not None:
            await self._told(report)

    async def _machine(self, request: Request, form: Form) -> None:
        report = wire.machine_answered(_of_call(form), request.query_params.get("call", ""), self._clock.now())
        if report is not None:
            await self._told(report)

    async def _told(self, report: CallReport) -> None:
        try:
            await self._door.report(report)
        except Missing:  # a room of somebody else's making: nothing of ours, and no use in sending it again
            log.warning("hook_of_no_call")

    async def _recording(self, request: Request, form: Form) -> None:
        """A recording can be fetched. A voicemail whose call we never heard of brings its call along."""
        kind = "voicemail" if request.query_params.get("kind") == "voicemail" else "recording"
        made = wire.recording_made(form, kind)
        if made is None:
            return
        if kind == "voicemail":
            left = wire.message_left(made.provider_id, made.seconds, self._clock.now())
            known = await self._door.look(wire.PROVIDER, made.provider_call_id)
            call = form if known is not None else {**form, **await self._from_and_to(made.provider_call_id)}
            await self._door.report(wire.came_in(_of_call(call), (left,)))
        await self._door.keep_recording(made)

    async def _from_and_to(self, sid: str) -> dict[str, str]:
        row = await self._rest.get(f"Calls/{sid}.json")
        return {"From": str(row.get("from", "")), "To": str(row.get("to", ""))}


def _line(view: LineView) -> ivr_steps.Line:
    return ivr_steps.Line(
        CallState(view.state),
        view.is_open,
        view.waiting,
        view.has_number,
        view.recording,
        view.position,
        view.wait_s,
        view.texts,
    )


def _of_call(form: Form) -> Form:
    """Return a form that is about a call. Raises Invalid."""
    if not form.get("CallSid"):
        raise Invalid("bad_form")
    return form


async def _tone(request: Request) -> Response:
    return Response(tone(), media_type="audio/wav", headers={"cache-control": "public, max-age=86400"})
