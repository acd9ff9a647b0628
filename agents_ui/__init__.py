"""Sources of the staff console, the citizen's chat and its loader, and the path of the built assets."""

from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parent / "static"
"""Folder of the built assets; the same for an editable install and for a wheel. Absent until the UI was built."""
