"""Make a home that sends: sample workbook, filled-in settings, logo, password of the catcher."""

from __future__ import annotations

import contextlib
import json
import secrets as random_secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elite_lib import config, secrets, storage
from elite_lib.config import Home
from elite_lib.demo import identifiers
from elite_lib.demo.catcher import CA_FILE, HOST, MAILBOX, Catcher, free_port
from elite_lib.demo.facts import DemoFacts
from elite_lib.demo.generator import WORKBOOK, build, generate
from elite_lib.exceptions import ConfigError, ServerUnavailableError

NAME = "Résidence Les Tilleuls"
SENDER = "facturation@les-tilleuls.example"
LOGO = "logo.png"
COLOUR = "#1f5673"
_RECORD = "demo.json"  # how the home was made: what tells a demo from an office's own home


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoHome:
    """A home of sample data, and what it is known to hold."""

    home: Home
    facts: DemoFacts
    login: str = SENDER

    @property
    def root(self) -> Path:
        return self.home.root

    @property
    def mailbox(self) -> Path:
        """Maildir of what the catcher received; not there before it ran."""
        return self.root / MAILBOX


def make_home(home: Path, *, residents: int = 60, seed: int = 2026) -> DemoHome:
    """Make a demo home in ``home``, ready to send to the catcher; take up one made with the same arguments.

    A home taken up keeps its journal: what was accepted is not sent again, in the demo either.

    Raises:
        ConfigError: ``home_exists``: a home that is no demo, or one made with other arguments.
        StorageError: it cannot be written.
    """
    root = home.expanduser().resolve()
    record = json.dumps({"residents": residents, "seed": seed}).encode()
    if (root / _RECORD).is_file():
        if (root / _RECORD).read_bytes() != record:
            raise ConfigError("home_exists", path=str(root))
        _, facts = build(root / WORKBOOK, residents=residents, seed=seed)
        return DemoHome(home=Home(root=root), facts=facts)
    made = config.create_home(root, name=NAME, establishment="les-tilleuls", source_name=WORKBOOK)
    facts = generate(root, residents=residents, seed=seed)
    _write_logo(root / LOGO)
    secrets.store("mail", random_secrets.token_urlsafe(16), home=made)
    config.save(made, _settings())
    storage.replace(root / _RECORD, record)  # last: what was interrupted is not taken up
    return DemoHome(home=made, facts=facts)


@contextlib.contextmanager
def catcher_for(demo: DemoHome, *, delay: float = 0.0) -> Iterator[Path]:
    """Run the home's mail catcher for the length of the block; give the Maildir that it fills.

    It listens where ``elite.toml`` says; if that port was taken meanwhile, on another, which is
    then written there. ``delay``: seconds before each acceptance.

    Raises:
        ServerUnavailableError: ``refused``: it could not be started.
    """
    account = config.load(demo.home).mail
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_catcher(demo, account.port if account else 0, delay))
        except ServerUnavailableError:
            catcher = stack.enter_context(_catcher(demo, 0, delay))
            config.save(demo.home, {"mail": {"port": catcher.port}})
        yield demo.mailbox


def _catcher(demo: DemoHome, port: int, delay: float) -> Catcher:
    return Catcher(
        demo.root,
        login=demo.login,
        # the file and not the environment's password, which would be a real account's
        password=secrets.find("mail", home=demo.home, environ={}),
        port=port,
        refuse=demo.facts.refused,
        defer_once=demo.facts.deferred,
        delay=delay,
    )


def _write_logo(path: Path) -> None:
    from elite_lib.demo.logo import draw  # noqa: PLC0415 - Pillow is slow to load

    storage.replace(path, draw(COLOUR))


def _settings() -> config.Changes:
    return {
        "letterhead": _letterhead(),
        "mail": {
            "sender": SENDER,
            "name": NAME,
            "reply_to": "accueil@les-tilleuls.example",
            "host": HOST,
            "port": free_port(),
            "login": SENDER,
            "ca_file": CA_FILE,
            "timeout": 20.0,
        },
        "pace": {"between": 0.05, "every": 10, "pause": 0.2},
        "canary": {"messages": 0},  # nothing comes back to a demo: ten minutes would be waited for nothing
        "notice": {"due_day": 0},  # the sample months are no month of today: nothing is overdue
        "message": {
            "signature": f"Le service facturation\n{NAME}\n02 61 91 00 00 (message d'exemple)",
        },
    }


def _letterhead() -> dict[str, object]:
    siret = identifiers.siret("99999999")
    return {
        "legal_form": "SAS au capital de 37 000 € (société fictive)",
        "address": ["12 allée des Tilleuls", "37000 TOURS"],
        "phone": "02 61 91 00 00",
        "email": SENDER,
        "siret": siret,
        "finess": "999999999",
        "vat_number": identifiers.vat_number(siret),
        "ape": "87.10A",
        "mentions": [
            "Document d'exemple : établissement, résidents et comptes sont fictifs.",
            "À régler au plus tard à la date d'échéance.",
        ],
        "statement_mentions": ["Document d'exemple. Sommes avancées au nom et pour le compte du résident."],
        "mediator": "Médiateur fictif, 1 place de l'Exemple, 37000 Tours, mediateur.example",
        "iban": identifiers.iban(10_000_000_001),
        "bic": identifiers.BIC,
        "creditor_id": identifiers.creditor_id("999999"),
        "logo": LOGO,
        "colour": COLOUR,
    }
