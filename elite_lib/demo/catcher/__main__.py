"""The catcher's process: ``python -m elite_lib.demo.catcher --home DIR --login NAME``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from elite_lib import storage
from elite_lib.demo.catcher import CA_FILE, MAILBOX, PASSWORD_VARIABLE, desk
from elite_lib.exceptions import StorageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the catcher until it is told to stop; print one line of JSON: its port, or what failed."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)  # what it receives are invoices
    logging.disable()  # aiosmtpd logs senders and recipients
    try:
        password = os.environ.pop(PASSWORD_VARIABLE, "") or _stored_password(options.home)
        listening = desk.listen(options.port)
        context, authority = desk.certificate()
        storage.replace(options.home / CA_FILE, authority)
    except (OSError, StorageError) as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return 1
    answers = desk.Desk(
        mailbox=options.home / MAILBOX,
        login=options.login,
        password=password,
        refuse=options.refuse,
        defer_once=options.defer_once,
        delay=options.delay,
    )
    asyncio.run(desk.serve(answers, listening, context, leash=options.leash))
    return 0


def _stored_password(home: Path) -> str:
    return (home / "secrets" / "mail").read_text(encoding="utf-8").strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m elite_lib.demo.catcher", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="where ca.pem and mailbox/ go")
    parser.add_argument("--login", required=True, help="the password is in secrets/mail of the home")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--refuse", default="", metavar="ADDRESS", help="answer 550 5.1.1")
    parser.add_argument("--defer-once", default="", metavar="ADDRESS", help="answer 451 4.3.2 the first time")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="before each 250")
    parser.add_argument("--leash", action="store_true", help="end when standard input ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
