"""Decisions, and nothing else: pure functions and tables. No I/O, no clock, no randomness of their own."""
