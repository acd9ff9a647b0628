"""Databases for tests: each test gets a copy of one that was migrated once, on SQLite and on PostgreSQL."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.support.postgres import PostgresServer

TEMPLATE: Final = "migrated"


def migrate(url: str) -> None:
    """Bring a database to the newest schema the way an operator does."""
    env = {**os.environ, "CONTACT_CENTER_DATABASE_URL": url}
    command = [sys.executable, "-m", "contact_center", "migrate"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"migrate failed on {url}:\n{done.stdout}{done.stderr}")


def sqlite_url(path: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{path}"


def copy_sqlite(template: Path, folder: Path) -> str:
    """Copy a migrated file that nobody has open and return the copy's address."""
    copy = folder / "contact-center.db"
    shutil.copyfile(template, copy)
    return sqlite_url(copy)


def migrated_template(server: PostgresServer) -> str:
    """Create and migrate the database that the tests' databases are copies of; return its name."""
    server.run_sql(f'CREATE DATABASE "{TEMPLATE}"')
    migrate(server.url(TEMPLATE))
    return TEMPLATE
