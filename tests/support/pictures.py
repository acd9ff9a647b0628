"""Pictures for the user manual, taken by the tests while SCREENSHOTS=1 is set; a normal run takes none."""

import io
import os
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Page

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "manual" / "img"
WANTED: Final = os.environ.get("SCREENSHOTS", "") not in {"", "0"}
COLOURS: Final = 200
HEIGHTS: Final = {390: 844, 1440: 900}
THEMES: Final = {"claro": "light", "oscuro": "dark"}


async def picture(
    page: Page, name: str, *, themes: tuple[str, ...] = ("claro", "oscuro"), width: int | None = None
) -> None:
    """Keep how a page looks as `<name>-<width>-<theme>.png`, in light and dark, and leave it as it was."""
    if not WANTED:
        return
    before = page.viewport_size
    assert before is not None
    if width is not None and width != before["width"]:
        await page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        await page.wait_for_timeout(300)
    for theme in themes:
        await page.emulate_media(color_scheme=THEMES[theme], reduced_motion="reduce")  # type: ignore[arg-type]
        await page.wait_for_timeout(150)
        raw = await page.screenshot(animations="disabled", caret="hide")
        drawn = (
            Image.open(io.BytesIO(raw))
            .convert("RGB")
            .quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        )
        FOLDER.mkdir(parents=True, exist_ok=True)
        drawn.save(FOLDER / f"{name}-{width or before['width']}-{theme}.png", optimize=True)
    await page.emulate_media(color_scheme="light")
    if width is not None and width != before["width"]:
        await page.set_viewport_size(before)
