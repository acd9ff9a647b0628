"""HTTP and sockets: bodies in, views out. Decisions live in `rules`, writes in `actions`."""
