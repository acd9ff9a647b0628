"""What an operator may set, and how refusals read."""

from pathlib import Path

import pytest

from contact_center import settings
from contact_center.settings import SettingsRefused


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("CONTACT_CENTER_"):
            monkeypatch.delenv(name)


def test_a_service_starts_without_any_setting() -> None:
    loaded = settings.load()
    assert (loaded.database_url, loaded.port) == ("sqlite:///data/contact-center.db", 8000)
    assert loaded.origins >= {"http://127.0.0.1:8000", "http://localhost:8000"}


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACT_CENTER_PORT", "seventy")
    monkeypatch.setenv("CONTACT_CENTER_DATABASE_URL", "mysql://x")
    monkeypatch.setenv("CONTACT_CENTER_PUBLIC_URL", "http://chat.example.org")
    with pytest.raises(SettingsRefused) as refused:
        settings.load()
    named = {line.partition(":")[0] for line in refused.value.problems}
    assert named == {"CONTACT_CENTER_PORT", "CONTACT_CENTER_DATABASE_URL", "CONTACT_CENTER_PUBLIC_URL"}
    assert "use https" in str(refused.value)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "contact-center.toml"
    file.write_text('port = 9001\nhost = "0.0.0.0"\ntrusted_proxies = ["10.0.0.0/8"]\n')
    monkeypatch.setenv("CONTACT_CENTER_CONFIG", str(file))
    monkeypatch.setenv("CONTACT_CENTER_PORT", "9002")
    loaded = settings.load()
    assert (loaded.port, loaded.host, str(loaded.trusted_proxies[0])) == (9002, "0.0.0.0", "10.0.0.0/8")


def test_a_word_in_the_file_that_is_no_setting_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "contact-center.toml"
    file.write_text("prot = 9001\n")
    monkeypatch.setenv("CONTACT_CENTER_CONFIG", str(file))
    with pytest.raises(SettingsRefused, match="PROT"):
        settings.load()


@pytest.mark.parametrize("content", [None, "port = = 1"])
def test_a_file_that_is_missing_or_broken_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "contact-center.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("CONTACT_CENTER_CONFIG", str(file))
    with pytest.raises(SettingsRefused, match="CONTACT_CENTER_CONFIG"):
        settings.load()


def test_lists_are_words_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACT_CENTER_ALLOWED_HOSTS", "a.example.org, b.example.org")
    monkeypatch.setenv("CONTACT_CENTER_PUBLIC_URL", "https://Chat.Example.org")
    loaded = settings.load()
    assert loaded.hosts == {"a.example.org", "b.example.org", "chat.example.org"}
    assert loaded.origins == {"https://chat.example.org"}


@pytest.mark.parametrize("url", ["https://x/path", "ftp://x", "https://", "https://user@x", "x"])
def test_a_public_address_is_a_bare_origin(url: str) -> None:
    with pytest.raises(SettingsRefused, match="PUBLIC_URL"):
        settings.load(public_url=url)


def test_a_secret_does_not_show_itself() -> None:
    assert "hunter2" not in repr(settings.load(metrics_token="hunter2"))


def test_senders_and_mailbox_are_whole_or_refused() -> None:
    account = {
        "twilio_account": "AC" + "5" * 32,
        "twilio_auth_token": "token",
        "twilio_whatsapp_number": "662 108 0001",
    }
    texts = settings.load(**account).channels()["twilio_texts"]
    assert [(one["number"], one["whatsapp"]) for one in texts["senders"]] == [("+526621080001", True)]
    mail = {
        "mail_address": "Atencion@Example.org",
        "mail_imap_url": "imaps://mx.example.org/Sol",
        "mail_smtp_url": "smtp://mx",
    }
    box = settings.load(**mail, mail_password="secret").channels()["mail"]
    assert (box["address"], box["folder"]) == ("atencion@example.org", "Sol")
    assert (box["imap"]["port"], box["imap"]["security"], box["smtp"]["port"]) == (993, "tls", 587)
    assert (box["smtp"]["security"], box["smtp"]["user"]) == ("starttls", "atencion@example.org")
    assert settings.load().channels() == {}
    for wrong in (
        {"twilio_sms_number": "+526621080000"},
        {**account, "twilio_sms_number": "911"},
        {"mail_address": "a@example.org"},
        {**mail, "mail_imap_url": "http://mx"},
        {**mail, "mail_smtp_url": "smtp://user:secret@mx"},
    ):
        with pytest.raises(SettingsRefused) as caught:
            settings.load(**wrong)
        assert "secret" not in str(caught.value)
