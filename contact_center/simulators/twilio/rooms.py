"""What the verbs do that bring people together: Enqueue, and Dial to a conference, an agent's device or a telephone."""

from urllib.parse import parse_qsl

import anyio

from contact_center.simulators.twilio import calls, conferences, numbers, recordings
from contact_center.simulators.twilio.documents import Jump, Left, Page, end_call, handles, loop
from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.model import Callback, Exchange, Leg, Participant, Queue, Step
from contact_center.simulators.twilio.twiml import IN_CONFERENCE, IN_QUEUE, Verb
from contact_center.simulators.twilio.verbs import recording_callback
from contact_center.simulators.twilio.webhooks import DocumentError, Params


@handles("Enqueue")
async def enqueue(page: Page, verb: Verb) -> None:
    """Wait in a queue, hearing the wait document, until <Leave>, a redirect through REST, or the caller's end."""
    x, leg = page.x, page.leg
    queue = _queue(x, verb.text)
    action, method = verb.get("action"), verb.get("method")
    if len(queue.members) >= queue.size:
        if action:
            raise Jump(page.go("queue", action, method, QueueResult="queue-full"))
        return
    queue.members[leg.sid] = x.now()
    leg.queue_sid = queue.sid
    x.ledger.add("queue", leg.sid, queue=queue.name, event="entered", size=len(queue.members))
    result, params = "system-error", {}
    try:
        await _wait(page, verb, queue)
    except Left:
        result = "leave"
    finally:
        if result != "leave":
            result = "hangup" if leg.ending else "redirected" if leg.pending else result
        waited = (x.now() - queue.members.pop(leg.sid)).total_seconds()
        queue.waits_s.append(waited)
        leg.queue_sid = ""
        x.ledger.add("queue", leg.sid, queue=queue.name, event="left", result=result, seconds=round(waited, 2))
        params = {"QueueSid": queue.sid, "QueueTime": str(round(waited)), "QueueResult": result}
        if action and result in ("hangup", "redirected"):
            status = {"CallStatus": leg.ending} if leg.ending else {}
            x.webhooks.notify(page.hook("queue", action, method, **params, **status))
    if action:
        raise Jump(page.go("queue", action, method, **params))


def _queue(x: Exchange, name: str) -> Queue:
    for queue in x.queues.values():
        if queue.name == name:
            return queue
    queue = Queue(sid=x.sids.new("QU"), name=name)
    x.queues[queue.sid] = queue
    return queue


async def _wait(page: Page, verb: Verb, queue: Queue) -> None:
    x, leg = page.x, page.leg

    def facts() -> Params:
        average = sum(queue.waits_s) / len(queue.waits_s) if queue.waits_s else 0.0
        return {
            "QueueSid": queue.sid,
            "QueuePosition": str(list(queue.members).index(leg.sid) + 1),
            "QueueTime": str(round((x.now() - queue.members[leg.sid]).total_seconds())),
            "AvgQueueTime": str(round(average)),
            "CurrentQueueSize": str(len(queue.members)),
        }

    if not verb.get("waitUrl"):
        await calls.speak(x, leg, "♪ music", float("inf"))
    there = Page(x, leg, page.absolute(verb.get("waitUrl")), IN_QUEUE, facts, is_nested=True)
    await loop(there, "wait", verb.get("waitUrlMethod", "POST"))


@handles("Dial")
async def dial(page: Page, verb: Verb) -> None:
    if verb.children and verb.children[0].name == "Conference":
        await _dial_conference(page, verb, verb.children[0])
    else:
        await _dial_people(page, verb)


async def _dial_conference(page: Page, verb: Verb, noun: Verb) -> None:
    x, leg = page.x, page.leg
    label = noun.get("participantLabel")
    conference = conferences.open_(x, noun.text)
    if label and any(one.label == label for one in conference.participants.values()):
        raise DocumentError(16025, "Participant label must be unique in a conference")
    if len(conference.participants) >= noun.number("maxParticipants", 250):
        raise DocumentError(13220, "Conference is full")
    if conference.callback is None and noun.get("statusCallback"):
        conference.callback = Callback(
            page.absolute(noun.get("statusCallback")),
            noun.get("statusCallbackMethod", "POST"),
            tuple(noun.get("statusCallbackEvent").split()),
        )
    if noun.get("record") == "record-from-start":
        conference.record = True
        conference.record_callback = conference.record_callback or recording_callback(page, noun)
    participant = conferences.make_participant(x, conference, leg)
    participant.label = label
    participant.muted = noun.flag("muted", False)
    participant.start_on_enter = noun.flag("startConferenceOnEnter", True)
    participant.end_on_exit = noun.flag("endConferenceOnExit", False)
    participant.beep = noun.get("beep", "true")
    participant.coached_sid = noun.get("coach")
    participant.coaching = bool(participant.coached_sid)
    if "waitUrl" in noun.attributes:
        participant.wait_url = page.absolute(noun.get("waitUrl")) if noun.get("waitUrl") else ""
        participant.wait_method = noun.get("waitMethod", "POST")
    with x.elapse.limit(verb.number("timeLimit", 14400)):
        await stay(x, participant)
    await _after_dial(page, verb, DialCallStatus="answered")


async def stay(x: Exchange, participant: Participant) -> None:
    """Be in a conference until out of it: kicked, ended, redirected, hung up."""
    leg = participant.leg
    conferences.add(x, participant.conference, leg, participant)
    conferences.join(x, participant)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_sounds, x, participant)
            await participant.out.wait()
            tasks.cancel_scope.cancel()
    finally:
        conferences.leave(x, participant, "participant_hung_up" if leg.ending else "participant_updated_via_api")


async def _sounds(x: Exchange, participant: Participant) -> None:
    """What a participant hears that is no person: the music before the start and on hold, announcements."""
    while True:
        changed = participant.changed
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_sound, x, participant)
            await changed.wait()
            tasks.cancel_scope.cancel()


async def _sound(x: Exchange, participant: Participant) -> None:
    leg, conference = participant.leg, participant.conference
    facts = {"ConferenceSid": conference.sid, "FriendlyName": conference.name}
    if participant.announce_url:
        url, participant.announce_url = participant.announce_url, ""
        await _in_conference(x, leg, url, participant.announce_method, facts, again=False)
    if participant.hold:
        if participant.hold_url:
            await _in_conference(x, leg, participant.hold_url, participant.hold_method, facts)
        else:
            await calls.speak(x, leg, "♪ music", float("inf"))
    elif conference.status == "init" and participant.wait_url:
        await _in_conference(x, leg, participant.wait_url, participant.wait_method, facts)
    elif conference.status == "init" and participant.wait_url is None:
        await calls.speak(x, leg, "♪ music", float("inf"))


async def _in_conference(x: Exchange, leg: Leg, url: str, method: str, facts: Params, *, again: bool = True) -> None:
    page = Page(x, leg, url, IN_CONFERENCE, lambda: facts, is_nested=True)
    try:
        if again:
            await loop(page, "music", method)
        step: Step | None = page.go("announce", url, method)
        while step is not None:
            step = await step()
    except DocumentError as error:
        x.ledger.add("error", leg.sid, code=error.code, message=error.message, url=url)


async def _dial_people(page: Page, verb: Verb) -> None:
    """Call one or more; the first to answer is connected."""
    x, leg = page.x, page.leg
    nouns = verb.children or (Verb("Number", {}, verb.text, ()),)
    children = [_child(page, verb, noun) for noun in nouns]
    for child, noun in zip(children, nouns, strict=True):
        x.tasks.start_soon(_ring_child, page, child, verb.number("timeout", 30), noun)
    answered: Leg | None = None
    try:
        while answered is None and not all(child.done.is_set() for child in children):
            answered = next((child for child in children if child.together.is_set() and child.is_live), None)
            if answered is None:
                await _any_change(children)
        if answered is not None:
            for child in children:
                if child is not answered:
                    calls.hang_up(x, child, "answered elsewhere")
            leg.together.set()
            recorded = verb.get("record", "do-not-record")
            if recorded != "do-not-record":
                channels = 2 if recorded.endswith("dual") else 1
                callback = recording_callback(page, verb)
                recordings.start(x, "DialVerb", call_sid=leg.sid, channels=channels, callback=callback)
            with x.elapse.limit(verb.number("timeLimit", 14400)):
                await answered.unbridged.wait()
    finally:
        recordings.stop_all(x, call_sid=leg.sid)
        for child in children:
            if not child.unbridged.is_set():
                calls.hang_up(x, child, "parent")
    last = answered or children[0]
    status = "completed" if answered else last.status
    more = {"DialCallStatus": status, "DialCallSid": last.sid, "DialBridged": str(answered is not None).lower()}
    if answered is not None and answered.answered_at is not None:
        more["DialCallDuration"] = str(round((x.now() - answered.answered_at).total_seconds()))
    await _after_dial(page, verb, **more)


def _child(page: Page, verb: Verb, noun: Verb) -> Leg:
    x, leg = page.x, page.leg
    custom: Params = {}
    if noun.name == "Client":
        identity = next((one.text for one in noun.children if one.name == "Identity"), noun.text)
        identity, _, query = identity.partition("?")
        custom = dict(parse_qsl(query)) | {
            one.get("name"): one.get("value") for one in noun.children if one.name == "Parameter"
        }
        to, from_ = f"client:{identity}", verb.get("callerId") or leg.from_
        if not numbers.is_client(to):
            raise DocumentError(13226, f"Dial: invalid client {identity}")
    else:
        to, from_ = noun.text, verb.get("callerId") or leg.from_
        refused = numbers.refusal_of_callee(x.config, to)
        if refused is not None:
            raise DocumentError(13227 if refused[0] == 21215 else 13224, f"Dial: {refused[1]}")
        if x.config.number(from_) is None and (from_ != leg.from_ or not numbers.is_number(from_)):
            raise DocumentError(13214, f"Dial: invalid callerId {from_}")
    child = calls.make(x, x.lines.to(to, detect_machine=False), from_=from_, to=to, direction="outbound-dial")
    child.parent_sid, child.custom = leg.sid, custom
    if noun.get("statusCallback"):
        events = tuple(noun.get("statusCallbackEvent", "completed").split())
        child.callback = Callback(
            page.absolute(noun.get("statusCallback")), noun.get("statusCallbackMethod", "POST"), events
        )
    return child


async def _ring_child(page: Page, child: Leg, seconds: float, noun: Verb) -> None:
    x = page.x
    if not await calls.ring(x, child, seconds):
        calls.finish(x, child)
        return

    async def bridge() -> Step | None:
        child.together.set()
        try:
            await anyio.sleep_forever()
        finally:
            child.unbridged.set()
        return None

    async def whisper() -> Step | None:
        there = Page(x, child, page.absolute(noun.get("url")), IN_CONFERENCE | {"Gather", "Hangup"}, is_nested=True)
        try:
            step: Step | None = there.go("whisper", there.url, noun.get("method"))
            while step is not None:
                step = await step()
        except DocumentError as error:
            x.ledger.add("error", child.sid, code=error.code, message=error.message, url=there.url)
            await end_call(there)
        return bridge

    await calls.live(x, child, whisper if noun.get("url") else bridge)


async def _any_change(children: list[Leg]) -> None:
    """Return when one of the called answers or is done."""
    async with anyio.create_task_group() as tasks:

        async def wait(event: anyio.Event) -> None:
            await event.wait()
            tasks.cancel_scope.cancel()

        for child in children:
            if not child.done.is_set():
                tasks.start_soon(wait, child.done)
                tasks.start_soon(wait, child.together)


async def _after_dial(page: Page, verb: Verb, **params: str) -> None:
    await sleep(page.x.elapse, 0)
    if verb.get("action"):
        raise Jump(page.go("dial", verb.get("action"), verb.get("method"), **params))
