"""E-mail through the whole house: a letter becomes a contact, its answer stays in the thread, a bounce shows."""

from tests.support.letters import dsn
from tests.support.mail_stage import letter, open_office
from tests.support.registering import MARIA, form


async def test_a_letter_is_answered_in_its_thread_and_a_bounce_is_told(database_url: str) -> None:
    async with open_office(database_url) as office:
        house = office.house
        agent = await house.staff("ana")
        text = "Hay un bache.\n\nEl lun, 24 nov 2026, Atención <atencion@sonora.example> escribió:\n> ¿Dónde?"
        await office.box.put(letter(text, Subject="Bache en mi calle"))
        (first, _) = await office.until(lambda found: len(found) == 2)
        assert (first["text"], first["data"]["subject"]) == ("Hay un bache.", "Bache en mi calle")
        assert "¿Dónde?" in first["data"]["quoted"]
        await office.deliver()
        (greeted,) = office.postman.mails
        assert (greeted["To"], greeted["Auto-Submitted"]) == ("ana@correo.example", "auto-replied")
        item = await house.take_first(agent)
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"]}
        await house.do(agent, "conversation.reply", **fields, text="¿En qué calle?", extra={"quote": True})
        await office.deliver()
        answer = office.postman.mails[-1]
        assert (answer["Subject"], answer["In-Reply-To"]) == ("Re: Bache en mi calle", "<m1@correo.example>")
        assert answer["References"].split()[0] == "<m1@correo.example>" and answer["Auto-Submitted"] is None
        body = answer.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert body.decode().startswith("¿En qué calle?\r\n\r\nEl 24 de noviembre de 2026 a las 09:12 usted escribió:")
        assert "> Hay un bache." in body.decode()
        again = letter("En la Ejemplo", "<m2@correo.example>", In_Reply_To=answer["Message-ID"], Subject="Re: Bache")
        await office.box.put(again)
        (_, _, sent, back) = await office.until(lambda found: len(found) == 4)
        assert (back["text"], back["data"]["reply_to"], sent["delivery"]) == ("En la Ejemplo", sent["seq"], "accepted")
        await office.box.put(dsn().replace("<o1.0@sonora.example>", str(answer["Message-ID"])).encode())
        thread = await office.until(lambda found: found[2]["delivery"] == "failed")
        assert thread[2]["delivery_reason"] == "unknown_address"


async def test_a_letter_that_cites_its_folio_goes_on_with_the_petition(database_url: str) -> None:
    async with open_office(database_url) as office:
        house = office.house
        agent = await house.staff("ana")
        await office.box.put(letter("Hay un bache.", Subject="Bache en mi calle"))
        await office.until(lambda found: len(found) == 2)
        item = await house.take_first(agent)
        first = item["conversation"]
        made = await house.do(agent, "petition.create", interaction_id=first, **form())
        folio = made["petition"]["folio"]
        fields = {"conversation_id": first, "epoch": item["epoch"]}
        await house.do(agent, "conversation.reply", **fields, text="Ya tiene folio.")
        await office.deliver()
        subject = str(office.postman.mails[-1]["Subject"])
        assert subject == f"Re: Bache en mi calle [{folio}]"
        await house.do(agent, "conversation.close", **fields, how="closed")

        # Their program drops the thread; the folio brings the answer to its petition.
        await office.box.put(letter("Sigue igual.", "<m2@correo.example>", Subject=subject))
        thread = await office.until(lambda found: found and found[0]["text"] == "Sigue igual.")
        assert thread[0]["data"]["folio"] == folio
        second = await office.latest()
        assert second != first
        assert await office.linked(folio) == {first: "created", second: "linked"}
        # A link that a person undoes is not made again by the next letter.
        held = await house.take_first(agent)
        await house.do(agent, "petition.unlink", interaction_id=second, folio=folio, reason="Es otro bache")
        await office.box.put(letter("Es en otra calle.", "<m3@correo.example>", Subject=subject))
        await office.until(lambda found: any(one["text"] == "Es en otra calle." for one in found))
        assert await office.linked(folio) == {first: "created"}
        assert held["conversation"] == second

        # Anybody can write a folio: a stranger's letter shows it and is linked with nothing.
        await office.box.put(letter("Soy su vecino.", "<v1@correo.example>", From="v@correo.example", Subject=folio))
        strange = await office.until(lambda found: len(found) > 0, "v@correo.example")
        assert strange[0]["data"]["folio"] == folio
        assert await office.linked(folio) == {first: "created"}


async def test_a_question_about_a_folio_may_stand_in_the_subject(database_url: str) -> None:
    async with open_office(database_url) as office:
        house = office.house
        agent = await house.staff("ana")
        folio = (await house.do(agent, "petition.create", **form(medium="phone")))["petition"]["folio"]
        last4 = MARIA["phone"][-4:]
        about = f"¿Cómo va mi folio {folio}?"
        await office.box.put(letter(last4, Subject=about))
        thread = await office.until(lambda found: any(one["code"] == "folio_status" for one in found))
        assert thread[0]["text"] == last4
        # A letter that says more than a question is read by a person, whatever the house answered.
        more = f"Mi folio es {folio}, terminación {last4}. " + "La luminaria sigue apagada y la calle muy oscura. " * 4
        await office.box.put(letter(more, "<l1@correo.example>", From="luz@correo.example", Subject="Luz"))
        await office.until(lambda found: any(one["code"] == "folio_status" for one in found), "luz@correo.example")
        item = await house.take_first(agent)
        assert item["conversation"] == await office.latest("luz@correo.example")
        # Whoever adds to a petition is not asked for four digits by a machine.
        await office.box.put(
            letter("Anexo fotos.", "<a1@correo.example>", From="a@correo.example", Subject=f"Sobre {folio}")
        )
        found = await office.until(lambda found: len(found) > 1, "a@correo.example")
        assert "folio_ask" not in [one["code"] for one in found]
        assert (await house.take_first(agent))["conversation"] == await office.latest("a@correo.example")
        # Some write all they have to say into the subject.
        await office.box.put(
            letter("", "<s1@correo.example>", From="s@correo.example", Subject="No hay agua en la Ejemplo")
        )
        (only, *_) = await office.until(lambda found: len(found) > 0, "s@correo.example")
        assert only["text"] == "No hay agua en la Ejemplo"


async def test_a_crisis_in_the_subject_is_heard(database_url: str) -> None:
    async with open_office(database_url) as office:
        await office.box.put(letter("Perdón por molestar.", Subject="ya no quiero vivir"))
        thread = await office.until(lambda found: len(found) > 1)
        assert any("crisis" in (one["code"] or "") for one in thread)
