"""The loops of one node: route, deliver, timers. Idempotent, each can run on every node at once."""
