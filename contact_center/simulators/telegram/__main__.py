"""Run the simulator as a process: `python -m contact_center.simulators.telegram --port 0`."""

import argparse
import signal

import anyio

from contact_center.simulators.telegram.app import running_telegram
from contact_center.simulators.telegram.state import Config


def read_arguments(arguments: list[str] | None = None) -> Config:
    """Return the bot that the command line describes."""
    base = Config()
    parser = argparse.ArgumentParser(prog="python -m contact_center.simulators.telegram", description=__doc__)
    parser.add_argument("--host", default=base.host)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=base.token)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-limits", action="store_true", help="count breaches of the rates and let them pass")
    told = parser.parse_args(arguments)
    return Config(host=told.host, port=told.port, token=told.token, seed=told.seed, limits=not told.no_limits)


async def main(config: Config) -> None:
    """Run until SIGINT or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with running_telegram(config) as simulator:
            print(simulator.url, flush=True)  # noqa: T201 - whoever started it reads the address
            async for _ in signals:
                return


if __name__ == "__main__":
    anyio.run(main, read_arguments())
