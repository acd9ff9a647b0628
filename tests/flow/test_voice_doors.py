"""The voice webhooks' doors: whom they believe, what they refuse, and what a caller hears when the house fails."""

import functools
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from channels import twiml
from contact_center.errors import ProviderError
from contact_center.rules.calls import CallState, EventKind, OrderKind
from tests.support.twilio_stage import CITIZEN, OFFICE
from tests.support.voice_door import AGENT, Door
from tests.support.voice_stage import VoiceStage, on_voice_stage, voice_staged

KIND = "application/x-www-form-urlencoded; charset=UTF-8"
SID = "CA" + "7" * 32


def form_of(stage: VoiceStage, **more: str) -> dict[str, str]:
    base = {"AccountSid": stage.account.account_sid, "CallSid": SID, "From": CITIZEN, "To": OFFICE}
    return {**base, "CallStatus": "ringing", "Direction": "inbound", **more}


async def post(
    stage: VoiceStage,
    path: str,
    form: dict[str, str],
    *,
    signed_url: str | None = None,
    signed_form: dict[str, str] | None = None,
    token: str | None = None,
    body: bytes | None = None,
    kind: str = KIND,
) -> httpx2.Response:
    url = f"{stage.url}{twiml.BASE}/{path}"
    validator = RequestValidator(token or stage.account.auth_tokens[0])
    signature = validator.compute_signature(signed_url or url, form if signed_form is None else signed_form)
    content = urlencode(form).encode() if body is None else body
    headers = {"x-twilio-signature": signature, "content-type": kind}
    return await stage.http.post(url, content=content, headers=headers)


async def test_only_what_the_provider_signed_for_us_is_believed_and_replays_change_nothing() -> None:
    async with voice_staged() as stage:
        send = functools.partial(post, stage)
        form = form_of(stage)
        here = f"{stage.url}{twiml.BASE}/in"
        with capture_logs() as logs:
            refused = [
                await send("in", {**form, "From": "+526629999999"}, signed_form=form),
                await send("in", form, signed_url=here.replace("http://", "https://")),
                await send("in", form, signed_url=here.replace("127.0.0.1", "127.0.0.1:8443", 1)),
                await send("in", form, signed_url=f"{here}?a=1"),
                await send("step?at=menu&n=1", form, signed_url=f"{stage.url}{twiml.BASE}/step?n=1&at=menu"),
                await send("in", form, token="somebody-elses"),
                await send("in", {**form, "AccountSid": "AC" + "0" * 32}),
                await stage.http.post(here, content=urlencode(form), headers={"content-type": KIND}),
            ]
        assert {one.status_code for one in refused} == {403}
        assert stage.door.calls == {} and stage.door.reports == []
        assert [one["event"] for one in logs].count("hook_refused") == len(refused)
        assert not any(CITIZEN in str(one) or SID in str(one) or "6629999999" in str(one) for one in logs)

        first = await send("in", form)
        assert first.status_code == 200 and first.headers["content-type"].startswith("text/xml")
        before = dict(stage.door.only().facts)
        await stage.pass_(86_400)
        again = await send("in", form)
        assert (again.status_code, again.text) == (200, first.text)
        ended = {**form, "CallStatus": "completed", "CallDuration": "9", "SequenceNumber": "0"}
        assert (await send("status", ended)).status_code == 204
        known = dict(stage.door.only().facts)
        assert len(known) == len(before) + 1
        for _ in range(3):  # the end before the ringing, and again
            await send("status", ended)
            late = await send("step?at=menu&n=1", {**form, "Digits": "0"})
        assert dict(stage.door.only().facts) == known
        assert "<Hangup" in late.text and "Enqueue" not in late.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"CallSid=CA1&CallSid=CA2", KIND, 400),
        ("CallSid=CA1".encode("utf-16"), KIND, 400),
        ("&".join(f"k{n}=1" for n in range(100_000)).encode(), KIND, 413),
        (b"x=" + b"y" * 300_000, KIND, 413),
        (b'{"CallSid": "CA1"}', "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"", KIND, 403),
    ],
    ids=["twice", "utf-16", "many", "long", "json", "multipart", "empty"],
)
@on_voice_stage
async def test_a_body_that_is_no_plain_form_is_refused(stage: VoiceStage, body: bytes, kind: str, status: int) -> None:
    answer = await post(stage, "in", {}, body=body, kind=kind)
    assert answer.status_code == status
    assert stage.door.reports == []


@on_voice_stage
async def test_signed_nonsense_is_refused_and_reads_are_no_door(stage: VoiceStage) -> None:
    for path in ("step?at=nowhere", "step?at=menu&n=-1", "step", "agent?part=agent", "agent?call=c&part=boss"):
        assert (await post(stage, path, form_of(stage))).status_code == 400
    assert (await post(stage, "in", {"AccountSid": stage.account.account_sid})).status_code == 400
    assert (await stage.http.get(f"{stage.url}{twiml.BASE}/in")).status_code == 405
    tone = await stage.http.get(f"{stage.url}{twiml.BASE}/tone.wav")
    assert tone.status_code == 200 and tone.content[:4] == b"RIFF"
    strange = {**form_of(stage), "StatusCallbackEvent": "participant-join", "FriendlyName": "not-ours"}
    assert (await post(stage, "room", strange)).status_code == 204
    assert stage.door.calls == {}


@on_voice_stage
async def test_when_the_house_cannot_store_nothing_is_acknowledged(stage: VoiceStage) -> None:
    stage.door.is_down = True
    form = form_of(stage, RecordingSid="RE1", RecordingStatus="completed", AnsweredBy="machine_start")
    form |= {"StatusCallbackEvent": "participant-join", "FriendlyName": "call-1", "ParticipantLabel": "citizen"}
    for path in ("in", "step?at=menu&n=1", "status", "leg?part=citizen&call=c", "room", "machine?call=c"):
        assert (await post(stage, path, {**form, "CallStatus": "completed"})).status_code == 503
    assert (await post(stage, "recording?kind=voicemail", form)).status_code == 503


async def apologised(stage: VoiceStage, *script: dict[str, Any]) -> str:
    leg = await stage.call(*script, {"wait_for": "una falla"}, {"wait_for": "cuelgue"}, {"wait": 1}, {"say_seconds": 6})
    await stage.pass_(120)
    assert leg.status == "completed"
    heard = stage.heard(leg)
    assert "9 1 1" in heard and "quedó guardado" in heard
    return leg.sid


async def test_a_house_that_is_down_from_the_first_ring_apologises_and_takes_a_message() -> None:
    door = Door(is_down=True)
    async with voice_staged(door=door) as stage:
        sid = await apologised(stage)
        assert door.calls == {} and door.recordings == {}
        listed = [one async for one in stage.voice.recordings_since(stage.time.now().replace(hour=0))]
        assert [(one.kind, one.provider_call_id) for one in listed] == [("voicemail", sid)]


async def test_a_house_that_fails_in_the_middle_of_a_call_apologises_and_the_message_comes_in_later() -> None:
    class Failing(Door):
        async def say_folio(self, *_: str) -> Any:
            raise RuntimeError("a bug of ours")

    door = Failing()
    async with voice_staged(door=door) as stage:
        query = [{"press": "2"}, {"wait_for": "tecla de gato"}, {"press": "2026000123#"}, {"wait_for": "cuatro"}]
        sid = await apologised(stage, {"wait_for": "marque 2"}, *query, {"press": "4455"})
        assert door.only().provider_call_id == sid
        assert door.only().fold().state is CallState.message_left
        assert [one.kind for one in door.recordings.values()] == ["voicemail"]


async def test_a_message_of_a_call_nobody_heard_of_brings_the_call_with_its_number() -> None:
    door = Door(is_down=True)
    async with voice_staged(door=door) as stage:
        leg = await stage.call({"wait_for": "una falla"}, {"wait_for": "cuelgue"}, {"wait": 1}, {"say_seconds": 6})
        await stage.pass_(28)
        assert door.calls == {}
        door.is_down = False
        await stage.pass_(60)
        call = door.only()
        assert (call.provider_call_id, call.number) == (leg.sid, CITIZEN)
        assert call.fold().state is CallState.message_left and len(door.recordings) == 1


async def test_an_agent_whose_answer_met_a_dead_house_is_connected_all_the_same() -> None:
    async with voice_staged() as stage:
        await stage.device()
        leg = await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait_for_person": True})
        await stage.pass_(40)
        call = stage.door.only()
        stage.door.is_down = True
        await stage.order(OrderKind.bridge, call, user=AGENT)
        assert leg.together.is_set()
        stage.door.is_down = False
        await stage.order(OrderKind.hold, call)
        assert call.fold().held_since is not None


@pytest.mark.parametrize(
    ("fault", "code", "retryable", "made"),
    [
        ({"answer": "429", "retry_after_s": 7}, "provider_busy", True, 0),
        ({"answer": "503"}, "provider_busy", True, 0),
        ({"answer": "500"}, "uncertain", False, 0),
        ({"answer": "accept_then_time_out"}, "uncertain", False, 1),
        ({"answer": "time_out"}, "uncertain", False, 0),
    ],
    ids=lambda value: value["answer"] if isinstance(value, dict) else None,
)
async def test_what_becomes_of_an_order_is_said_truly_and_it_is_never_sent_twice(
    fault: dict[str, Any], code: str, retryable: bool, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.twilio_rest.TIMEOUT_S", 0.3)
    async with voice_staged(rest_hang_s=2) as stage:
        await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"})
        await stage.pass_(40)
        stage.sim.set_faults(rest=[{**fault, "path": "Calls"}])
        with pytest.raises(ProviderError) as failed:
            await stage.order(OrderKind.bridge, stage.door.only(), user=AGENT)
        assert (failed.value.code, failed.value.retryable) == (code, retryable)
        assert failed.value.retry_after_s == fault.get("retry_after_s")
        posts = stage.sim.ledger.of("rest", method="POST")
        assert len(posts) == 1 and stage.sim.ledger.bills.get("calls", 0) == made


@on_voice_stage
async def test_orders_say_plainly_why_they_cannot_be_done(stage: VoiceStage) -> None:
    await stage.device()
    _leg, call = await stage.answered()
    await stage.order(OrderKind.hang_up, call)
    await stage.order(OrderKind.hang_up, call)  # what is over is done
    await stage.order(OrderKind.drop_leg, call, user=AGENT)
    for kind, data in (
        (OrderKind.hold, {}),
        (OrderKind.requeue, {}),
        (OrderKind.record, {}),
        (OrderKind.listen, {"user": AGENT, "how": "listen"}),
    ):
        with pytest.raises(ProviderError) as refused:
            await stage.order(kind, call, **data)
        assert (refused.value.code, refused.value.retryable) == ("call_over", False)
    assert not any(CITIZEN in str(value) for value in refused.value.data.values())
    assert [one.kind for one in call.facts.values()].count(EventKind.ended) == 1


async def test_a_provider_that_cannot_be_reached_was_surely_not_asked() -> None:
    async with voice_staged() as stage:
        await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"})
        await stage.pass_(40)
        call = stage.door.only()
    with pytest.raises(ProviderError) as failed:
        await stage.order(OrderKind.bridge, call, user=AGENT)
    assert (failed.value.code, failed.value.retryable) == ("unreachable", True)
