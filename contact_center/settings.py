"""What an operator sets: environment `CONTACT_CENTER_*`, or the TOML file that `CONTACT_CENTER_CONFIG` names.

The environment wins over the file. Everything the office decides on screen is in `rules.options`, not here.
"""

import os
import re
import socket
import sys
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from contact_center.settings_messages import MessageSettings, is_loopback

PREFIX: Final = "CONTACT_CENTER_"
CONFIG: Final = "CONTACT_CENTER_CONFIG"
TWILIO_API: Final = "https://api.twilio.com"

Network = IPv4Network | IPv6Network


class SettingsRefused(ValueError):
    """Settings the service cannot start with; `problems` has one line for each, all of them at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _words(value: Any) -> Any:
    """Take a list from the environment as words apart by commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _networks(value: Any) -> Any:
    return tuple(ip_network(one, strict=False) for one in _words(value))


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class WebhookPeer(BaseModel):
    """One network behind the open channel. `url` takes our messages, `secret` signs both ways."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,19}$")
    url: str
    secret: SecretStr = Field(min_length=32)
    old_secret: SecretStr | None = None
    """Accepted too while the other side changes to the new one."""
    medium: Literal["facebook", "webhook", "whatsapp", "sms", "email", "telegram"] = "webhook"
    text: int = Field(default=4_000, ge=100, le=20_000)
    media_bytes: int = Field(default=10 * 1024 * 1024, ge=0, le=25 * 1024 * 1024)
    per_s: float = Field(default=20, gt=0, le=1_000)
    personal: bool = False
    """Whether an address there belongs to one person."""

    @field_validator("url")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if not parts.hostname or parts.username or parts.scheme not in {"http", "https"}:
            raise ValueError("expected https://host/path")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("plain http is for loopback addresses only: use https")
        return value


class Settings(MessageSettings):
    """One node's settings. Durations are seconds and end in `_s`, sizes are bytes and end in `_bytes`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    database_url: str = "sqlite:///data/contact-center.db"
    nats_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    """Address that people type; its origin is the only one sockets and writes are accepted from."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    data_dir: Path = Path("data")
    """Where files from citizens are kept."""
    allowed_hosts: Words = ()
    """Host names answered besides the one of `public_url`."""
    trusted_proxies: Networks = ()
    """Whose X-Forwarded-For is believed; nobody's by default."""
    unlimited_networks: Networks = ()
    """Addresses without rate limits, for load tests and demos."""
    metrics_networks: Networks = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    metrics_token: SecretStr | None = None
    """Bearer token that opens /metrics from anywhere else."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = True
    node: str = Field(default_factory=socket.gethostname, min_length=1, max_length=60)
    shutdown_s: float = Field(default=8, gt=0, le=60)
    """How long a stop may take to finish what was begun."""

    # Messaging channels; each is off until it is configured. `channels()` hands them to their adapters.
    telegram_token: SecretStr | None = None
    """A bot's token, as BotFather gives it."""
    telegram_mode: Literal["webhook", "polling"] | None = None
    """How updates come in; by default a webhook at an https address, else polling."""
    telegram_api_url: str = "https://api.telegram.org"
    webhook_channels: tuple[WebhookPeer, ...] = ()
    """Networks that the office connects by itself (docs/open-channel.md)."""

    twilio_account: str = Field(default="", pattern=r"^(AC[0-9a-fA-F]{32})?$")
    """The account whose telephone numbers are ours."""
    twilio_auth_token: SecretStr | None = None
    """What webhooks are signed with, and what our requests prove themselves with when there is no API key."""
    twilio_previous_auth_token: SecretStr | None = None
    """Believed in webhooks besides the present one while the token is being changed."""
    twilio_api_key: str = Field(default="", pattern=r"^(SK[0-9a-fA-F]{32})?$")
    twilio_api_secret: SecretStr | None = None
    twilio_app: str = Field(default="", pattern=r"^(AP[0-9a-fA-F]{32})?$")
    """The application that calls made from a browser belong to. Empty: agents have ordinary telephones."""
    twilio_numbers: Words = ()
    """The office's numbers at the provider, E.164; the first one is shown to whoever is called."""
    twilio_api_url: str = TWILIO_API
    """Where the provider's API is; another address only on this machine, for the simulator."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the file; nothing else."""
        file = os.environ.get(CONFIG)
        if not file:
            return init_settings, env_settings
        from pydantic_settings import TomlConfigSettingsSource

        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(file))

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        scheme, _, rest = value.partition("://")
        if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
            return value
        if scheme == "postgresql" and rest:
            return value
        raise ValueError("expected sqlite:///path/to/file.db or postgresql://user@host/database")

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        parts = urlsplit(value.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
            raise ValueError("expected http(s)://host or http(s)://host:port, without a path")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("plain http is for loopback addresses only: use https")
        return value.rstrip("/").lower()

    @field_validator("telegram_token")
    @classmethod
    def _a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and re.fullmatch(r"\d{5,12}:[A-Za-z0-9_-]{25,60}", value.get_secret_value()) is None:
            raise ValueError("expected the token that BotFather gave, 123456789:AA…")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _known_api(cls, value: str) -> str:
        if value != "https://api.telegram.org" and not is_loopback(urlsplit(value).hostname or ""):
            raise ValueError("expected https://api.telegram.org, or a simulator on this machine")
        return value.rstrip("/")

    @field_validator("webhook_channels")
    @classmethod
    def _apart(cls, value: tuple[WebhookPeer, ...]) -> tuple[WebhookPeer, ...]:
        names = [one.name for one in value]
        taken = {"telegram", "twilio", "sms", "whatsapp", "mail"} & set(names)
        if taken or len(set(names)) != len(names):
            raise ValueError("each channel needs a name of its own")
        return value

    @model_validator(mode="after")
    def _sender_of_an_account(self) -> Self:
        if (self.twilio_sms_number or self.twilio_whatsapp_number) and not (
            self.twilio_account and self.twilio_auth_token
        ):
            raise ValueError("twilio_sms_number and twilio_whatsapp_number need twilio_account and twilio_auth_token")
        return self

    def channels(self) -> dict[str, Any]:
        """Return what each configured messaging channel is built from, secrets in the clear: never log it."""
        found: dict[str, Any] = {}
        if self.telegram_token is not None:
            found["telegram"] = {
                "token": self.telegram_token.get_secret_value(),
                "mode": self.telegram_mode or ("webhook" if self.is_https else "polling"),
                "api_url": self.telegram_api_url,
                "public_url": self.public_url,
            }
        if self.webhook_channels:
            found["webhooks"] = [
                {
                    **one.model_dump(exclude={"secret", "old_secret"}),
                    "secrets": [part.get_secret_value() for part in (one.secret, one.old_secret) if part is not None],
                }
                for one in self.webhook_channels
            ]
        if self.twilio_sms_number or self.twilio_whatsapp_number:
            found["twilio_texts"] = self._twilio_texts()
        if self.mail_address:
            found["mail"] = self.mailbox()
        return found

    @field_validator("twilio_api_url")
    @classmethod
    def _the_provider_or_here(cls, value: str) -> str:
        parts = urlsplit(value)
        if value.rstrip("/") != TWILIO_API and not (
            parts.scheme == "http" and is_loopback(parts.hostname or "") and not parts.path.strip("/")
        ):
            raise ValueError("expected https://api.twilio.com, or a loopback address of a simulator")
        return value.rstrip("/")

    @field_validator("twilio_numbers")
    @classmethod
    def _numbers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not (one.startswith("+") and one[1:].isascii() and one[1:].isdigit() and 8 <= len(one) <= 16):
                raise ValueError("expected numbers such as +526621234567, with commas")
        return value

    @model_validator(mode="after")
    def _whole_telephone(self) -> "Settings":
        if not self.twilio_app:
            return self
        given = {
            "twilio_account": self.twilio_account,
            "twilio_auth_token": self.twilio_auth_token,
            "twilio_api_key": self.twilio_api_key,
            "twilio_api_secret": self.twilio_api_secret,
            "twilio_numbers": self.twilio_numbers,
        }
        missing = sorted(PREFIX + name.upper() for name, value in given.items() if not value)
        if missing:
            raise ValueError(f"with {PREFIX}TWILIO_APP these are needed too: {', '.join(missing)}")
        return self

    def telephone(self) -> dict[str, Any]:
        """Return what the voice provider is built from, secrets in the clear: never log it. Empty: desk phones only."""
        if not self.twilio_app:
            return {}
        tokens = (self.twilio_auth_token, self.twilio_previous_auth_token)
        assert self.twilio_api_secret is not None
        account = {
            "account_sid": self.twilio_account,
            "auth_tokens": tuple(one.get_secret_value() for one in tokens if one is not None),
            "numbers": self.twilio_numbers,
            "api_key_sid": self.twilio_api_key,
            "api_key_secret": self.twilio_api_secret.get_secret_value(),
            "api_base": self.twilio_api_url,
        }
        return {"account": account, "public_url": self.public_url}

    def _twilio_texts(self) -> dict[str, Any]:
        tokens = (self.twilio_auth_token, self.twilio_previous_auth_token)
        senders = ((self.twilio_sms_number, False), (self.twilio_whatsapp_number, True))
        own = {"public_url": self.public_url, "per_s": self.twilio_texts_per_s, "keep_old_one": self.whatsapp_old_one}
        return {
            "account": {
                "account_sid": self.twilio_account,
                "auth_tokens": tuple(one.get_secret_value() for one in tokens if one is not None),
                "api_key_sid": self.twilio_api_key,
                "api_key_secret": self.twilio_api_secret.get_secret_value() if self.twilio_api_secret else "",
                "api_base": self.twilio_api_url,
            },
            "senders": [
                {"number": number, "whatsapp": is_whatsapp, **own} for number, is_whatsapp in senders if number
            ],
        }

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def origins(self) -> frozenset[str]:
        """Return the origins that are ours; a loopback address goes by several names."""
        parts = urlsplit(self.public_url)
        if not is_loopback(parts.hostname or ""):
            return frozenset({self.public_url})
        ports = {parts.port or (443 if self.is_https else 80), self.port}
        return frozenset(f"{parts.scheme}://{name}:{port}" for name in _LOOPBACK_NAMES for port in ports) | {
            self.public_url
        }

    @property
    def hosts(self) -> frozenset[str]:
        """Return the host names that are answered, without ports."""
        own = urlsplit(self.public_url).hostname or ""
        return frozenset(
            {own, *(one.lower() for one in self.allowed_hosts)} | (_LOOPBACK_HOSTS if is_loopback(own) else set())
        )


_LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")


def load(**given: Any) -> Settings:
    """Read the settings; `given` wins over environment and file. Raises SettingsRefused with every problem at once."""
    file = os.environ.get(CONFIG)
    if file and not Path(file).is_file():
        raise SettingsRefused([f"{CONFIG}: there is no file {file}"])
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsRefused([_line(one) for one in error.errors(include_input=False, include_url=False)]) from error
    except ValueError as error:  # the file is no TOML
        raise SettingsRefused([f"{CONFIG}: {error}"]) from error


def _line(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()}: {said}" if name else said


def is_file_open_to_others() -> bool:
    """Say whether other people of this machine can read the settings file, which may hold secrets."""
    file = os.environ.get(CONFIG)
    return bool(file) and bool(Path(file or "").stat().st_mode & 0o077)


def settings_or_exit(**given: Any) -> Settings:
    """Return the settings for a command, or print every problem with them and leave with 2. Nones are not given."""
    try:
        return load(**{key: value for key, value in given.items() if value is not None})
    except SettingsRefused as error:
        sys.stderr.write("\n".join(error.problems) + "\n")
        raise SystemExit(2) from error
