"""A Twilio to develop, test and show with. It refuses what the real one refuses, and talks to this machine only."""

from contact_center.simulators.twilio.app import Simulator, running_twilio
from contact_center.simulators.twilio.config import Config, Number
from contact_center.simulators.twilio.elapse import Elapse, PacedTime, VirtualTime

__all__ = ["Config", "Elapse", "Number", "PacedTime", "Simulator", "VirtualTime", "running_twilio"]
