"""Every module with verbs, imported so that `kernel.VERBS` is complete. Whoever serves or walks verbs imports this."""

from contact_center.actions import kernel

__all__ = ["kernel"]
