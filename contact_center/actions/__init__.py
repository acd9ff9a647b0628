"""The only writers. One action = one transaction = state + its events (+ outbox rows)."""
