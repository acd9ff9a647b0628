"""Contact center of a government office: one queue for chats, calls and promised callbacks."""

__version__ = "0.1.0"
