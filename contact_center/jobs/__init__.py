"""The loops: route, timers, presence, places. Each may run twice or late:
what they ask for looks again inside its transaction.
"""
