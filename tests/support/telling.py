"""A provider's news of one call as signed webhooks, sent to the house's own routes in any order and number."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import httpx2 as httpx
from twilio.request_validator import RequestValidator

from channels.twilio_wire import label_agent
from tests.support.clock import MORNING
from tests.support.phone_stage import PhoneStage

ROOM_SID = "CF" + "1" * 32
NEWS = ("joined", "held", "resumed", "left", "leg", "ended")
"""A six-event call: its agent comes in, holds, takes up, leaves; the leg's own end; the call's."""


class Teller:
    """Sends webhooks as Twilio does: forms signed over the exact public address."""

    def __init__(self, stage: PhoneStage, client: httpx.AsyncClient) -> None:
        self._stage = stage
        self._client = client
        self._validator = RequestValidator(stage.account.auth_tokens[0])

    async def post(self, path: str, form: dict[str, str], query: dict[str, str] | None = None) -> int:
        """Send one webhook; returns the status of the answer."""
        address = f"/hooks/twilio/voice/{path}" + (f"?{urlencode(query)}" if query else "")
        url = self._stage.url + address
        told = {"AccountSid": self._stage.account.account_sid, **form}
        headers = {"x-twilio-signature": self._validator.compute_signature(url, told)}
        answer = await self._client.post(url, data=told, headers=headers)
        return answer.status_code

    async def enters(self, sid: str) -> None:
        form = {"CallSid": sid, "From": "+526620000003", "To": "+526621080000", "Direction": "inbound"}
        assert await self.post("in", {**form, "CallStatus": "ringing"}) == 200

    async def tell(self, what: str, sid: str, room: str, agent: str) -> int:
        """Tell one of `NEWS`."""
        if what == "ended":
            form = {"CallSid": sid, "From": "+526620000003", "To": "+526621080000", "CallStatus": "completed"}
            return await self.post("status", {**form, "CallDuration": "90", "Timestamp": stamp(90)})
        leg = f"{sid}-agent"
        if what == "leg":
            query = {"part": "agent", "call": room, "user": agent}
            return await self.post("leg", {"CallSid": leg, "CallStatus": "completed", "Timestamp": stamp(88)}, query)
        event, at = {
            "joined": ("participant-join", 30),
            "held": ("participant-hold", 50),
            "resumed": ("participant-unhold", 65),
            "left": ("participant-leave", 88),
        }[what]
        is_agent = what in ("joined", "left")
        form = {
            "ConferenceSid": ROOM_SID,
            "FriendlyName": room,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(NEWS.index(what) + 2),
            "CallSid": leg if is_agent else sid,
            "ParticipantLabel": label_agent(agent) if is_agent else "citizen",
            "Timestamp": stamp(at),
        }
        return await self.post("room", form)


def stamp(after_s: float, at: datetime = MORNING) -> str:
    return format_datetime(at + timedelta(seconds=after_s))


def fields_of(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
