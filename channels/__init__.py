"""One adapter per provider: pure ``*_wire`` modules (parse, format, verify) beside the file that does I/O.

Channels know ``contact_center.ports``, ``contact_center.errors`` and ``contact_center.rules`` only. They never import
each other or the actions: the inbound verbs reach them as a port. Only ``contact_center.main`` imports them.
"""
