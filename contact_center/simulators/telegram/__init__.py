"""A Telegram to develop, test and show with: the Bot API of one bot, and people who write to it."""

from contact_center.simulators.telegram.app import Simulator, running_telegram
from contact_center.simulators.telegram.state import Config

__all__ = ["Config", "Simulator", "running_telegram"]
