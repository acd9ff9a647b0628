"""The command line: `contact-center …`."""

from contact_center.cli import app

__all__ = ["app"]

if __name__ == "__main__":
    app()
