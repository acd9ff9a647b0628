"""Tails the event log and feeds sockets. Reads only."""
