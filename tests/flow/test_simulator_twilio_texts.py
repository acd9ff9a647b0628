"""The simulated Twilio's text messages, through the official client: sent, refused, received, media, templates."""

from typing import Any

import httpx2
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from contact_center.simulators.twilio import Config
from tests.support.twilio_stage import CITIZEN, OFFICE, Stage, on_stage, staged

WA_CITIZEN, WA_OFFICE = f"whatsapp:{CITIZEN}", "whatsapp:+526621080001"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def statuses(stage: Stage, sid: str) -> list[str]:
    return [one["MessageStatus"] for one in stage.house.params("/told") if one["MessageSid"] == sid]


async def create(stage: Stage, **given: Any) -> Any:
    return await stage.rest(lambda client: client.messages.create(status_callback=f"{stage.house.url}/told", **given))


async def refusal(stage: Stage, **given: Any) -> tuple[int, int]:
    def ask(client: Client) -> tuple[int, int]:
        with pytest.raises(TwilioRestException) as caught:
            client.messages.create(**given)
        return caught.value.status, caught.value.code or 0

    return await stage.rest(ask)


@on_stage
async def test_a_text_goes_out_and_every_step_is_told_signed(stage: Stage) -> None:
    made = await create(stage, to=CITIZEN, from_=OFFICE, body="Su folio es CEAC-2026-000001")
    assert (made.status, made.num_segments) == ("queued", "1")
    await stage.pass_(10)
    assert statuses(stage, made.sid) == ["queued", "sent", "delivered"]
    assert stage.house.bad_signatures == []
    assert (await stage.rest(lambda client: client.messages(made.sid).fetch())).status == "delivered"
    assert stage.sim.ledger.bills == {"messages": 1}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "911", "from_": OFFICE, "body": "x"}, 21211),
        ({"to": "+5216622334455", "from_": OFFICE, "body": "x"}, 21211),
        ({"to": "+34600000000", "from_": OFFICE, "body": "x"}, 21408),
        ({"to": CITIZEN, "from_": "+526620000000", "body": "x"}, 21606),
        ({"to": WA_CITIZEN, "from_": "whatsapp:+526620000000", "body": "x"}, 63007),
        ({"to": WA_CITIZEN, "from_": OFFICE, "body": "x"}, 63007),
        ({"to": CITIZEN, "from_": OFFICE}, 21602),
        ({"to": CITIZEN, "from_": OFFICE, "body": "x" * 1601}, 21617),
        ({"to": WA_CITIZEN, "from_": WA_OFFICE, "content_sid": "HX" + "0" * 32}, 21655),
    ],
)
@on_stage
async def test_what_may_not_be_sent_is_refused(stage: Stage, given: dict[str, Any], code: int) -> None:
    assert await refusal(stage, **given) == (400, code)
    assert stage.sim.ledger.bills == {}


@on_stage
async def test_stop_closes_a_number_and_start_opens_it(stage: Stage) -> None:
    stage.sim.text_in(CITIZEN, " Stop ")
    await stage.time.settle()
    assert await refusal(stage, to=CITIZEN, from_=OFFICE, body="x") == (400, 21610)
    stage.sim.text_in(CITIZEN, "START")
    assert (await create(stage, to=CITIZEN, from_=OFFICE, body="x")).status == "queued"


@on_stage
async def test_whatsapp_takes_own_words_for_a_day_and_templates_always(stage: Stage) -> None:
    stage.sim.set_template(sid="HX" + "1" * 32, name="seguimiento", body="Hola {{1}}, su folio {{2}} avanzó.")
    closed = await create(stage, to=WA_CITIZEN, from_=WA_OFFICE, body="Buenos días")
    await stage.pass_(10)
    assert statuses(stage, closed.sid) == ["queued", "failed"]
    assert stage.house.params("/told")[-1]["ErrorCode"] == "63016"
    filled = await create(
        stage,
        to=WA_CITIZEN,
        from_=WA_OFFICE,
        content_sid="HX" + "1" * 32,
        content_variables='{"1": "Ana", "2": "CEAC-2026-000001"}',
    )
    assert filled.body == "Hola Ana, su folio CEAC-2026-000001 avanzó."
    stage.sim.text_in(WA_CITIZEN, "Gracias", profile_name="Ana")
    inside = await create(stage, to=WA_CITIZEN, from_=WA_OFFICE, body="Con gusto")
    await stage.pass_(20)
    assert statuses(stage, filled.sid) == statuses(stage, inside.sid) == ["queued", "sent", "delivered", "read"]
    await stage.pass_(24 * 3600)
    late = await create(stage, to=WA_CITIZEN, from_=WA_OFFICE, body="¿Sigue ahí?")
    await stage.pass_(10)
    assert statuses(stage, late.sid)[-1] == "failed"


@pytest.mark.parametrize("variables", ["{}", '{"1": "Ana"}', '{"1": "Ana", "2": ""}', '{"1": "a\\nb", "2": "x"}', "no"])
@on_stage
async def test_a_template_with_a_wrong_blank_is_refused(stage: Stage, variables: str) -> None:
    stage.sim.set_template(sid="HX" + "1" * 32, name="seguimiento", body="Hola {{1}}, su folio {{2}} avanzó.")
    given = {"to": WA_CITIZEN, "from_": WA_OFFICE, "content_sid": "HX" + "1" * 32, "content_variables": variables}
    assert await refusal(stage, **given) == (400, 21656)


@pytest.mark.parametrize(
    ("behaviour", "last", "code"),
    [
        ({"outcome": "failed", "error_code": 21614}, "failed", "21614"),
        ({"outcome": "undelivered", "error_code": 30003}, "undelivered", "30003"),
        ({"outcome": "sent"}, "sent", None),
    ],
)
@on_stage
async def test_a_handset_behaves_as_it_was_told(
    stage: Stage, behaviour: dict[str, Any], last: str, code: str | None
) -> None:
    stage.sim.set_handset(CITIZEN, **behaviour)
    await create(stage, to=CITIZEN, from_=OFFICE, body="x")
    await stage.pass_(10)
    told = stage.house.params("/told")[-1]
    assert (told["MessageStatus"], told.get("ErrorCode")) == (last, code)


@on_stage
async def test_what_a_citizen_sends_reaches_the_house_with_its_files(stage: Stage) -> None:
    text = stage.sim.text_in(WA_CITIZEN, "Mire", media=(("image/png", PNG),), profile_name="Ana P")
    await stage.time.settle()
    (told,) = stage.house.params("/texts")
    assert stage.house.bad_signatures == []
    assert (told["From"], told["To"], told["ProfileName"], told["NumMedia"]) == (
        WA_CITIZEN,
        WA_OFFICE,
        "Ana P",
        "1",
    )
    assert told["WaId"] == "526622334455"
    account = Config()
    async with httpx2.AsyncClient(trust_env=False) as http:
        assert (await http.get(told["MediaUrl0"])).status_code == 401
        auth = (account.account_sid, account.auth_token)
        first = await http.get(told["MediaUrl0"], auth=auth)
        assert first.status_code == 307
        assert (await http.get(first.headers["location"])).content == PNG
        assert (await http.delete(told["MediaUrl0"] + ".json", auth=auth)).status_code == 204
        assert (await http.get(first.headers["location"])).status_code == 404
    listed = await stage.rest(lambda client: client.messages.list(to=WA_OFFICE))
    assert [one.sid for one in listed] == [text.sid]


@on_stage
async def test_templates_are_listed_with_what_whatsapp_said_of_them(stage: Stage) -> None:
    for place, approval in enumerate(["approved", "pending", "rejected"]):
        stage.sim.set_template(sid=f"HX{place:032}", name=f"n{place}", body="Hola {{1}}", approval=approval)
    async with httpx2.AsyncClient(trust_env=False) as http:
        account = Config()
        auth = (account.account_sid, account.auth_token)
        got = (await http.get(f"{stage.sim.url}/v1/ContentAndApprovals?PageSize=2", auth=auth)).json()
    assert [one["approval_requests"]["status"] for one in got["contents"]] == ["approved", "pending"]
    assert got["contents"][0]["types"]["twilio/text"]["body"] == "Hola {{1}}"
    assert got["meta"]["next_page_url"]
    seen = await stage.rest(lambda client: client.content.v1.content_and_approvals.list(limit=3))
    assert [one.friendly_name for one in seen] == ["n0", "n1", "n2"]


async def test_a_sender_that_sends_too_fast_is_told_so_and_written_down() -> None:
    async with staged(texts_per_second=1) as stage:
        await create(stage, to=CITIZEN, from_=OFFICE, body="1")
        assert await refusal(stage, to=CITIZEN, from_=OFFICE, body="2") == (429, 20429)
        assert len(stage.sim.ledger.of("breach")) == 1
        await stage.pass_(1)
        assert (await create(stage, to=CITIZEN, from_=OFFICE, body="2")).status == "queued"


@on_stage
async def test_the_signature_covers_every_parameter(stage: Stage) -> None:
    await create(stage, to=CITIZEN, from_=OFFICE, body="x")
    await stage.pass_(10)
    told = stage.house.params("/told")[-1]
    validator = RequestValidator(Config().auth_token)
    url = f"{stage.house.url}/told"
    signature = stage.sim.exchange.webhooks.signature(url, told)
    assert validator.validate(url, told, signature)
    assert not validator.validate(url, told | {"MessageStatus": "read"}, signature)
