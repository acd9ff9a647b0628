"""Looking at every state of a screen with axe, in light and in dark, and telling of everything at the end."""

from typing import Final, Literal

from playwright.async_api import Page

from tests.support.browser import axe_violations

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


class Looks:
    """What was looked at, and what was wrong there."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.count = 0

    async def at(self, page: Page, where: str) -> None:
        """Look at a page as it is now, in both themes."""
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            self.wrong += [f"{where}, {scheme}: {line}" for line in await axe_violations(page)]
            self.count += 1
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
