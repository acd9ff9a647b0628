"""The pure parts of the simulated Twilio: documents, faults, numbers, time."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.simulators.twilio import Config, Number, VirtualTime
from contact_center.simulators.twilio.config import is_loopback
from contact_center.simulators.twilio.elapse import sleep
from contact_center.simulators.twilio.faults import FaultPlan, Faults, RestFault, WebhookFault
from contact_center.simulators.twilio.numbers import refusal_of_callee, refusal_of_caller
from contact_center.simulators.twilio.twiml import EVERYWHERE, IN_CONFERENCE, IN_QUEUE, parse
from contact_center.simulators.twilio.webhooks import DocumentError
from tests.support.clock import MORNING


def read(text: str, allowed: frozenset[str] = EVERYWHERE, kind: str = "text/xml") -> list[str]:
    return [verb.name for verb in parse(kind, f"<Response>{text}</Response>".encode(), allowed)]


def test_a_document_is_its_verbs_in_order() -> None:
    assert read("<Say>Hola</Say><Pause/><Redirect>/x</Redirect>") == ["Say", "Pause", "Redirect"]


def test_spoken_markup_is_read_as_text() -> None:
    (say,) = parse("text/xml", b"<Response><Say>Su folio es <say-as>123</say-as> <break/></Say></Response>")
    assert say.text == "Su folio es 123"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<Say>", 12100),
        ("<say>Hola</say>", 12100),
        ("<Stream/>", 12100),
        ('<Pause length="x"/>', 12200),
        ('<Gather timeout="0"/>', 12200),
        ("<Gather><Dial>+526621080000</Dial></Gather>", 12200),
        ('<Dial><Conference beep="loud">sala</Conference></Dial>', 12200),
        ("<Dial><Conference></Conference></Dial>", 12200),
        ("<Dial/>", 13201),
        ("<Redirect></Redirect>", 12200),
        (f"<Enqueue>{'x' * 65}</Enqueue>", 12200),
        (f"<Say>{'x' * 4097}</Say>", 13520),
        (f"<Say>{'x' * 70_000}</Say>", 11750),
        ('<Dial><Conference statusCallbackEvent="joined">sala</Conference></Dial>', 12200),
    ],
)
def test_what_the_provider_does_not_know_is_refused(text: str, code: int) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text)
    assert caught.value.code == code


def test_a_document_type_with_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Response><Say>&a;</Say></Response>'
    with pytest.raises(DocumentError):
        parse("text/xml", bomb)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_an_answer_that_is_no_xml_is_refused(kind: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read("<Say>Hola</Say>", kind=kind)
    assert caught.value.code == 12300


def test_waiting_rooms_know_fewer_verbs() -> None:
    assert read("<Leave/>", IN_QUEUE) == ["Leave"]
    for text, allowed in (("<Dial>+526621080000</Dial>", IN_QUEUE), ("<Gather/>", IN_CONFERENCE)):
        with pytest.raises(DocumentError):
            read(text, allowed)


@given(st.integers(), st.text(), st.floats(0, 1))
def test_the_same_seed_and_webhook_have_the_same_fate(seed: int, key: str, rate: float) -> None:
    plan = FaultPlan(seed=seed, webhooks=(WebhookFault(drop=rate, duplicate=rate, reorder=rate),))
    one, two = Faults(), Faults()
    one.set(plan)
    two.set(plan)
    one.webhook("voice", "another first")
    assert one.webhook("status", key) == two.webhook("status", key)


def test_about_as_many_webhooks_are_dropped_as_was_told() -> None:
    faults = Faults(FaultPlan(seed=3, webhooks=(WebhookFault(kind="status", drop=0.05),)))
    dropped = sum(faults.webhook("status", str(number)).drop for number in range(10_000))
    assert 400 < dropped < 600
    assert not faults.webhook("voice", "1").drop


def test_a_rule_for_the_next_few_is_spent() -> None:
    faults = Faults(FaultPlan(rest=(RestFault(answer="503", path="Calls", next=2),)))
    path = "/2010-04-01/Accounts/AC1/Calls.json"
    assert faults.rest("POST", "/other") is None and faults.rest("GET", path) is None
    assert [faults.rest("POST", path) is not None for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+526622334455", 0),
        ("+12025550123", 0),
        ("client:marta", 0),
        ("client:marta?item=3", 0),
        ("client:", 21211),
        ("6622334455", 21211),
        ("+52662233445", 21211),
        ("+5216622334455", 21211),
        ("911", 21211),
        ("", 21211),
        ("+529001112222", 21216),
        ("+19005550123", 21216),
        ("+34911222333", 21215),
        ("+870773111632", 21215),
    ],
)
def test_who_may_be_called(to: str, code: int) -> None:
    assert (refusal_of_callee(Config(), to) or (0, ""))[0] == code


@pytest.mark.parametrize(
    ("from_", "to", "code"),
    [
        ("+526621080000", "+526622334455", 0),
        ("+526629999999", "+526622334455", 21210),
        ("client:marta", "+526622334455", 21212),
        ("+526629999999", "client:marta", 0),
        ("anonymous", "client:marta", 0),
        ("", "client:marta", 21212),
    ],
)
def test_from_where_one_may_call(from_: str, to: str, code: int) -> None:
    assert (refusal_of_caller(Config(), from_, to) or (0, ""))[0] == code


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://10.0.0.1/",
        "http://[::ffff:8.8.8.8]/",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1.example.com/",
        "http://[bad",
        "ftp://127.0.0.1/",
        "http://169.254.169.254/",
        "",
    ],
)
def test_no_other_machine_is_talked_to(url: str) -> None:
    assert not is_loopback(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/x#rc=5", "http://localhost/", "http://[::1]:9/", "https://a.localhost/"]
)
def test_this_machine_is_talked_to(url: str) -> None:
    assert is_loopback(url)


def test_a_number_takes_the_accounts_addresses() -> None:
    own = Number(number="+526621080001", voice_url="http://localhost/own")
    config = Config(numbers=(Number(number="+526621080000"), own), voice_url="http://localhost/all")
    first, second = config.number("+526621080000"), config.number("+526621080001")
    assert first is not None and first.voice_url == "http://localhost/all"
    assert second is not None and second.voice_url == "http://localhost/own"
    assert config.number("+526621080002") is None


async def test_virtual_time_wakes_sleepers_in_their_order_at_their_time() -> None:
    time, woken = VirtualTime(MORNING), list[tuple[str, float]]()

    async def sleeper(name: str, *seconds: float) -> None:
        for one in seconds:
            await sleep(time, one)
            woken.append((name, (time.now() - MORNING).total_seconds()))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sleeper, "a", 5, 5)
        tasks.start_soon(sleeper, "b", 7)
        await time.advance(6)
        assert woken == [("a", 5)]
        await time.advance(60)
    assert woken == [("a", 5), ("b", 7), ("a", 10)]
    assert (time.now() - MORNING).total_seconds() == 66
