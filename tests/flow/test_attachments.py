"""Files through their doors: uploaded, sent by id, downloaded by whoever may read the conversation and nobody else."""

import io
import os
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from PIL import Image

from contact_center.errors import Invalid, Missing, TooMany
from contact_center.rules.access import Actor
from contact_center.rules.model import Role
from contact_center.store import options as option_store
from contact_center.store.schema import access_log, attachments
from contact_center.web import attachments as door
from tests.support.house import TestHouse, open_house
from tests.support.registering import browser, form, held, phone_of, rows

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def upload(name: str = "recibo.pdf", content: bytes = PDF, kind: str = "application/pdf") -> dict[str, Any]:
    return {"files": {"file": (name, content, kind)}}


async def sent(house: TestHouse, client: httpx.AsyncClient, visitor: Actor, **given: Any) -> dict[str, Any]:
    """An uploaded file, sent in the visitor's conversation."""
    file: dict[str, Any] = (await client.post("/api/v1/chat/attachments", **upload(**given))).json()["attachment"]
    await house.do(visitor, "chat.send", text="Le mando el recibo", attachment_ids=(file["id"],))
    return file


async def test_a_citizens_file_reaches_the_agent_as_a_download(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, visitor):
        agent = await house.staff("ana")
        file = await sent(house, phone, visitor)
        assert file == {
            "id": file["id"],
            "name": "recibo.pdf",
            "media_type": "application/pdf",
            "size_bytes": len(PDF),
            "state": "stored",
        }
        await house.take_first(agent)
        async with browser(house, agent) as console:
            answer = await console.get(f"/api/v1/attachments/{file['id']}", headers={"range": "bytes=0-," * 1_000})
        assert (answer.status_code, answer.content) == (200, PDF)
        assert answer.headers["content-disposition"].startswith('attachment; filename="recibo.pdf"')
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "content-range" not in answer.headers


async def test_anybody_elses_door_answers_as_if_there_were_no_such_file(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, visitor):
        agent = await house.staff("ana")
        other, systems = await house.staff("beto"), await house.staff("redes", Role.systems, state=None)
        file = await sent(house, phone, visitor)
        await house.do(agent, "work.accept", offer_id=(await house.offer_of(agent))["offer_id"])
        async with browser(house, other) as console:
            real = await console.get(f"/api/v1/attachments/{file['id']}")
            none = await console.get("/api/v1/attachments/01900000-0000-7000-8000-ffffffffffff")
            assert (real.status_code, real.content) == (none.status_code, none.content) == (404, none.content)
        async with browser(house, systems) as console:
            assert (await console.get(f"/api/v1/attachments/{file['id']}")).status_code == 403
        async with house.http() as client:
            assert (await client.get(f"/api/v1/attachments/{file['id']}")).status_code == 401
            assert (await client.get(f"/api/v1/chat/attachments/{file['id']}")).status_code == 401
        async with phone_of(house) as (elsewhere, _other_visitor):
            real = await elsewhere.get(f"/api/v1/chat/attachments/{file['id']}")
            none = await elsewhere.get("/api/v1/chat/attachments/01900000-0000-7000-8000-ffffffffffff")
            assert (real.status_code, real.content) == (none.status_code, none.content) == (404, none.content)
        assert (await phone.get(f"/api/v1/chat/attachments/{file['id']}")).content == PDF


async def test_an_agents_file_is_the_citizens_only_once_it_is_sent(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, visitor):
        agent = await house.staff("ana")
        conversation = (await house.do(visitor, "chat.send", text="Buenos días"))["conversation"]
        await house.take_first(agent)
        async with browser(house, agent) as console:
            given = upload("requisitos.pdf") | {"data": {"conversation_id": conversation}}
            file = (await console.post("/api/v1/attachments", **given)).json()["attachment"]
            elsewhere = upload() | {"data": {"conversation_id": "not-mine"}}
            assert (await console.post("/api/v1/attachments", **elsewhere)).status_code == 404
        assert (await phone.get(f"/api/v1/chat/attachments/{file['id']}")).status_code == 404
        await house.do(
            agent, "conversation.reply", conversation_id=conversation, epoch=1, text="", attachment_ids=(file["id"],)
        )
        assert (await phone.get(f"/api/v1/chat/attachments/{file['id']}")).content == PDF


async def test_a_file_is_sent_once_and_by_its_sender_only(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, visitor):
        file = await sent(house, phone, visitor)
        other = await house.visitor(name="Otra persona")
        for actor in (visitor, other):
            with pytest.raises(Invalid) as refused:
                await house.do(actor, "chat.send", text="Otra vez", attachment_ids=(file["id"],))
            assert refused.value.code == "attachment_unknown"
        (row,) = await rows(house, attachments)
        assert row.visitor_id == visitor.id and row.message_id is not None


async def test_reading_a_file_of_a_restricted_conversation_leaves_a_trace(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, visitor):
        agent = await house.staff("ana")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        file = await sent(house, phone, visitor)
        item = await house.take_first(agent)
        given = form(kind="complaint", category="GA01", requester={"anonymous": True}) | {
            "extra": {"facts": "Pidió dinero.", "place": "Oficina", "date": "2026-11-20", "dependency": "Licencias"}
        }
        await house.do(agent, "petition.create", interaction_id=item["conversation"], **given)
        async with browser(house, boss) as console:
            assert (await console.get(f"/api/v1/attachments/{file['id']}")).status_code == 200
        traces = await rows(house, access_log, access_log.c.object_kind == "attachment")
        assert [(one.actor, one.object_id) for one in traces] == [(f"staff:{boss.id}", file["id"])]


@pytest.mark.parametrize(
    ("name", "content", "kind", "status", "code"),
    [
        ("dibujo.svg", b"<svg onload='alert(1)'/>", "image/svg+xml", 415, "file_kind"),
        ("foto.png", b"<html><script>alert(1)</script>", "image/png", 415, "file_kind"),
        ("grande.pdf", PDF + b"x" * (10 * 1024 * 1024), "application/pdf", 413, "file_too_large"),
        ("vacio.pdf", b"", "application/pdf", 400, "file_empty"),
    ],
)
async def test_a_bad_file_is_refused_and_nothing_is_kept(
    sqlite_database_url: str, tmp_path: Path, name: str, content: bytes, kind: str, status: int, code: str
) -> None:
    async with open_house(sqlite_database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, _):
        answer = await phone.post("/api/v1/chat/attachments", **upload(name, content, kind))
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert await rows(house, attachments) == []
        assert [one for one in (tmp_path / "blobs").rglob("*") if one.is_file()] == []


def part(head: str, content: bytes = b"x") -> bytes:
    return b"--b\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


FILE = 'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (part('Content-Disposition: form-data; name="x"') * 100_000 + b"--b--\r\n", "too_many_parts"),
        (part('Content-Disposition: form-data; name="file"', b"x" * 2_000_000) + b"--b--\r\n", "field_too_long"),
        (part(FILE, PDF) + part(FILE, PDF) + b"--b--\r\n", "one_file_only"),
        (part(FILE.replace('"file"', '"other"'), PDF) + b"--b--\r\n", "one_file_only"),
        (part('Content-Disposition: form-data; name="x"') + b"--b--\r\n", "file_missing"),
        (b"no parts at all", "multipart_broken"),
        (b"--b\r\n" + b"X-Long: " + b"y" * 100_000 + b"\r\n\r\nz\r\n--b--\r\n", "multipart_broken"),
        (b"", "file_missing"),
    ],
)
async def test_a_broken_or_endless_form_is_refused(
    sqlite_database_url: str, tmp_path: Path, body: bytes, code: str
) -> None:
    async with open_house(sqlite_database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, _):
        headers = {"content-type": "multipart/form-data; boundary=b"}
        answer = await phone.post("/api/v1/chat/attachments", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
        assert await rows(house, attachments) == []


async def test_a_body_that_grows_past_the_limit_is_cut_off(sqlite_database_url: str, tmp_path: Path) -> None:
    async with open_house(sqlite_database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, _):
        given = 0

        async def endless() -> Any:
            nonlocal given
            yield b"--b\r\n" + FILE.encode() + b"\r\n\r\n"
            while given < 200:
                given += 1
                yield b"x" * (1024 * 1024)

        headers = {"content-type": "multipart/form-data; boundary=b"}
        answer = await phone.post("/api/v1/chat/attachments", content=endless(), headers=headers)
        assert answer.status_code == 413
        assert given < 20


async def test_the_days_number_of_files_is_bounded(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, visitor):
        async with house.db.write() as conn:
            await option_store.save(conn, "uploads_per_day", 2, house.clock.now())
        for _ in range(2):
            assert (await phone.post("/api/v1/chat/attachments", **upload())).status_code == 200
        refused = await phone.post("/api/v1/chat/attachments", **upload())
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "upload_quota")
        assert int(refused.headers["retry-after"]) == (24 * 60 - 9 * 60 - 12) * 60  # to midnight in Hermosillo
        stored: dict[str, Any] = {"name": "a.pdf", "media_type": "application/pdf", "size_bytes": 1, "sha256": "0" * 64}
        with pytest.raises(TooMany):
            await house.do(visitor, "attachment.store_visitor", **stored)
        house.clock.advance((24 - 9) * 3600)
        assert (await phone.post("/api/v1/chat/attachments", **upload())).status_code == 200


async def test_a_full_disk_refuses_files_and_takes_messages(
    database_url: str, tmp_path: Path, monkeypatch: Any
) -> None:
    async with open_house(database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, visitor):
        real = os.statvfs(tmp_path)
        full = os.statvfs_result((real.f_bsize, real.f_frsize, real.f_blocks, 0, 0, *tuple(real)[5:10]))
        monkeypatch.setattr("contact_center.files.os.statvfs", lambda _path: full)
        answer = await phone.post("/api/v1/chat/attachments", **upload())
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "uploads_off")
        assert (await house.do(visitor, "chat.send", text="Aun así le escribo"))["seq"] == 1
        monkeypatch.undo()
        assert (await phone.post("/api/v1/chat/attachments", **upload())).status_code == 200


async def test_the_same_picture_twice_is_stored_once(sqlite_database_url: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    async with open_house(sqlite_database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, _):
        for name in ("una.png", "otra.png"):
            answer = await phone.post("/api/v1/chat/attachments", **upload(name, out.getvalue(), "image/png"))
            assert answer.status_code == 200
        assert len(await rows(house, attachments)) == 2
        assert len([one for one in (tmp_path / "blobs").rglob("*") if one.is_file()]) == 1


async def test_more_uploads_at_once_than_memory_allows_are_told_to_come_back(
    sqlite_database_url: str, tmp_path: Path, monkeypatch: Any
) -> None:
    async with open_house(sqlite_database_url, data_dir=tmp_path / "blobs") as house, phone_of(house) as (phone, _):
        monkeypatch.setattr(door, "MAX_UPLOADS", 0)
        assert (await phone.post("/api/v1/chat/attachments", **upload())).status_code == 503


async def test_only_the_houses_own_doors_record_files(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, _item = await held(house)
        stored: dict[str, Any] = {"name": "a.pdf", "media_type": "application/pdf", "size_bytes": 1, "sha256": "0" * 64}
        async with browser(house, agent) as console:
            body = {"client_id": "forged-0001", "conversation_id": conversation, **stored}
            assert (await console.post("/api/v1/commands/attachment.store", json=body)).status_code == 404
        other = await house.staff("beto")
        with pytest.raises(Missing):
            await house.do(other, "attachment.store", conversation_id=conversation, **stored)
