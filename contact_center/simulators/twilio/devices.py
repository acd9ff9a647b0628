"""Agents' devices: a socket in place of the provider's browser SDK, let in by a real access token."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import anyio
import jwt
import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from contact_center.simulators.twilio import calls, placing
from contact_center.simulators.twilio.config import Config
from contact_center.simulators.twilio.model import Exchange, Leg
from contact_center.simulators.twilio.webhooks import Params

REFUSED: Final = 4401
"""Close code of a socket whose token is of no use."""
QUEUED_FRAMES: Final = 256


class TokenRefused(Exception):
    """An access token is of no use: `code` is the one of the provider's error dictionary."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Grant(msgspec.Struct, frozen=True):
    identity: str
    may_receive: bool
    app_sid: str


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a device sends. `call_sid` may be left out while the device has one call only."""

    type: str
    call_sid: str = ""
    muted: bool = False
    digits: str = ""
    params: Params = {}


def read_token(config: Config, token: str, now: datetime) -> Grant:
    """Return what an access token grants at a moment. Raises `TokenRefused` as the provider would."""
    try:
        header = jwt.get_unverified_header(token)
        if header.get("cty") != "twilio-fpa;v=1":
            raise TokenRefused(20102, "Invalid access token header")
        claims: dict[str, Any] = jwt.decode(
            token,
            config.api_key_secret,
            algorithms=["HS256"],
            options={"require": ["exp", "iss", "sub"], "verify_exp": False, "verify_nbf": False},
        )
    except jwt.InvalidSignatureError as error:
        raise TokenRefused(20107, "Invalid access token signature") from error
    except jwt.InvalidTokenError as error:
        raise TokenRefused(20101, "Invalid access token") from error
    _check_times(claims, now.timestamp())
    if claims["iss"] != config.api_key_sid or claims["sub"] != config.account_sid:
        raise TokenRefused(20103, "Invalid access token issuer/subject")
    grants = claims.get("grants", {})
    voice, identity = grants.get("voice"), grants.get("identity")
    if not isinstance(voice, dict) or not isinstance(identity, str) or not identity:
        raise TokenRefused(20106, "Invalid access token grants")
    return Grant(
        identity=identity,
        may_receive=bool(voice.get("incoming", {}).get("allow")),
        app_sid=str(voice.get("outgoing", {}).get("application_sid", "")),
    )


def _present(x: Exchange) -> datetime:
    """Tokens are made by the real clock, unless the house was begun at another moment together with us."""
    return x.now() if x.config.start is not None else datetime.now(UTC)  # noqa: TID251 - the clock of this process


def _check_times(claims: dict[str, Any], now_s: float) -> None:
    expires, begins = claims["exp"], claims.get("nbf", 0)
    if not isinstance(expires, int | float) or expires <= now_s:
        raise TokenRefused(20104, "Access token expired or expiration date invalid")
    if not isinstance(begins, int | float) or begins > now_s:
        raise TokenRefused(20105, "Access token not yet valid")


class Device:
    """One open socket of an agent."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.legs: dict[str, Leg] = {}
        self._send, self.frames = anyio.create_memory_object_stream[dict[str, Any]](QUEUED_FRAMES)

    def send(self, type: str, **data: Any) -> None:
        """Queue a frame; a device that does not read its frames loses them, as over a bad line."""
        try:
            self._send.send_nowait({"type": type, **data})
        except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return

    def close(self) -> None:
        self._send.close()
        self.frames.close()


class DeviceLine:
    """A line to whoever has one of the identity's devices open. The first to accept has the call."""

    def __init__(self, x: Exchange, devices: "Devices", identity: str) -> None:
        self._x = x
        self._devices = devices
        self._identity = identity
        self._ringing: list[Device] = []
        self._answer = anyio.Event()
        self._device: Device | None = None
        self._rejected = 0

    async def ring(self, leg: Leg, ringing: Callable[[], None]) -> str:
        self._ringing = [one for one in self._devices.of(self._identity) if one.grant.may_receive]
        if not self._ringing:
            return "no-answer"
        ringing()
        for device in self._ringing:
            device.legs[leg.sid] = leg
            device.send(
                "incoming",
                call_sid=leg.sid,
                parameters={
                    "CallSid": leg.sid,
                    "From": leg.from_,
                    "To": leg.to,
                    "AccountSid": self._x.config.account_sid,
                },
                custom_parameters=leg.custom,
            )
        await self._answer.wait()
        return "answered" if self._device is not None else "busy"

    def accept(self, device: Device) -> None:
        if self._device is None:
            self._device = device
            self._answer.set()

    def reject(self, leg: Leg, device: Device) -> None:
        device.legs.pop(leg.sid, None)
        self._rejected += 1
        if self._rejected >= len(self._ringing):
            self._answer.set()

    def connected(self, leg: Leg) -> None:
        for device in self._ringing:
            if device is self._device:
                device.send("connected", call_sid=leg.sid)
            elif device.legs.pop(leg.sid, None) is not None:
                device.send("disconnected", call_sid=leg.sid, reason="answered_elsewhere")

    def ended(self, leg: Leg) -> None:
        reason = "completed" if leg.answered_at is not None else "canceled"
        for device in self._ringing:
            if device.legs.pop(leg.sid, None) is not None:
                device.send("disconnected", call_sid=leg.sid, reason=reason)


class OwnLine:
    """The line of a device that makes a call."""

    def __init__(self, device: Device) -> None:
        self._device = device

    async def ring(self, leg: Leg, ringing: Callable[[], None]) -> str:
        return "failed"

    def connected(self, leg: Leg) -> None:
        self._device.send("connected", call_sid=leg.sid)

    def ended(self, leg: Leg) -> None:
        if self._device.legs.pop(leg.sid, None) is not None:
            self._device.send("disconnected", call_sid=leg.sid, reason=leg.status)


class Devices:
    """All open devices, by identity."""

    def __init__(self) -> None:
        self._open: list[Device] = []

    def of(self, identity: str) -> list[Device]:
        return [one for one in self._open if one.grant.identity == identity]

    @property
    def identities(self) -> list[str]:
        return sorted({one.grant.identity for one in self._open})

    async def serve(self, x: Exchange, socket: WebSocket) -> None:
        """Speak with one device until it goes."""
        await socket.accept()
        try:
            grant = read_token(x.config, socket.query_params.get("token", ""), _present(x))
        except TokenRefused as error:
            x.ledger.add("device", event="refused", code=error.code)
            await socket.send_json({"type": "error", "code": error.code, "message": str(error)})
            await socket.close(REFUSED)
            return
        device = Device(grant)
        self._open.append(device)
        x.ledger.add("device", event="registered", identity=grant.identity)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._write, device, socket)
                device.send("ready", identity=grant.identity)
                await self._read(x, device, socket)
                tasks.cancel_scope.cancel()
        finally:
            self._open.remove(device)
            x.ledger.add("device", event="gone", identity=grant.identity)
            for leg in list(device.legs.values()):
                if leg.answered_at is not None or isinstance(leg.line, OwnLine):
                    calls.hang_up(x, leg, f"client:{grant.identity}")
                elif isinstance(leg.line, DeviceLine):
                    leg.line.reject(leg, device)
            device.close()

    async def _write(self, device: Device, socket: WebSocket) -> None:
        async for frame in device.frames:
            await socket.send_json(frame)

    async def _read(self, x: Exchange, device: Device, socket: WebSocket) -> None:
        while True:
            try:
                frame = msgspec.json.decode(await socket.receive_text(), type=Frame)
            except WebSocketDisconnect:
                return
            except msgspec.MsgspecError as error:
                device.send("error", code=31000, message=str(error))
                continue
            x.ledger.add("device", frame.call_sid, identity=device.grant.identity, frame=msgspec.to_builtins(frame))
            self._obey(x, device, frame)

    def _obey(self, x: Exchange, device: Device, frame: Frame) -> None:
        if frame.type == "connect":
            self._connect(x, device, frame.params)
            return
        leg = device.legs.get(frame.call_sid) if frame.call_sid else next(iter(device.legs.values()), None)
        if leg is None:
            device.send("error", code=31005, message="No such call", call_sid=frame.call_sid)
            return
        match frame.type:
            case "accept" if isinstance(leg.line, DeviceLine):
                leg.line.accept(device)
            case "reject" if isinstance(leg.line, DeviceLine) and leg.answered_at is None:
                leg.line.reject(leg, device)
            case "hang_up":
                calls.hang_up(x, leg, f"client:{device.grant.identity}")
            case "mute":
                # As in the SDK, the device itself is silent: the provider's participant is not muted.
                device.send("muted", call_sid=leg.sid, muted=frame.muted)
            case "digits":
                leg.keys.press(frame.digits)
            case _:
                device.send("error", code=31000, message=f"Not now: {frame.type}", call_sid=leg.sid)

    def _connect(self, x: Exchange, device: Device, params: Params) -> None:
        if device.grant.app_sid != x.config.app_sid:
            device.send("error", code=31202, message="The token grants no outgoing calls")
            return
        line = OwnLine(device)
        leg = placing.connect(x, line, identity=device.grant.identity, app_sid=device.grant.app_sid, params=params)
        device.legs[leg.sid] = leg
        device.send("connecting", call_sid=leg.sid)
