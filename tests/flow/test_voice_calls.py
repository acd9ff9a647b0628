"""The voice channel against a simulated Twilio: what callers hear and press, and what the house is told of it."""

from datetime import timedelta
from typing import Any

import pytest

from contact_center.errors import ProviderError
from contact_center.rules.calls import CallState, EventKind, Fact, OrderKind
from tests.support.clock import MORNING
from tests.support.twilio_stage import CITIZEN, OFFICE
from tests.support.voice_door import AGENT, COLLEAGUE, SUPERVISOR, Door, KnownCall, facts_of
from tests.support.voice_stage import VoiceStage, on_voice_stage, voice_staged


@on_voice_stage
async def test_a_received_call_is_greeted_waits_and_speaks_with_an_agent(stage: VoiceStage) -> None:
    device = await stage.device()
    leg, call = await stage.answered()
    heard = stage.heard(leg)
    for words in ("marque 9 1 1", "aviso de privacidad", "marque 0", "Su lugar en la fila es el 2", "4 minutos"):
        assert words in heard
    (rung,) = device.of("incoming")
    assert rung["custom_parameters"] == {"call": call.id}
    folded = call.fold()
    assert (folded.state, folded.choice) == (CallState.in_progress, "person")
    assert [one.user_id for one in folded.agents] == [AGENT]
    assert (call.number, call.line) == (leg.from_, leg.to)
    await device.send("hang_up")
    await stage.settle()
    await stage.order(OrderKind.hang_up, call)
    assert leg.status == "completed"
    assert call.fold().state is CallState.completed
    assert stage.errors() == []


async def test_a_keypad_folio_query_is_answered_and_needs_nobody() -> None:
    door = Door(folios={("2026000123", "4455"): "Su petición con folio 123 está: en atención."})
    async with voice_staged(door=door) as stage:
        leg = await stage.call(
            {"wait_for": "marque 2"},
            {"press": "2"},
            {"wait_for": "tecla de gato"},
            {"press": "2026000123#"},
            {"wait_for": "cuatro dígitos"},
            {"press": "4455"},
            {"wait_for": "en atención"},
            {"hang_up": True},
        )
        await stage.pass_(90)
        assert "está: en atención" in stage.heard(leg)
        assert door.asked == [("2026000123", "4455")]
        assert door.only().fold().state is CallState.self_service
        assert stage.errors() == []


@on_voice_stage
async def test_a_device_that_does_not_answer_leaves_the_caller_waiting(stage: VoiceStage) -> None:
    await stage.device(accepts=False)
    leg = await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"})
    await stage.pass_(40)
    call = stage.door.only()
    await stage.order(OrderKind.bridge, call, user=AGENT)
    (failed,) = facts_of(stage.door, EventKind.leg_failed)
    assert (failed.user_id, failed.data["how"]) == (AGENT, "busy")
    assert leg.status == "in-progress" and call.fold().state is CallState.ringing
    await stage.pass_(60)
    assert stage.heard(leg).count("Su lugar en la fila") >= 2


@on_voice_stage
async def test_a_call_that_was_given_up_is_told_to_the_agent_who_answers_too_late(stage: VoiceStage) -> None:
    device = await stage.device(accepts=False)
    leg = await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait": 30}, {"hang_up": True})
    await stage.pass_(40)
    call = stage.door.only()
    device.accepts = True
    await stage.pass_(40)
    assert leg.status == "completed"
    await stage.order(OrderKind.bridge, call, user=AGENT)
    (agent,) = [one for one in stage.sim.exchange.calls.values() if one.direction == "outbound-api"]
    assert "ya colgó" in stage.heard(agent)
    await stage.pass_(10)
    assert agent.status == "completed" and call.fold().agents == ()
    assert call.fold().state is CallState.abandoned


@on_voice_stage
async def test_holding_is_heard_as_a_tone_and_measured(stage: VoiceStage) -> None:
    await stage.device()
    leg, call = await stage.answered()
    await stage.order(OrderKind.hold, call)
    await stage.pass_(25)
    assert stage.heard(leg).splitlines()[-1].endswith("/tone.wav")
    assert call.fold().held_since is not None
    await stage.order(OrderKind.resume, call)
    await stage.pass_(10)
    await stage.order(OrderKind.hang_up, call)
    folded = call.fold()
    assert (folded.hold_s, folded.held_since) == (25, None)
    assert folded.talk_s in (9, 10, 11)
    assert stage.errors() == []


@on_voice_stage
async def test_a_cold_transfer_puts_the_caller_back_in_line_and_another_agent_goes_on(stage: VoiceStage) -> None:
    first, second = await stage.device(), await stage.device(COLLEAGUE)
    leg, call = await stage.answered()
    call.taken = False
    call.facts["transferring"] = Fact("transferring", EventKind.transferring, stage.time.now())
    await stage.order(OrderKind.requeue, call, user=AGENT)
    await stage.pass_(20)
    assert "No necesita repetir" in stage.heard(leg)
    assert first.of("disconnected") and leg.status == "in-progress"
    call.taken = True
    await stage.order(OrderKind.bridge, call, user=COLLEAGUE)
    assert second.of("connected")
    legs = call.fold().agents
    assert [(one.user_id, one.left is None) for one in legs] == [(AGENT, False), (COLLEAGUE, True)]
    await stage.order(OrderKind.hang_up, call)
    assert call.fold().state is CallState.completed
    assert stage.errors() == []


@on_voice_stage
async def test_a_warm_transfer_speaks_first_then_hands_over(stage: VoiceStage) -> None:
    first, second = await stage.device(), await stage.device(COLLEAGUE)
    leg, call = await stage.answered()
    await stage.order(OrderKind.consult, call, user=COLLEAGUE)
    assert call.fold().held_since is not None
    assert second.of("incoming")[0]["custom_parameters"] == {"call": call.id}
    joined = [one for one in facts_of(stage.door, EventKind.joined) if one.user_id == COLLEAGUE]
    assert {one.data["consult"] for one in joined} == {"order-consult"}
    await stage.pass_(15)
    await stage.order(OrderKind.join_all, call)
    await stage.order(OrderKind.drop_leg, call, user=AGENT)
    folded = call.fold()
    assert folded.hold_s in (15, 16) and folded.held_since is None
    assert first.of("disconnected") and not second.of("disconnected") and leg.status == "in-progress"
    assert [(one.user_id, one.left is None) for one in folded.agents] == [(AGENT, False), (COLLEAGUE, True)]
    assert stage.errors() == []


@on_voice_stage
async def test_a_call_passed_on_outside_ends_when_who_took_it_hangs_up(stage: VoiceStage) -> None:
    await stage.device()
    stage.sim.set_phone("+526621239999", answer_after_s=4, hang_up_after_s=60)
    leg, call = await stage.answered()
    await stage.order(OrderKind.consult, call, number="+526621239999")
    await stage.pass_(6)
    assert [one.user_id for one in call.fold().legs if one.left is None] == [None, AGENT, None]
    await stage.order(OrderKind.join_all, call)
    await stage.order(OrderKind.drop_leg, call, user=AGENT)
    await stage.pass_(5)
    assert leg.status == "in-progress"
    await stage.pass_(60)
    assert leg.status == "completed" and "excelente día" in stage.heard(leg)
    assert stage.errors() == []


@on_voice_stage
async def test_who_is_asked_and_does_not_answer_is_taken_back(stage: VoiceStage) -> None:
    await stage.device()
    stage.sim.set_phone("+526621239999", outcome="no_answer")
    leg, call = await stage.answered()
    await stage.order(OrderKind.consult, call, number="+526621239999")
    await stage.order(OrderKind.drop_leg, call, number="+526621239999")
    await stage.order(OrderKind.resume, call)
    (failed,) = facts_of(stage.door, EventKind.leg_failed)
    assert failed.data == {"consult": "order-consult", "how": "cancelled"}
    assert call.fold().held_since is None and leg.status == "in-progress"


async def dialled(stage: VoiceStage, number: str, **behaviour: Any) -> KnownCall:
    """A call of ours: the agent's device answers, the citizen is rung."""
    await stage.device()
    stage.sim.set_phone(number, **behaviour)
    call = stage.door.add("", "outbound", number, OFFICE)
    call.facts["dialled"] = Fact("dialled", EventKind.dialled, stage.time.now())
    await stage.order(OrderKind.dial, call, user=AGENT)
    return call


@on_voice_stage
async def test_a_made_call_rings_the_agent_first_and_then_the_citizen(stage: VoiceStage) -> None:
    call = await dialled(stage, CITIZEN, answer_after_s=5)
    assert call.fold().state is CallState.dialling
    assert call.provider_call_id.startswith("CA")
    await stage.pass_(20)
    folded = call.fold()
    assert folded.state is CallState.in_progress and folded.answered_at is not None
    await stage.order(OrderKind.hang_up, call)
    assert call.fold().state is CallState.completed and call.fold().talk_s in (14, 15, 16)
    assert stage.sim.ledger.bills == {"calls": 1, "participants": 1}
    assert stage.errors() == []


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("busy", CallState.busy),
        ("no_answer", CallState.no_answer),
        ("out_of_service", CallState.out_of_service),
        ("machine", CallState.voicemail),
    ],
)
@on_voice_stage
async def test_a_citizen_who_is_not_reached_is_told_apart(stage: VoiceStage, outcome: str, state: CallState) -> None:
    call = await dialled(stage, CITIZEN, outcome=outcome)
    await stage.pass_(70 if outcome == "no_answer" else 12)
    if outcome == "machine":
        await stage.order(OrderKind.hang_up, call)
    assert call.fold().state is state


@on_voice_stage
async def test_a_call_given_up_before_the_agents_device_answered_calls_nobody(stage: VoiceStage) -> None:
    device = await stage.device(accepts=False)
    device.rejects = False
    call = stage.door.add("", "outbound", CITIZEN, OFFICE)
    call.facts["dialled"] = Fact("dialled", EventKind.dialled, stage.time.now())
    await stage.order(OrderKind.dial, call, user=AGENT)
    await stage.order(OrderKind.hang_up, call)
    (failed,) = facts_of(stage.door, EventKind.leg_failed)
    assert (failed.user_id, failed.data["how"]) == (AGENT, "cancelled")
    assert stage.sim.ledger.bills == {"calls": 1}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+529001234567", "number_blocked"),
        ("+881612345678", "number_blocked"),
        ("911", "number_invalid"),
        ("", "number_invalid"),
        ("+526621234567 ext abc", "number_invalid"),
        ("+442071234567", "number_abroad"),
    ],
)
@on_voice_stage
async def test_numbers_that_cost_or_help_nobody_are_never_dialled(stage: VoiceStage, number: str, code: str) -> None:
    call = stage.door.add("", "outbound", number, OFFICE)
    with pytest.raises(ProviderError) as refused:
        await stage.order(OrderKind.dial, call, user=AGENT)
    assert (refused.value.code, refused.value.retryable) == (code, False)
    assert stage.sim.ledger.of("rest") == []


async def test_after_hours_a_caller_leaves_a_message_that_can_be_fetched_and_removed() -> None:
    async with voice_staged(door=Door(is_open=False)) as stage:
        leg = await stage.call({"wait_for": "marque 1"}, {"press": "1"}, {"wait_for": "cuelgue"}, {"say_seconds": 12})
        await stage.pass_(80)
        assert "cerrada" in stage.heard(leg) and "quedó guardado" in stage.heard(leg)
        assert stage.door.only().fold().state is CallState.message_left
        ((sid, made),) = stage.door.recordings.items()
        assert (made.kind, made.provider_call_id) == ("voicemail", leg.sid) and made.seconds >= 10
        sound = b"".join([chunk async for chunk in stage.voice.recording(sid)])
        assert sound[:4] == b"RIFF"
        listed = [one async for one in stage.voice.recordings_since(MORNING)]
        assert listed == [made]
        await stage.voice.remove_recording(sid)
        await stage.voice.remove_recording(sid)
        with pytest.raises(ProviderError) as gone:
            [chunk async for chunk in stage.voice.recording(sid)]
        assert gone.value.code == "call_over"
        assert stage.errors() == []


@on_voice_stage
async def test_a_message_ended_by_hanging_up_is_kept(stage: VoiceStage) -> None:
    steps: list[dict[str, Any]] = [
        {"press": "2"},
        {"wait_for": "cuelgue"},
        {"wait": 1},
        {"say_seconds": 8},
        {"hang_up": True},
    ]
    leg = await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait_for": "marque 2"}, *steps)
    await stage.pass_(120)
    assert leg.status == "completed"
    assert stage.door.only().fold().state is CallState.message_left
    assert [one.kind for one in stage.door.recordings.values()] == ["voicemail"]


@on_voice_stage
async def test_a_caller_asks_to_be_called_back_and_keeps_the_place(stage: VoiceStage) -> None:
    leg = await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait_for": "marque 1"}, {"press": "1"})
    await stage.pass_(90)
    assert "No pierde su lugar" in stage.heard(leg) and leg.status == "completed"
    assert stage.door.only().fold().state is CallState.callback_asked


@pytest.mark.parametrize("from_", ["anonymous", "+266696687", "client:x", "", "+881612345678", "+5216622334455"])
@on_voice_stage
async def test_hidden_and_odd_numbers_are_served_and_offered_what_is_possible(stage: VoiceStage, from_: str) -> None:
    leg = await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, from_=from_)
    await stage.pass_(45)
    assert stage.door.only().number == from_
    assert ("le llamemos" in stage.heard(leg)) is (from_ == "+5216622334455")
    assert stage.errors() == []


@on_voice_stage
async def test_a_supervisor_listens_whispers_and_speaks_to_all(stage: VoiceStage) -> None:
    await stage.device()
    await stage.device(SUPERVISOR)
    _leg, call = await stage.answered()
    await stage.order(OrderKind.listen, call, user=SUPERVISOR, how="listen", agent=AGENT)
    room = next(iter(stage.sim.exchange.conferences.values()))
    mine = next(one for one in room.participants.values() if one.label.startswith("listen"))
    assert (mine.muted, mine.coaching, mine.is_in) == (True, False, True)
    await stage.order(OrderKind.listen, call, user=SUPERVISOR, how="whisper", agent=AGENT)
    agent = next(one for one in room.participants.values() if one.label.startswith("agent"))
    assert (mine.muted, mine.coaching, mine.coached_sid) == (False, True, agent.leg.sid)
    await stage.order(OrderKind.listen, call, user=SUPERVISOR, how="barge", agent=AGENT)
    assert (mine.muted, mine.coaching) == (False, False)
    assert [one.user_id for one in call.fold().agents] == [AGENT]
    await stage.order(OrderKind.drop_leg, call, user=SUPERVISOR, listens=True)
    left = [one for one in facts_of(stage.door, EventKind.left) if one.data.get("listens") == SUPERVISOR]
    assert left and agent.is_in and stage.errors() == []


@on_voice_stage
async def test_recording_is_begun_paused_and_stopped_by_order(stage: VoiceStage) -> None:
    await stage.device()
    _leg, call = await stage.answered()
    for kind in (OrderKind.record, OrderKind.pause_recording, OrderKind.resume_recording, OrderKind.stop_recording):
        await stage.order(kind, call)
        await stage.pass_(7)
    (made,) = stage.door.recordings.values()
    assert (made.kind, made.provider_call_id) == ("recording", call.provider_call_id)
    assert made.seconds in (13, 14, 15)
    assert stage.errors() == []


async def test_a_recorded_line_says_so_before_anything_else() -> None:
    async with voice_staged(door=Door(recording=True)) as stage:
        leg = await stage.call()
        await stage.pass_(40)
        heard = stage.heard(leg)
        assert heard.index("se graba") < heard.index("marque 0")


@on_voice_stage
async def test_a_caller_whose_bringing_in_got_lost_finds_the_agent_by_itself(stage: VoiceStage) -> None:
    """The redirect of the caller is lost on its way: the caller's own next request leads to the room."""
    await stage.device()
    leg = await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait_for_person": True})
    await stage.pass_(40)
    call = stage.door.only()
    call.taken = True
    lost = {"answer": "time_out", "method": "POST", "path": f"Calls/{leg.sid}", "next": 1}
    stage.sim.set_faults(rest=[lost])
    await stage.order(OrderKind.bridge, call, user=AGENT)
    await stage.settle()
    assert not leg.together.is_set()
    await stage.pass_(60)
    assert leg.together.is_set()
    assert call.fold().state is CallState.in_progress


@on_voice_stage
async def test_the_providers_list_has_the_calls_with_the_outside_only(stage: VoiceStage) -> None:
    await stage.device()
    leg, call = await stage.answered()
    await stage.order(OrderKind.hang_up, call)
    listed = [one async for one in stage.voice.calls_since(MORNING)]
    assert [(one.provider_call_id, one.direction, one.number, one.status) for one in listed] == [
        (leg.sid, "inbound", CITIZEN, "completed")
    ]
    assert listed[0].seconds > 0 and listed[0].ended_at is not None
    assert [one async for one in stage.voice.calls_since(MORNING + timedelta(days=1))] == []
