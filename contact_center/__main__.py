"""The command line: `contact-center …`."""

import gc

# Importing makes a hundred thousand objects that stay: looking for garbage among them costs a fifth of the start.
# `main.running` turns it on again when the service stands.
gc.disable()

from contact_center.cli import app  # noqa: E402

__all__ = ["app"]

if __name__ == "__main__":
    app()
