"""P6, P7, P9, P14, P15, P23, P24, P34 and S18 for WhatsApp, SMS and mail, against simulated and real servers.

Each harness says whether its promise is broken; it runs as the product is and with a planted bug, which it must notice.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from unittest.mock import patch

import anyio
import httpx2
import pytest
from sqlalchemy.exc import OperationalError

from contact_center.errors import NoSpace, ProviderError, Unavailable
from contact_center.files import DiskBlobs
from contact_center.rules.model import DeliveryState
from contact_center.simulators.twilio import Config
from contact_center.store.db import Database
from contact_center.store.schema import attachments, messages, outbox
from tests.flow.test_attachments_kinds import PDF
from tests.support import mutants_providers as _planted
from tests.support.mail_servers import smtp_server
from tests.support.mail_stage import Door, channel_on, letter, out, staged
from tests.support.mutants import plant
from tests.support.text_stage import open_texting, text_stage

_ = _planted
ENDS = {"delivered": DeliveryState.delivered, "read": DeliveryState.read, "failed": DeliveryState.failed}


async def words_are_lost_or_doubled(url: str) -> bool:
    """P6 and P7: twenty words, each brought up to five times, in any order, at once."""
    async with open_texting(url) as stage:
        faults = {"duplicate": 0.6, "times": 5, "reorder": 0.5}
        stage.sim.set_faults(seed=5, webhooks=[{"kind": "message", **faults}])
        for n in range(20):
            stage.sim.text_in("whatsapp:+526622334455", f"palabra {n}")
        await stage.pass_(60)
        said = Counter(one.text for one in await stage.shown(messages) if one.author_kind == "citizen")
        return said != Counter(f"palabra {n}" for n in range(20))


async def a_dropped_webhook_is_a_lost_word(url: str) -> bool:
    """P9: one in two webhooks never comes, and for ten minutes the house cannot store."""
    async with open_texting(url) as stage:
        await stage.channel.look()
        stage.sim.set_faults(seed=2, webhooks=[{"kind": "message", "drop": 0.5}])
        for n in range(10):
            stage.sim.text_in("whatsapp:+526622334455", f"palabra {n}")
        await stage.pass_(60)
        await stage.channel.look()
        with patch.object(Database, "in_transaction", _away):  # ten minutes in which nothing can be committed
            for n in range(10, 15):
                stage.sim.text_in("whatsapp:+526622334455", f"palabra {n}")
                await stage.pass_(120)
        await stage.channel.look()
        said = {one.text for one in await stage.shown(messages) if one.author_kind == "citizen"}
        return said != {f"palabra {n}" for n in range(15)}


async def _away(*_: object, **__: object) -> None:
    raise OperationalError("BEGIN", None, Exception("the disk is away"))


async def an_answer_is_posted_twice(url: str) -> bool:
    """P14: the provider takes a message and its answer gets lost; nobody sends it again, the list says what became."""
    async with open_texting(url) as stage:
        agent, item = await stage.talk()
        before = stage.sim.ledger.bills["messages"]
        stage.sim.set_faults(rest=[{"answer": "accept_then_time_out", "path": "Messages.json", "next": 1}])
        await stage.reply(agent, item, "Una sola vez")
        await stage.deliver()
        await stage.pass_(120)
        await stage.house.outbox.look_up("whatsapp")
        await stage.deliver()
        (row,) = [one for one in await stage.shown(messages) if one.text == "Una sola vez"]
        return stage.sim.ledger.bills["messages"] != before + 1 or row.delivery == "uncertain"


async def the_screen_says_another_thing_than_the_provider(url: str) -> bool:
    """P15: telephones that are off, that read, that never say more; callbacks lost, doubled and out of order."""
    async with open_texting(url) as stage:
        agent, item = await stage.talk()
        faults = {"kind": "text_status", "drop": 0.3, "duplicate": 0.4, "reorder": 0.4}
        stage.sim.set_faults(seed=11, webhooks=[faults])
        for n, outcome in enumerate(["delivered", "undelivered", "delivered", "undelivered"]):
            stage.sim.set_handset("+526622334455", outcome=outcome, error_code=30003)
            await stage.reply(agent, item, f"respuesta {n}")
            await stage.deliver()
        await stage.pass_(60)
        await stage.channel.look()
        texts = {one.body: one.status for one in stage.sim.exchange.texts.messages.values()}
        rows = {one.text: one.delivery for one in await stage.shown(messages) if one.author_kind == "agent"}
        wanted = {text: ENDS.get(texts[text], DeliveryState.failed).value for text in rows}
        return rows != wanted


async def a_pause_is_not_kept(url: str) -> bool:
    """P23: a third of the requests fail with 429 or 503; the pause asked for is kept and every row ends sent."""
    async with open_texting(url) as stage:
        agent, item = await stage.talk()
        stage.sim.set_faults(
            seed=3, rest=[{"answer": "429", "path": "Messages.json", "rate": 0.4, "retry_after_s": 30}]
        )
        for n in range(6):
            await stage.reply(agent, item, f"respuesta {n}")
        await stage.deliver(200)
        asked = [entry for entry in stage.sim.ledger.of("rest") if entry["method"] == "POST"]
        early = any(first["status"] == 429 and _apart(first.at, after.at) < 30 for first, after in pairwise(asked))
        done = {one.state for one in await stage.shown(outbox)}
        order = [str(e["params"]["Body"]) for e in asked if e["status"] == 201 and "respuesta" in e["params"]["Body"]]
        return early or done != {"done"} or order != [f"respuesta {n}" for n in range(6)]


def _apart(first: str, after: str) -> float:
    return (datetime.fromisoformat(after) - datetime.fromisoformat(first)).total_seconds()


async def a_number_sends_faster_than_it_may(url: str) -> bool:
    """P24: a dozen people write at once; their greetings leave at the pace that the number may keep."""
    async with open_texting(url, per_s=2.0) as stage:
        for n in range(12):
            stage.sim.text_in(f"whatsapp:+5266223344{n:02}", "Hola")
        await stage.time.settle()
        for _ in range(200):
            await stage.house.outbox.step("whatsapp")
            await stage.pass_(0.1)
        sent = [entry.at for entry in stage.sim.ledger.of("rest") if entry["method"] == "POST"]
        return len(sent) < 12 or any(_apart(first, third) < 1.0 for first, third in zip(sent, sent[2:], strict=False))


async def a_file_is_gone_there_before_it_is_here(url: str) -> bool:
    """P34: while our disk is full the provider keeps its copy; once ours is on disk, whole, theirs is deleted."""
    async with open_texting(url) as stage:
        stage.sim.text_in("whatsapp:+526622334455", media=(("application/pdf", PDF),))
        await stage.time.settle()
        with patch.object(DiskBlobs, "put", _full):
            for _ in range(3):
                await stage.house.media.step()
                await stage.pass_(60)
        early = len(stage.sim.ledger.of("media_deleted"))
        for _ in range(6):
            await stage.house.media.step()
            await stage.pass_(60)
        kept = [(one.sha256, one.size_bytes) for one in await stage.shown(attachments)]
        gone = len(stage.sim.ledger.of("media_deleted"))
        return early != 0 or kept != [(sha256(PDF).hexdigest(), len(PDF))] or gone != 1


async def _full(*_: object, **__: object) -> None:
    raise NoSpace


async def a_forged_word_is_believed(url: str) -> bool:
    """S18: what nobody signed is refused, with nothing stored."""
    async with text_stage() as stage:
        form = {"AccountSid": Config().account_sid, "MessageSid": "SM" + "a" * 32, "From": "+526622334455", "Body": "x"}
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.post(
                f"{stage.url}/hooks/whatsapp/inbound", data=form, headers={"X-Twilio-Signature": "AAAA"}
            )
        return answer.status_code != 403 or stage.door.asked != 0


async def a_mail_is_lost(url: str) -> bool:
    """P9: a mail that the house could not store is taken again."""
    async with staged() as stage:
        stage.door.refusals = [Unavailable()]
        await stage.box.put(letter())
        async with stage.channel.client():
            with anyio.move_on_after(3):
                await stage.door.wait_for(lambda door: door.events)
        return not stage.door.events


async def a_mail_goes_twice(url: str) -> bool:
    """P14: the server takes a mail and the line breaks before it says so."""
    async with smtp_server() as (port, postman):
        postman.hang_up = True
        channel = channel_on(Door(), port, 1)
        for _attempt in range(2):
            try:
                await channel.send(out())
            except ProviderError as error:
                if not error.retryable:
                    break
        return len(postman.mails) != 1


HARNESSES: list[tuple[Callable[[str], Awaitable[bool]], str]] = [
    (words_are_lost_or_doubled, "texts_lose_their_names"),
    (a_dropped_webhook_is_a_lost_word, "the_list_is_never_read"),
    (an_answer_is_posted_twice, "no_answer_is_taken_for_no"),
    (the_screen_says_another_thing_than_the_provider, "every_step_is_delivered"),
    (a_pause_is_not_kept, "pauses_are_not_kept"),
    (a_number_sends_faster_than_it_may, "texts_keep_no_pace"),
    (a_file_is_gone_there_before_it_is_here, "files_are_deleted_as_they_come"),
    (a_forged_word_is_believed, "anybody_may_sign"),
    (a_mail_is_lost, "mail_is_marked_before_it_is_stored"),
    (a_mail_goes_twice, "a_cut_line_is_taken_for_no"),
]


@pytest.mark.parametrize(("is_broken", "bug"), HARNESSES, ids=[one.__name__ for one, _ in HARNESSES])
async def test_the_promise_holds(
    sqlite_database_url: str, is_broken: Callable[[str], Awaitable[bool]], bug: str
) -> None:
    assert not await is_broken(sqlite_database_url), bug


@pytest.mark.parametrize(("is_broken", "bug"), HARNESSES, ids=[bug for _, bug in HARNESSES])
async def test_the_planted_bug_is_noticed(
    sqlite_database_url: str, is_broken: Callable[[str], Awaitable[bool]], bug: str
) -> None:
    with plant(bug):
        assert await is_broken(sqlite_database_url)
