"""What the house orders of its calls, as requests to Twilio's API.

Each of these sends every POST at most once. Where an order needs two, the first is such that doing it again changes
nothing, so that an order that surely did not come to its end may be sent again as a whole.

The room of a call is a conference named by our own call id. An agent's device is called first and the caller is brought
in when it answers (`twilio_voice`): whoever waits hears nothing of a device that does not answer.
"""

from collections import OrderedDict
from typing import Any, Final
from urllib.parse import urlencode

from channels.twilio_rest import Account, Rest
from channels.twilio_wire import (
    CITIZEN,
    Label,
    identity_of,
    label_agent,
    label_consulted,
    label_listener,
)
from channels.twiml import Site
from contact_center.errors import ProviderError
from contact_center.ports import VoiceOrder
from contact_center.rules.calls import OrderKind
from contact_center.rules.identity import PhoneKind, normalise
from contact_center.rules.ivr_steps import Place, State

DEVICE_RINGS_S: Final = 20
PHONE_RINGS_S: Final = 45
LABEL_TAKEN: Final = 16025
LEG_EVENTS: Final = ["initiated", "ringing", "answered", "completed"]
_RINGING: Final = ("queued", "ringing")
DEVICES_KEPT: Final = 2_000
"""Device legs remembered by call, for a call that is given up before anybody answered."""


class Orders:
    """The orders of one account."""

    def __init__(self, account: Account, site: Site, rest: Rest) -> None:
        self._account = account
        self._site = site
        self._rest = rest
        self._devices: OrderedDict[str, str] = OrderedDict()

    async def perform(self, order: VoiceOrder) -> str:
        """Do one order; returns the provider's id of what it made, or nothing. Raises ProviderError."""
        match order.kind:
            case OrderKind.bridge:
                return await self._call_device(order, "agent", caller=self._citizen(order))
            case OrderKind.dial:
                self.check_may_dial(order.number or "")
                await self._call_device(order, "dial", to=order.number or "")
                return ""  # the call is known by the citizen's leg, which is made when the device answers
            case OrderKind.hold:
                return await self._hold(order, True)
            case OrderKind.resume:
                return await self._hold(order, False)
            case OrderKind.hang_up:
                return await self._hang_up(order)
            case OrderKind.requeue:
                return await self._requeue(order)
            case OrderKind.consult:
                return await self._consult(order)
            case OrderKind.join_all:
                return await self._join_all(order)
            case OrderKind.drop_leg:
                return await self._drop_leg(order)
            case OrderKind.listen:
                return await self._listen(order)
            case _:
                return await self._record(order)

    # --- calling somebody ---

    async def _call_device(self, order: VoiceOrder, part: str, /, **more: str) -> str:
        user = str(order.data["user"])
        device = f"client:{identity_of(user)}?" + urlencode({"call": order.call_id})
        known = {"call": order.call_id, "user": user, **more}
        sid = await self._call(order, device, part, DEVICE_RINGS_S, **known)
        self._devices[order.call_id] = sid
        if len(self._devices) > DEVICES_KEPT:
            self._devices.popitem(last=False)
        return sid

    async def _call(self, order: VoiceOrder, address: str, part: str, rings_s: int, /, **known: str) -> str:
        """Call a leg of ours; what it is for travels in the addresses it asks."""
        line = self._line(order)
        if part == "dial":
            known["from"] = line
        form: dict[str, str | list[str]] = {
            "To": address,
            "From": line,
            "Url": self._site.url("agent", part=part, **known),
            "FallbackUrl": self._site.url("agent", part=part, **known, again="1"),
            "StatusCallback": self._site.told(
                "leg", part=part, call=known["call"], user=known.get("user", ""), consult=known.get("consult", "")
            ),
            "StatusCallbackEvent": ["completed"],
            "Timeout": str(rings_s),
        }
        return str((await self._rest.post("Calls.json", form)).get("sid", ""))

    async def call_citizen(self, call_id: str, to: str, line: str) -> str:
        """Call the citizen into a room whose agent is there and hears it ring. Raises ProviderError."""
        self.check_may_dial(to)
        form: dict[str, str | list[str]] = {
            "To": to,
            "From": line,
            "Label": CITIZEN,
            "EarlyMedia": "true",
            "Beep": "false",
            "EndConferenceOnExit": "true",
            "Timeout": str(PHONE_RINGS_S),
            "StatusCallback": self._site.told("leg", part="citizen", call=call_id),
            "StatusCallbackEvent": LEG_EVENTS,
            "ConferenceStatusCallback": self._site.told("room"),
            "ConferenceStatusCallbackEvent": ["start", "end", "join", "leave", "hold"],
            "MachineDetection": "Enable",
            "AmdStatusCallback": self._site.told("machine", call=call_id),
        }
        try:
            made = await self._rest.post(f"Conferences/{call_id}/Participants.json", form)
        except ProviderError as error:
            if error.data.get("provider_code") == LABEL_TAKEN:  # asked before: the citizen is being called
                return ""
            raise
        return str(made.get("call_sid", ""))

    def check_may_dial(self, number: str) -> None:
        """Raise ProviderError for a number that must never be called (PROMISES S16), whoever asks."""
        phone = normalise(number)
        if phone.e164 is None or phone.kind in (PhoneKind.invalid, PhoneKind.anonymous):
            raise ProviderError("number_invalid", retryable=False)
        if phone.kind in (PhoneKind.premium, PhoneKind.satellite):
            raise ProviderError("number_blocked", retryable=False)
        if not phone.e164.startswith(self._account.dial_prefixes):
            raise ProviderError("number_abroad", retryable=False)

    async def _consult(self, order: VoiceOrder) -> str:
        await self._hold(order, True)
        user, number = str(order.data.get("user") or ""), str(order.data.get("number") or "")
        if number:
            self.check_may_dial(number)
        try:
            if user:
                return await self._call_device(order, "consult", consult=order.id)
            return await self._call(order, number, "consult", PHONE_RINGS_S, call=order.call_id, consult=order.id)
        except ProviderError as error:
            if not error.retryable and error.code != "uncertain":
                await self._hold(order, False)  # nobody will be asked: the citizen does not wait for it
            raise

    async def _listen(self, order: VoiceOrder) -> str:
        user, how = str(order.data["user"]), str(order.data.get("how", "listen"))
        room, legs = await self._legs(order)
        agent = self._agent(legs, str(order.data.get("agent") or ""))
        if agent is None:
            raise ProviderError("call_over", retryable=False)
        heard: dict[str, str | list[str]] = {"Muted": str(how == "listen").lower()}
        if how == "whisper":
            heard |= {"Coaching": "true", "CallSidToCoach": agent}
        label = label_listener(user)
        mine = next((leg["call_sid"] for leg in legs if leg.get("label") == label), None)
        if mine is not None:
            heard.setdefault("Coaching", "false")
            await self._rest.post(f"Conferences/{room}/Participants/{mine}.json", heard)
            return str(mine)
        form: dict[str, str | list[str]] = {
            "To": f"client:{identity_of(user)}?" + urlencode({"call": order.call_id, "how": how}),
            "From": self._line(order),
            "Label": label,
            "Beep": "false",
            "EndConferenceOnExit": "false",
            "Timeout": str(DEVICE_RINGS_S),
            "StatusCallback": self._site.told("leg", part="listen", call=order.call_id, user=user),
            "StatusCallbackEvent": ["completed"],
            **heard,
        }
        return str((await self._rest.post(f"Conferences/{room}/Participants.json", form)).get("call_sid", ""))

    # --- those who are in the room ---

    async def _hold(self, order: VoiceOrder, hold: bool) -> str:
        room = await self._room(order)
        form: dict[str, str | list[str]] = {"Hold": str(hold).lower()}
        if hold:
            form |= {"HoldUrl": self._site.url("music"), "HoldMethod": "POST"}
        await self._rest.post(f"Conferences/{room}/Participants/{CITIZEN}.json", form)
        return ""

    async def _join_all(self, order: VoiceOrder) -> str:
        room, legs = await self._legs(order)
        for leg in legs:
            if leg.get("hold"):
                await self._rest.post(f"Conferences/{room}/Participants/{leg['call_sid']}.json", {"Hold": "false"})
        return ""

    async def _drop_leg(self, order: VoiceOrder) -> str:
        """Take somebody out, in the room or still ringing. Nobody there to take out is done."""
        try:
            room, legs = await self._legs(order)
        except ProviderError as error:
            if error.code != "call_over":
                raise
            room, legs = "", []
        gone = [str(leg["call_sid"]) for leg in legs if self._is_meant(leg, order)]
        for sid in gone or await self._ringing(order):
            await self._end(sid)
        stay = [(leg, Label(str(leg.get("label") or ""))) for leg in legs if str(leg["call_sid"]) not in gone]
        outside = [leg for leg, label in stay if label.part == "consult" and label.user_id is None]
        if outside and not any(label.speaks_for_house and label.user_id for _, label in stay):
            # Ours is over: who it was passed on to ends the call by hanging up, as the citizen does.
            ends = {"EndConferenceOnExit": "true"}
            await self._rest.post(f"Conferences/{room}/Participants/{outside[0]['call_sid']}.json", ends)
        return ""

    def _is_meant(self, leg: dict[str, Any], order: VoiceOrder) -> bool:
        label = Label(str(leg.get("label") or ""))
        if order.data.get("leg"):
            return bool(leg["call_sid"] == order.data["leg"])
        if order.data.get("user"):
            return label.user_id == order.data["user"] and label.is_listener == bool(order.data.get("listens"))
        return label.part == "consult" and label.user_id is None

    async def _ringing(self, order: VoiceOrder) -> list[str]:
        """Return the legs that still ring for whom an order means: they are in no room yet."""
        user, number = order.data.get("user"), order.data.get("number")
        target = f"client:{identity_of(str(user))}" if user else str(number or "")
        if not target:
            return []
        found: list[str] = []
        for status in _RINGING:
            rows = [one async for one in self._rest.pages("Calls.json", "calls", {"Status": status})]
            found += [str(row["sid"]) for row in rows if str(row.get("to", "")).partition("?")[0] == target]
        return found

    # --- the whole call ---

    async def _hang_up(self, order: VoiceOrder) -> str:
        """End the citizen's leg and the room with everybody in it. A call that is over is done."""
        if order.provider_call_id:
            await self._end(order.provider_call_id)
        try:
            room = await self._room(order)
            await self._rest.post(f"Conferences/{room}.json", {"Status": "completed"})
        except ProviderError as error:
            if error.code != "call_over":
                raise
            if not order.provider_call_id:  # the device rings, nobody else was called yet
                device = self._devices.get(order.call_id)
                for sid in [device] if device else await self._ringing(order):
                    await self._end(sid)
        return ""

    async def _end(self, sid: str) -> None:
        try:
            await self._rest.post(f"Calls/{sid}.json", {"Status": "completed"})
        except ProviderError as error:
            if error.code != "call_over":
                raise

    async def _requeue(self, order: VoiceOrder) -> str:
        back = State(Place.back, turn=1)
        form = {
            "Url": self._site.step(back, call=order.call_id),
            "Method": "POST",
            "FallbackUrl": self._site.url("fallback"),
        }
        await self._rest.post(f"Calls/{self._citizen(order)}.json", form)
        return ""

    async def _record(self, order: VoiceOrder) -> str:
        path = f"Calls/{self._citizen(order)}/Recordings"
        if order.kind is OrderKind.record:
            made = await self._rest.post(
                f"{path}.json",
                {
                    "RecordingStatusCallback": self._site.told("recording", kind="recording", call=order.call_id),
                    "RecordingStatusCallbackEvent": ["completed"],
                },
            )
            return str(made.get("sid", ""))
        status = {
            OrderKind.pause_recording: {"Status": "paused", "PauseBehavior": "skip"},
            OrderKind.resume_recording: {"Status": "in-progress"},
            OrderKind.stop_recording: {"Status": "stopped"},
        }[order.kind]
        return str((await self._rest.post(f"{path}/Twilio.CURRENT.json", status)).get("sid", ""))

    # --- finding ---

    def _line(self, order: VoiceOrder) -> str:
        """Return the number of ours a call is made from. Raises ProviderError when there is none."""
        if order.line and order.line in self._account.numbers:
            return order.line
        if not self._account.numbers:
            raise ProviderError("line_invalid", retryable=False)
        return self._account.numbers[0]

    def _citizen(self, order: VoiceOrder) -> str:
        if not order.provider_call_id:
            raise ProviderError("call_over", retryable=False)
        return order.provider_call_id

    async def _room(self, order: VoiceOrder) -> str:
        """Return the provider's id of the call's running conference. Raises ProviderError `call_over`."""
        for status in ("in-progress", "init"):
            query = {"FriendlyName": order.call_id, "Status": status}
            found = (await self._rest.get("Conferences.json", query)).get("conferences") or []
            if found:
                return str(found[0]["sid"])
        raise ProviderError("call_over", retryable=False)

    async def _legs(self, order: VoiceOrder) -> tuple[str, list[dict[str, Any]]]:
        room = await self._room(order)
        legs = [one async for one in self._rest.pages(f"Conferences/{room}/Participants.json", "participants", {})]
        return room, legs

    def _agent(self, legs: list[dict[str, Any]], user_id: str) -> str | None:
        labels = [(leg, Label(str(leg.get("label") or ""))) for leg in legs]
        speaking = [(leg, label) for leg, label in labels if label.speaks_for_house and label.user_id]
        mine = [leg for leg, label in speaking if label.user_id == user_id]
        first = mine or [leg for leg, _ in speaking]
        return str(first[0]["call_sid"]) if first else None

    async def has_agent(self, call_id: str) -> bool:
        """Say whether an agent is in a call's room: for a caller who should be there and is not."""
        order = VoiceOrder("", OrderKind.bridge, call_id, None, None, None, None, {})
        try:
            _, legs = await self._legs(order)
        except ProviderError:
            return False
        return self._agent(legs, "") is not None


def label_of(part: str, user_id: str, order_id: str) -> str:
    """Return the label of a leg that was called for a part."""
    if part == "consult":
        return label_consulted(user_id, order_id)
    return label_listener(user_id) if part == "listen" else label_agent(user_id)
