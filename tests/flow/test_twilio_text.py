"""SMS and WhatsApp against a simulated Twilio: every state, every refusal, what is lost on the way, who is believed."""

from typing import Any

import httpx2
import pytest
from twilio.request_validator import RequestValidator

from contact_center.errors import Missing, ProviderError, Unavailable
from contact_center.rules.messaging import (
    DeliveryReport,
    InboundConsent,
    InboundMessage,
    OutboundFile,
    OutboundMessage,
)
from contact_center.rules.model import DeliveryState
from contact_center.simulators.twilio import Config
from tests.support.text_stage import OLD_TOKEN, SMS, WHATSAPP, TextStage, text_stage
from tests.support.twilio_stage import CITIZEN

WA_CITIZEN = f"whatsapp:{CITIZEN}"
PDF = b"%PDF-1.7 folio"


def out(text: str = "Con gusto", **more: Any) -> OutboundMessage:
    return OutboundMessage(id="o1.0", conversation_id="c1", address=CITIZEN, text=text, **more)


async def states(stage: TextStage, sid: str) -> list[str]:
    await stage.time.advance(30)
    return [one.state.value for one in stage.door.of(DeliveryReport) if one.external_id == sid]


async def test_words_go_both_ways_and_every_step_comes_back() -> None:
    async with text_stage() as stage:
        stage.sim.text_in(WA_CITIZEN, "Hay un bache 🕳️", profile_name="Ana")
        await stage.time.settle()
        (came,) = stage.door.of(InboundMessage)
        assert (came.channel, came.address, came.name, came.text) == ("whatsapp", CITIZEN, "Ana", "Hay un bache 🕳️")
        (sid,) = await stage.whatsapp.send(out())
        assert await states(stage, sid) == ["accepted", "sent", "delivered", "read"]
        (sms,) = await stage.sms.send(out())
        assert await states(stage, sms) == ["accepted", "sent", "delivered"]
        assert stage.sim.ledger.bills == {"messages": 2}


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"outcome": "undelivered", "error_code": 30003}, "unreachable"),
        ({"outcome": "failed", "error_code": 63024}, "not_on_channel"),
        ({"outcome": "undelivered", "error_code": 12345}, "refused"),
    ],
)
async def test_a_failure_says_why_in_our_words(behaviour: dict[str, Any], reason: str) -> None:
    async with text_stage() as stage:
        stage.sim.set_handset(CITIZEN, **behaviour)
        await stage.sms.send(out())
        await stage.time.advance(30)
        last = stage.door.of(DeliveryReport)[-1]
        assert (last.state, last.reason, last.detail) == (DeliveryState.failed, reason, str(behaviour["error_code"]))


async def test_outside_the_window_only_a_template_arrives() -> None:
    async with text_stage() as stage:
        stage.sim.set_template(sid="HX" + "1" * 32, name="seguimiento", body="Hola {{1}}, hay novedades.")
        (closed,) = await stage.whatsapp.send(out())
        assert await states(stage, closed) == ["accepted", "failed"]
        assert stage.door.of(DeliveryReport)[-1].reason == "window_closed"
        extra = {"template": {"sid": "HX" + "1" * 32, "variables": {"1": "Ana"}}}
        (sid,) = await stage.whatsapp.send(out("Hola Ana, hay novedades.", extra=extra))
        assert await states(stage, sid) == ["accepted", "sent", "delivered", "read"]
        found = await stage.whatsapp.look_up(
            out("Hola Ana, hay novedades.", extra=extra), stage.time.now().replace(hour=0)
        )
        assert found == (sid,)


async def test_templates_are_handed_to_the_house_page_after_page() -> None:
    async with text_stage() as stage:
        for place in range(120):
            stage.sim.set_template(sid=f"HX{place:032}", name=f"n{place}", body="Hola {{1}}", approval="pending")
        assert await stage.whatsapp.list_templates() == 120
        assert (len(stage.door.templates), stage.door.templates[-1].status) == (120, "pending")


async def test_who_says_stop_is_told_to_the_house_and_refused_by_the_provider() -> None:
    async with text_stage(message_url="") as stage:
        config = stage.sim.exchange.config
        object.__setattr__(config, "message_url", f"{stage.url}/hooks/sms/inbound")
        for word, allowed in (("STOP", False), ("ALTA", True), ("Baja", False)):
            stage.sim.text_in(CITIZEN, word)
            await stage.time.settle()
            assert stage.door.of(InboundConsent)[-1].allowed is allowed
        with pytest.raises(ProviderError) as caught:
            await stage.sms.send(out())
        assert (caught.value.code, caught.value.retryable) == ("opted_out", False)


async def test_a_file_comes_in_and_is_deleted_there_and_one_of_ours_goes_out() -> None:
    async with text_stage() as stage:
        stage.sim.text_in(WA_CITIZEN, "", media=(("application/pdf", PDF),))
        await stage.time.settle()
        (came,) = stage.door.of(InboundMessage)
        ref = came.media[0].ref
        assert b"".join([chunk async for chunk in stage.whatsapp.fetch(ref)]) == PDF
        await stage.whatsapp.forget(ref)
        await stage.whatsapp.forget(ref)
        assert len(stage.sim.ledger.of("media_deleted")) == 1
        with pytest.raises(Missing):
            [chunk async for chunk in stage.whatsapp.fetch(ref)]
        stage.blobs.add(PDF)
        (sid,) = await stage.whatsapp.send(out("", files=(OutboundFile("oficio ñ.pdf", "application/pdf", PDF),)))
        assert (await states(stage, sid))[-1] == "read"
        (fetched,) = stage.sim.ledger.of("media")
        assert (fetched["status"], fetched["bytes"]) == (200, len(PDF))
        async with httpx2.AsyncClient(trust_env=False) as http:
            url = str(fetched["url"])
            assert (await http.get(url)).headers["content-type"] == "application/pdf"
            assert (await http.get(url.replace("oficio", "otro"))).status_code == 404
            await stage.time.advance(3_700)
            assert (await http.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("fault", "code", "retryable", "billed"),
    [
        ({"answer": "429", "retry_after_s": 7}, "provider_busy", True, 0),
        ({"answer": "503"}, "provider_busy", True, 0),
        ({"answer": "500"}, "uncertain", False, 0),
        ({"answer": "accept_then_time_out"}, "uncertain", False, 1),
    ],
)
async def test_an_answer_decides_whether_it_may_be_sent_again(
    fault: dict[str, Any], code: str, retryable: bool, billed: int
) -> None:
    async with text_stage() as stage:
        began = stage.time.now()
        stage.sim.set_faults(rest=[{**fault, "path": "Messages.json", "next": 1}])
        with pytest.raises(ProviderError) as caught:
            await stage.sms.send(out("Único"))
        assert (caught.value.code, caught.value.retryable) == (code, retryable)
        assert caught.value.retry_after_s == {"429": 7.0}.get(str(fault["answer"]))
        found = await stage.sms.look_up(out("Único"), began)
        assert (len(found) if found else 0) == billed == stage.sim.ledger.bills.get("messages", 0)


async def test_what_no_webhook_brought_is_found_on_the_list_and_rings() -> None:
    async with text_stage() as stage:
        await stage.whatsapp.look()
        stage.sim.set_faults(webhooks=[{"kind": "message", "drop": 1.0}, {"kind": "text_status", "drop": 1.0}])
        text = stage.sim.text_in(WA_CITIZEN, "¿Me leen?", media=(("image/png", b"\x89PNG"),))
        (sid,) = await stage.whatsapp.send(out())
        await stage.time.advance(180)
        assert stage.door.of(InboundMessage) == []
        assert await stage.whatsapp.look() == 2
        (came,) = stage.door.of(InboundMessage)
        assert (came.external_id, came.text, len(came.media)) == (text.sid, "¿Me leen?", 1)
        assert [one.state.value for one in stage.door.of(DeliveryReport) if one.external_id == sid] == ["read"]
        assert stage.door.health == [("whatsapp", "webhooks_missing")]
        asked = stage.door.asked
        assert await stage.whatsapp.look() == 0 and stage.door.asked == asked
        stage.sim.faults.clear()
        stage.sim.text_in(WA_CITIZEN, "Gracias")
        await stage.time.settle()
        assert stage.door.health[-1] == ("whatsapp", None)


async def test_a_message_that_cannot_be_stored_is_not_acknowledged_and_comes_by_the_list() -> None:
    async with text_stage() as stage:
        stage.door.refusal = Unavailable()
        stage.sim.text_in(WA_CITIZEN, "Hola")
        await stage.time.settle()
        assert [entry["status"] for entry in stage.sim.ledger.of("webhook")] == [503]
        stage.door.refusal = None
        await stage.whatsapp.look()
        assert len(stage.door.of(InboundMessage)) == 1


async def signed(stage: TextStage, form: dict[str, str], *, url: str = "", token: str = "", **sent: Any) -> int:
    """Send a form to the WhatsApp door, signed for an address; return the status."""
    door = f"{stage.url}/hooks/whatsapp/inbound"
    signature = RequestValidator(token or Config().auth_token).compute_signature(url or door, form)
    headers = {"X-Twilio-Signature": signature} | sent.pop("headers", {})
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(sent.pop("to", door), **({"data": form} | sent), headers=headers)
    return answer.status_code


async def test_only_what_the_provider_signed_for_us_is_believed() -> None:
    async with text_stage() as stage:
        sid = Config().account_sid
        good = {
            "AccountSid": sid,
            "MessageSid": "SM" + "a" * 32,
            "From": WA_CITIZEN,
            "To": f"whatsapp:{WHATSAPP}",
            "Body": "Hola",
            "NumMedia": "0",
        }
        door = f"{stage.url}/hooks/whatsapp/inbound"
        assert await signed(stage, good, token="nobody's") == 403
        assert await signed(stage, good, data=good | {"Body": "Otra cosa"}) == 403
        assert await signed(stage, good | {"AccountSid": "AC" + "0" * 32}) == 403
        assert await signed(stage, good, url=door.replace("http://", "https://")) == 403
        assert await signed(stage, good, url=door + "/") == 403
        assert await signed(stage, good, to=door + "?b=1&a=2", url=door + "?a=2&b=1") == 403
        assert await signed(stage, good, headers={"X-Twilio-Signature": ""}) == 403
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert await signed(stage, good, data=None, content="Body=a&Body=b", headers=form) in (400, 403)
        assert await signed(stage, good, data=None, content="Body=hola".encode("utf-16"), headers=form) == 400
        assert await signed(
            stage, good, data=None, content="&".join(f"a{n}=1" for n in range(9_000)), headers=form
        ) in (400, 413)
        assert await signed(stage, good, data=None, json=good) == 415
        assert stage.door.asked == 0
        assert await signed(stage, good) == 200
        assert await signed(stage, good, token=OLD_TOKEN) == 200
        assert await signed(stage, good | {"Body": "El mismo, con otras palabras"}) == 200
        (came,) = stage.door.of(InboundMessage)
        assert came.text == "Hola"


async def test_what_nobody_can_answer_is_taken_off_the_providers_hands() -> None:
    async with text_stage() as stage:
        good = {"AccountSid": Config().account_sid, "MessageSid": "SM" + "a" * 32, "From": "anonymous", "Body": "x"}
        assert await signed(stage, good) == 200
        assert await signed(stage, {"AccountSid": Config().account_sid}) == 200
        assert stage.door.asked == 0


async def test_webhooks_in_any_order_and_number_say_the_same() -> None:
    async with text_stage() as stage:
        faults = {"duplicate": 0.5, "times": 5, "reorder": 0.5}
        stage.sim.set_faults(seed=3, webhooks=[{"kind": "message", **faults}, {"kind": "text_status", **faults}])
        for n in range(10):
            stage.sim.text_in(WA_CITIZEN, f"Mensaje {n}")
        sids = [(await stage.whatsapp.send(out(f"Respuesta {n}")))[0] for n in range(10)]
        await stage.time.advance(120)
        assert sorted(one.text for one in stage.door.of(InboundMessage)) == sorted(f"Mensaje {n}" for n in range(10))
        for sid in sids:
            told = [one.state for one in stage.door.of(DeliveryReport) if one.external_id == sid]
            assert len(told) == 4
            merged = DeliveryState.queued
            for one in told:
                merged = DeliveryState.merge(merged, one)
            assert merged is DeliveryState.read
        assert stage.sim.ledger.bills == {"messages": 10}
        assert SMS not in str(stage.door.events)
