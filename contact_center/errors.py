"""The whole error tree. The docstring of a class is its default text; data travels as attributes and in JSON.

Text for people is looked up by `code` in the UI's catalogue. One handler makes HTTP, one makes a socket frame.
"""

from typing import Any


class ContactCenterError(Exception):
    """Something went wrong."""

    code = "error"
    status = 500

    def __init__(self, code: str | None = None, /, **data: Any) -> None:
        if code is not None:
            self.code = code
        self.data = data
        super().__init__(self.message)

    @property
    def message(self) -> str:
        return (type(self).__doc__ or "").strip().splitlines()[0]

    def as_json(self) -> dict[str, Any]:
        """Return the body of `docs/protocol.md`, «Common»."""
        return {"error": {"code": self.code, "message": self.message, **self.data}}


class Invalid(ContactCenterError):
    """The request is not acceptable as it stands."""

    code = "invalid"
    status = 400


class NotSignedIn(ContactCenterError):
    """Sign in first."""

    code = "not_signed_in"
    status = 401


class Denied(ContactCenterError):
    """You may not do this."""

    code = "denied"
    status = 403


class Missing(ContactCenterError):
    """There is no such thing, or not for you."""

    code = "missing"
    status = 404


class Conflict(ContactCenterError):
    """It changed meanwhile."""

    code = "conflict"
    status = 409


class StaleOwner(Conflict):
    """Somebody else holds this now."""

    code = "stale_owner"


class OfferGone(Conflict):
    """The offer is no longer open."""

    code = "offer_gone"


class AlreadyTaken(Conflict):
    """Somebody else took it first."""

    code = "already_taken"


class IllegalMove(Conflict):
    """That step is not possible from here."""

    code = "illegal_move"


class ClientIdReused(Conflict):
    """This client id was used for another request."""

    code = "client_id_reused"


class TooLarge(ContactCenterError):
    """Too large."""

    code = "too_large"
    status = 413


class UnsupportedKind(ContactCenterError):
    """This kind of file is not accepted."""

    code = "file_kind"
    status = 415


class TooMany(ContactCenterError):
    """Too many requests; wait and try again."""

    code = "too_many"
    status = 429


class Unavailable(ContactCenterError):
    """Not possible right now; nothing was stored; try again shortly."""

    code = "unavailable"
    status = 503


class NoSpace(ContactCenterError):
    """Files cannot be received right now."""

    code = "uploads_off"
    status = 507


class ProviderError(ContactCenterError):
    """An outside provider failed."""

    code = "provider"
    status = 502

    def __init__(
        self, code: str | None = None, /, *, retryable: bool, retry_after_s: float | None = None, **data: Any
    ) -> None:
        super().__init__(code, **data)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
