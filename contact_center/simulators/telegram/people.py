"""What people do: write, send files, correct themselves, react, block the bot; each makes an update."""

import time
from collections.abc import Mapping
from typing import Any

from contact_center.simulators.telegram.state import Chat, State


class Person:
    """Somebody with a Telegram, who writes to the bot."""

    def __init__(self, state: State, chat: Chat) -> None:
        self._state = state
        self.chat = chat

    @property
    def received(self) -> list[dict[str, Any]]:
        """Return what the bot sent them."""
        return self.chat.inbox

    @property
    def texts(self) -> list[str]:
        return [str(one.get("text") or one.get("caption") or "") for one in self.chat.inbox]

    def say(self, text: str, **more: Any) -> int:
        """Write something; return the message's id."""
        return self._message({"text": text, **more})

    def start(self) -> int:
        """Press «Start»."""
        return self.say("/start", entities=[{"type": "bot_command", "offset": 0, "length": 6}])

    def photo(self, content: bytes, caption: str = "", *, album: str = "") -> int:
        """Send a picture in two sizes, as Telegram makes them."""
        small, large = self._file("small.jpg", content), self._file("large.jpg", content)
        sizes = [{**small, "width": 90, "height": 67}, {**large, "width": 800, "height": 600}]
        named = {"caption": caption} if caption else {}
        return self._message({"photo": sizes, **named, **({"media_group_id": album} if album else {})})

    def document(self, name: str, content: bytes, media_type: str = "application/pdf", caption: str = "") -> int:
        shown = {**self._file(name, content), "file_name": name, "mime_type": media_type}
        return self._message({"document": shown, **({"caption": caption} if caption else {})})

    def voice(self, content: bytes, seconds: int = 3) -> int:
        return self._message(
            {"voice": {**self._file("voice.ogg", content), "duration": seconds, "mime_type": "audio/ogg"}}
        )

    def location(self, latitude: float, longitude: float) -> int:
        return self._message({"location": {"latitude": latitude, "longitude": longitude}})

    def share_contact(self, phone_number: str, *, own: bool = True) -> int:
        """Share a contact: the own one, which Telegram vouches for, or somebody else's."""
        owner = {"user_id": self.chat.id} if own else {}
        contact = {"phone_number": phone_number, "first_name": self.chat.first_name, **owner}
        return self._message({"contact": contact})

    def edit(self, message_id: int, text: str) -> None:
        now = int(time.time())  # noqa: TID251 - a simulator lives in real time
        self._state.push(edited_message=self._base(message_id) | {"text": text, "edit_date": now})

    def react(self, message_id: int, emoji: str) -> None:
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        self._state.push(
            message_reaction={
                "chat": self.chat.as_chat(),
                "message_id": message_id,
                "user": self.chat.as_user(),
                "date": int(time.time()),  # noqa: TID251 - a simulator lives in real time
                "old_reaction": [],
                "new_reaction": new,
            }
        )

    def block(self, *, on: bool = True) -> None:
        """Block the bot, or take it back."""
        self.chat.blocked = on
        bot = self._state.as_bot()
        status = ("member", "kicked") if on else ("kicked", "member")
        old, new = ({"user": bot, "status": one} | ({"until_date": 0} if one == "kicked" else {}) for one in status)
        self._state.push(
            my_chat_member={
                "chat": self.chat.as_chat(),
                "from": self.chat.as_user(),
                "date": int(time.time()),  # noqa: TID251 - a simulator lives in real time
                "old_chat_member": old,
                "new_chat_member": new,
            }
        )

    def _file(self, name: str, content: bytes) -> dict[str, Any]:
        file_id = self._state.add_file(name, content)
        return {"file_id": file_id, "file_unique_id": file_id, "file_size": len(content)}

    def _base(self, message_id: int) -> dict[str, Any]:
        return {
            "message_id": message_id,
            "from": self.chat.as_user(),
            "chat": self.chat.as_chat(),
            "date": int(time.time()),  # noqa: TID251 - a simulator lives in real time
        }

    def _message(self, shown: Mapping[str, Any]) -> int:
        self.chat.started = True
        message_id = self._state.next_message_id()
        self._state.push(message=self._base(message_id) | dict(shown))
        return message_id
