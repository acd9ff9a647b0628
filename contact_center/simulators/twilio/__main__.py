"""Run the simulator as a process: `python -m contact_center.simulators.twilio --voice-url …`."""

import argparse
import signal
from datetime import datetime

import anyio

from contact_center.simulators.twilio.app import running_twilio
from contact_center.simulators.twilio.config import Config, Number


def read_arguments(arguments: list[str] | None = None) -> Config:
    """Return the account that the command line describes."""
    base = Config()
    parser = argparse.ArgumentParser(prog="python -m contact_center.simulators.twilio", description=__doc__)
    parser.add_argument("--host", default=base.host)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--voice-url", default="", help="where calls to the numbers ask for TwiML")
    parser.add_argument("--voice-fallback-url", default="")
    parser.add_argument("--app-voice-url", default="", help="where calls made from browsers ask for TwiML")
    parser.add_argument("--status-callback", default="", help="told when a call to a number ends")
    parser.add_argument("--message-url", default="", help="told of messages to the numbers and WhatsApp senders")
    parser.add_argument("--sms-url", default="", help="told of messages to the numbers, when not by the same address")
    parser.add_argument("--whatsapp", action="append", default=[], help="a WhatsApp sender; may be repeated")
    parser.add_argument("--number", action="append", default=[], help="a number of the account; may be repeated")
    parser.add_argument("--account", default=base.account_sid)
    parser.add_argument("--token", default=base.auth_token)
    parser.add_argument("--api-key", default=base.api_key_sid)
    parser.add_argument("--api-secret", default=base.api_key_secret)
    parser.add_argument("--app", default=base.app_sid)
    parser.add_argument("--pace", type=float, default=1.0, help="20 makes all waits twenty times shorter")
    parser.add_argument(
        "--start", type=datetime.fromisoformat, help="when its clock begins; otherwise it is the real one"
    )
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    return Config(
        host=told.host,
        port=told.port,
        account_sid=told.account,
        auth_token=told.token,
        api_key_sid=told.api_key,
        api_key_secret=told.api_secret,
        app_sid=told.app,
        numbers=tuple(Number(number=one) for one in told.number) or base.numbers,
        whatsapp=tuple(told.whatsapp) or base.whatsapp,
        message_url=told.message_url,
        sms_url=told.sms_url,
        voice_url=told.voice_url,
        voice_fallback_url=told.voice_fallback_url,
        app_voice_url=told.app_voice_url,
        status_callback=told.status_callback,
        pace=told.pace,
        start=told.start,
        seed=told.seed,
    )


async def main(config: Config) -> None:
    """Run until SIGINT or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with running_twilio(config) as simulator:
            print(simulator.url, flush=True)  # noqa: T201 - whoever started it reads the address
            async for _ in signals:
                return


if __name__ == "__main__":
    anyio.run(main, read_arguments())
