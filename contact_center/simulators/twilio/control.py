"""The doors of the simulator that the provider has not: callers, phones, faults, the ledger, agents' devices."""

from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from contact_center.simulators.twilio import calls, placing
from contact_center.simulators.twilio.devices import Devices
from contact_center.simulators.twilio.faults import FaultPlan
from contact_center.simulators.twilio.ledger import Entry
from contact_center.simulators.twilio.model import Exchange
from contact_center.simulators.twilio.phones import Person, Phone, Phones, Step

T = TypeVar("T")


class Caller(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A citizen who calls."""

    from_: str
    to: str
    script: tuple[Step, ...] = ()
    caller_name: str = ""


def routes(x: Exchange, phones: Phones, devices: Devices) -> list[BaseRoute]:
    async def add_caller(request: Request) -> Response:
        caller = await read_body(request, Caller)
        if isinstance(caller, Response):
            return caller
        try:
            leg = placing.call_in(
                x, Person(x, caller.script), from_=caller.from_, to=caller.to, caller_name=caller.caller_name
            )
        except LookupError as error:
            return JSONResponse({"error": str(error)}, 404)
        return JSONResponse({"call_sid": leg.sid}, 201)

    async def act(request: Request) -> Response:
        step = await read_body(request, Step)
        if isinstance(step, Response):
            return step
        leg = x.calls.get(request.path_params["call"])
        if leg is None:
            return JSONResponse({"error": "no such call"}, 404)
        if step.press is not None:
            leg.keys.press(step.press)
        if step.hang_up:
            calls.hang_up(x, leg, "person")
        if step.break_line:
            calls.break_line(x, leg)
        return JSONResponse({"call_sid": leg.sid, "status": leg.ending or leg.status})

    async def set_phone(request: Request) -> Response:
        phone = await read_body(request, Phone)
        if isinstance(phone, Response):
            return phone
        phones.set(phone)
        return JSONResponse(msgspec.to_builtins(phone), 201)

    async def set_faults(request: Request) -> Response:
        if request.method == "DELETE":
            x.faults.clear()
        else:
            plan = await read_body(request, FaultPlan)
            if isinstance(plan, Response):
                return plan
            x.faults.set(plan)
        x.ledger.add("fault", plan=msgspec.to_builtins(x.faults.plan))
        return JSONResponse(msgspec.to_builtins(x.faults.plan))

    async def read_ledger(request: Request) -> Response:
        query = request.query_params
        since = query.get("since", "0")
        entries = x.ledger.since(int(since) if since.isdigit() else 0, query.get("kind", ""), query.get("call_sid", ""))
        shown = [entry_json(one) for one in entries]
        return JSONResponse({"entries": shown, "bills": x.ledger.bills, "devices": devices.identities})

    async def device(socket: WebSocket) -> None:
        await devices.serve(x, socket)

    return [
        Route("/sim/callers", add_caller, methods=["POST"]),
        Route("/sim/callers/{call}", act, methods=["POST"]),
        Route("/sim/phones", set_phone, methods=["POST"]),
        Route("/sim/faults", set_faults, methods=["POST", "DELETE"]),
        Route("/sim/ledger", read_ledger),
        Route("/sim/health", lambda _: Response(status_code=204)),
        WebSocketRoute("/sim/device", device),
    ]


async def read_body(request: Request, kind: type[T]) -> T | Response:
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.MsgspecError as error:
        return JSONResponse({"error": str(error)}, 400)


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return a ledger entry for the wire."""
    own = {"number": entry.number, "at": entry.at, "kind": entry.kind, "call_sid": entry.call_sid}
    return own | entry.data
