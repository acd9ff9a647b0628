"""The simulated Twilio runs documents: menus, queues, conferences, voicemail, and what it does with useless ones."""

import httpx2
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.twilio_stage import CITIZEN, OFFICE, Stage, on_stage, staged


@on_stage
async def test_a_caller_hears_the_menu_and_its_key_reaches_the_house_signed(stage: Stage) -> None:
    house = stage.house
    house.documents["/voice"] = (
        '<Gather numDigits="1" action="/menu"><Say language="es-MX">Oprima cero para una persona</Say></Gather>'
    )
    house.documents["/menu"] = "<Say>Un momento</Say><Hangup/>"
    leg = await stage.call({"wait_for": "oprima cero"}, {"press": "0"})
    await stage.pass_(10)
    assert leg.status == "completed"
    assert [one["Digits"] for one in house.params("/menu")] == ["0"]
    assert stage.sim.ledger.heard(leg.sid).splitlines() == ["Oprima cero para una persona", "Un momento"]
    assert house.bad_signatures == []
    first = house.params("/voice")[0]
    assert (first["From"], first["To"], first["CallStatus"], first["Direction"]) == (
        CITIZEN,
        OFFICE,
        "ringing",
        "inbound",
    )
    (status,) = house.params("/status")
    assert status["CallStatus"] == "completed" and status["SequenceNumber"] == "0"
    assert status["CallDuration"] == str(leg.seconds()) != "0"


@on_stage
async def test_nothing_pressed_goes_on_with_the_next_verb(stage: Stage) -> None:
    stage.house.documents["/voice"] = '<Gather timeout="3" action="/menu"><Say>Menú</Say></Gather><Say>Adiós</Say>'
    leg = await stage.call()
    await stage.pass_(10)
    assert "/menu" not in stage.house.paths()
    assert stage.sim.ledger.heard(leg.sid).endswith("Adiós")


@on_stage
async def test_an_empty_gather_is_told_when_asked_for(stage: Stage) -> None:
    stage.house.documents["/voice"] = '<Gather timeout="1" action="/menu" actionOnEmptyResult="true"/>'
    await stage.call()
    await stage.pass_(5)
    assert [one["Digits"] for one in stage.house.params("/menu")] == [""]


@on_stage
async def test_keys_end_at_the_finishing_one(stage: Stage) -> None:
    stage.house.documents["/voice"] = '<Gather action="/folio" finishOnKey="#"><Say>Folio</Say></Gather>'
    await stage.call({"wait_for": "folio"}, {"press": "123#"})
    await stage.pass_(10)
    (folio,) = stage.house.params("/folio")
    assert (folio["Digits"], folio["FinishedOnKey"]) == ("123", "#")


@on_stage
async def test_who_waits_in_a_queue_is_told_the_place_and_may_leave(stage: Stage) -> None:
    house = stage.house
    house.documents["/voice"] = '<Enqueue waitUrl="/wait" action="/after">atencion</Enqueue>'
    house.documents["/wait"] = lambda params: (
        "<Leave/>" if int(params["QueueTime"]) > 20 else f"<Say>Su lugar es {params['QueuePosition']}</Say><Pause/>"
    )
    house.documents["/after"] = "<Say>Gracias</Say>"
    first, second = await stage.call(), await stage.call()
    await stage.pass_(60)
    assert "Su lugar es 1" in stage.sim.ledger.heard(first.sid)
    assert "Su lugar es 2" in stage.sim.ledger.heard(second.sid)
    assert {one["QueueResult"] for one in house.params("/after")} == {"leave"}
    assert first.status == second.status == "completed"


@on_stage
async def test_hanging_up_in_the_queue_tells_the_action(stage: Stage) -> None:
    stage.house.documents["/voice"] = '<Enqueue waitUrl="/wait" action="/after">atencion</Enqueue>'
    stage.house.documents["/wait"] = "<Pause length='5'/>"
    leg = await stage.call({"wait": 7}, {"hang_up": True})
    await stage.pass_(10)
    (after,) = stage.house.params("/after")
    assert (after["QueueResult"], after["QueueTime"], after["CallStatus"]) == ("hangup", "7", "completed")
    assert leg.done.is_set()


@on_stage
async def test_a_bridged_call_holds_and_ends_with_the_agent(stage: Stage) -> None:
    house = stage.house
    house.documents["/voice"] = '<Enqueue waitUrl="/wait" action="/after">atencion</Enqueue>'
    house.documents["/wait"] = "<Pause length='5'/>"
    house.documents["/hold"] = "<Say>Siga en la línea</Say>"
    stage.sim.set_phone("+526629998877", answer_after_s=2)
    leg = await stage.call()
    await stage.pass_(3)
    room = (
        '<Response><Dial><Conference participantLabel="citizen" endConferenceOnExit="true"'
        f' startConferenceOnEnter="true" statusCallback="{house.url}/room"'
        ' statusCallbackEvent="start end join leave mute hold" waitUrl="">'
        "sala-1</Conference></Dial></Response>"
    )
    await stage.rest(lambda client: client.calls(leg.sid).update(twiml=room))
    await stage.time.settle()
    assert [one["QueueResult"] for one in house.params("/after")] == ["redirected"]
    (conference,) = await stage.rest(lambda client: client.conferences.list(friendly_name="sala-1"))
    made = await stage.rest(
        lambda client: client.conferences("sala-1").participants.create(
            from_=OFFICE, to="+526629998877", label="agent:1", end_conference_on_exit=True
        )
    )
    assert made.status == "queued" and made.conference_sid == conference.sid
    await stage.pass_(5)
    here = await stage.rest(lambda client: client.conferences(conference.sid).participants.list())
    assert {one.label: one.status for one in here} == {"citizen": "connected", "agent:1": "connected"}
    held = await stage.rest(
        lambda client: (
            client.conferences(conference.sid).participants(leg.sid).update(hold=True, hold_url=f"{house.url}/hold")
        )
    )
    assert held.hold is True
    await stage.pass_(2)
    assert "Siga en la línea" in stage.sim.ledger.heard(leg.sid)
    await stage.rest(lambda client: client.conferences(conference.sid).participants("citizen").update(hold=False))
    await stage.rest(lambda client: client.calls(made.call_sid).update(status="completed"))
    await stage.pass_(1)
    events = [(one["StatusCallbackEvent"], one.get("ParticipantLabel", "")) for one in house.params("/room")]
    assert events == [
        ("participant-join", "citizen"),
        ("participant-join", "agent:1"),
        ("conference-start", ""),
        ("participant-hold", "citizen"),
        ("participant-unhold", "citizen"),
        ("participant-leave", "agent:1"),
        ("participant-leave", "citizen"),
        ("conference-end", ""),
    ]
    assert [one["SequenceNumber"] for one in house.params("/room")] == [str(n) for n in range(1, 9)]
    assert house.params("/room")[-1]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert leg.status == "completed"
    assert house.bad_signatures == []


@on_stage
async def test_a_voicemail_is_recorded_told_and_can_be_fetched_and_deleted(stage: Stage) -> None:
    house = stage.house
    house.documents["/voice"] = (
        "<Say>Deje su recado</Say>"
        '<Record action="/recorded" timeout="3" maxLength="60" recordingStatusCallback="/rec"/>'
    )
    house.documents["/recorded"] = "<Say>Gracias</Say>"
    leg = await stage.call({"wait_for": "recado"}, {"wait": 1}, {"say_seconds": 12})
    await stage.pass_(40)
    (told,) = house.params("/recorded")
    (ready,) = house.params("/rec")
    assert told["RecordingSid"] == ready["RecordingSid"]
    assert ready["RecordingStatus"] == "completed" and 11 <= int(ready["RecordingDuration"]) <= 14
    account = stage.sim.exchange.config
    async with httpx2.AsyncClient(trust_env=False) as http:
        url = ready["RecordingUrl"]
        assert (await http.get(url + ".wav")).status_code == 401
        sound = await http.get(url + ".wav", auth=(account.account_sid, account.auth_token))
    assert sound.content[:4] == b"RIFF" and sound.headers["content-type"] == "audio/x-wav"
    assert await stage.rest(lambda client: client.recordings(ready["RecordingSid"]).delete())
    assert await stage.rest(lambda client: client.recordings.list(call_sid=leg.sid)) == []


@on_stage
async def test_silence_makes_no_recording(stage: Stage) -> None:
    stage.house.documents["/voice"] = '<Record action="/recorded" timeout="3"/><Say>No le oímos</Say>'
    leg = await stage.call()
    await stage.pass_(20)
    assert "/recorded" not in stage.house.paths()
    assert stage.sim.ledger.heard(leg.sid).endswith("No le oímos")


@pytest.mark.parametrize(
    ("document", "code"),
    [("<Sai>Hola</Sai>", 12100), ("<Say>", 12100), ('<Say volume="3">Hola</Say>', 12200), ("<Leave/><Dial/>", 13201)],
)
@on_stage
async def test_a_document_of_no_use_ends_in_an_apology(stage: Stage, document: str, code: int) -> None:
    stage.house.documents["/voice"] = document
    leg = await stage.call()
    await stage.pass_(10)
    assert [one["code"] for one in stage.sim.ledger.of("error", leg.sid)] == [code]
    assert "application error" in stage.sim.ledger.heard(leg.sid)
    assert leg.status == "completed"


async def test_a_failing_house_is_asked_again_at_the_fallback_address() -> None:
    async with staged(voice_fallback_url="http://127.0.0.1:1/dead") as stage:
        stage.house.status["/voice"] = 500
        leg = await stage.call()
        await stage.pass_(10)
        codes = [one["code"] for one in stage.sim.ledger.of("error", leg.sid)]
        assert codes == [11200, 11205]
        dead = [one for one in stage.sim.ledger.of("webhook", leg.sid) if one["webhook"] == "fallback"]
        assert [one["turn"] for one in dead] == [0, 1]  # a failed connection is tried once more


@on_stage
async def test_music_that_cannot_be_had_in_a_menu_ends_in_an_apology(stage: Stage) -> None:
    stage.house.documents["/voice"] = '<Gather action="/menu"><Play>/music.mp3</Play></Gather>'
    leg = await stage.call()
    await stage.pass_(10)
    assert [one["code"] for one in stage.sim.ledger.of("error", leg.sid)] == [12300]  # the house answered XML
    assert leg.status == "completed"


@on_stage
async def test_a_supervisor_coaches_only_who_is_in_the_room(stage: Stage) -> None:
    stage.house.documents["/voice"] = (
        f'<Dial><Conference statusCallback="{stage.house.url}/room" statusCallbackEvent="join modify leave">'
        "sala</Conference></Dial>"
    )
    leg = await stage.call()
    add = {"from_": OFFICE, "to": "+526620009999", "label": "listen:1", "coaching": True}
    with pytest.raises(TwilioRestException):
        await stage.rest(
            lambda client: client.conferences("sala").participants.create(**add, call_sid_to_coach="CA" + "0" * 32)
        )
    made = await stage.rest(
        lambda client: client.conferences("sala").participants.create(**add, call_sid_to_coach=leg.sid)
    )
    await stage.pass_(5)
    await stage.rest(
        lambda client: client.conferences(made.conference_sid).participants("listen:1").update(coaching=False)
    )
    await stage.rest(lambda client: client.conferences(made.conference_sid).participants("listen:1").delete())
    await stage.time.settle()
    events = [
        (one["StatusCallbackEvent"], one["Coaching"], one.get("CallSidToCoach", ""))
        for one in stage.house.params("/room")
        if one.get("ParticipantLabel") == "listen:1"
    ]
    assert events == [
        ("participant-join", "true", leg.sid),
        ("participant-modify", "false", ""),
        ("participant-leave", "false", ""),
    ]
    assert stage.sim.exchange.calls[made.call_sid].status == "completed"
    assert leg.status == "in-progress"
