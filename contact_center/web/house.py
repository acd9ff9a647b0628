"""What an endpoint may reach: the parts that `main` put together, as one value on the application's state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from starlette.requests import HTTPConnection

from contact_center.actions.writer import Writer
from contact_center.live.hub import Hub
from contact_center.ports import BlobStore, Clock, Ids, VoiceProvider
from contact_center.settings import Settings
from contact_center.store.db import Database


@dataclass(frozen=True, slots=True)
class Telephone:
    """A voice provider, and what a browser needs to be a telephone of it. `kind`: twilio or simulator.

    `sources` is what a console page may connect to for it, by directive of the Content-Security-Policy.
    """

    provider: VoiceProvider
    kind: str
    device_url: str | None
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class House:
    """One node of the service."""

    settings: Settings
    db: Database
    writer: Writer
    hub: Hub
    blobs: BlobStore
    clock: Clock
    ids: Ids
    telephone: Telephone | None = None


def house_of(connection: HTTPConnection) -> House:
    """Return the node that serves this request or socket."""
    return cast(House, connection.app.state.house)
