"""A home: the private folder of one establishment, and what lies where in it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import tomlkit

from elite_lib import storage
from elite_lib.exceptions import ConfigError

TOML = "elite.toml"
EXAMPLE = "elite.example.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Say where everything of a home is; nothing is read or made here."""

    root: Path  # absolute

    @property
    def toml(self) -> Path:
        return self.root / TOML

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def documents(self) -> Path:
        return self.root / "documents"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def journal(self) -> Path:
        return self.root / "journal.sqlite"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def returns(self) -> Path:
        return self.root / "returns"

    @property
    def handed(self) -> Path:
        return self.root / "handed"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def attachments(self) -> Path:
        return self.root / "attachments"


def find_home(given: Path | None, *, environ: Mapping[str, str], cwd: Path) -> Path:
    """Find the home: ``given``, else ``ELITE_HOME``, else upwards from ``cwd`` to an ``elite.toml``.

    What was named is never passed over in silence: a named folder without ``elite.toml`` is an
    error, not a reason to look elsewhere and send another home's invoices.

    Raises:
        ConfigError: ``home_missing`` (path where it was looked for, source: "argument",
            "environment" or "search").
    """
    named = given or (Path(environ["ELITE_HOME"]) if environ.get("ELITE_HOME") else None)
    if named is not None:
        folder = (cwd / named.expanduser()).resolve()
        if folder.name == TOML and folder.is_file():
            folder = folder.parent
        if not (folder / TOML).is_file():
            source = "argument" if given else "environment"
            raise ConfigError("home_missing", path=str(folder), source=source)
        return folder
    start = cwd.resolve()
    for folder in (start, *start.parents):
        if (folder / TOML).is_file():
            return folder
    raise ConfigError("home_missing", path=str(start), source="search")


def usual_home() -> Path:
    """Say where the dashboard makes a home, and looks for it again, when none is named."""
    return Path.home() / "elite"


def example() -> str:
    """Return ``elite.example.toml``: from the wheel, else from the checkout of an editable install.

    Raises:
        ConfigError: ``example_missing``: the installation is incomplete.
    """
    package = resources.files("elite_lib")
    inside = package / EXAMPLE
    if inside.is_file():
        return inside.read_text(encoding="utf-8")
    beside = Path(str(package)).parent / EXAMPLE
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    raise ConfigError("example_missing", file=str(beside))


def create_home(
    folder: Path, *, name: str = "", establishment: str = "", source_name: str = "factures.xlsx"
) -> Home:
    """Make a home: private folders, and an ``elite.toml`` with every setting explained.

    ``name`` (of the establishment) is the folder's until it is filled in, ``establishment`` (key in
    the journal) is made from it. ``elite.toml`` comes last: what was interrupted is not a home.

    Raises:
        ConfigError: ``home_exists``; the folder is left as it is.
        StorageError: it cannot be written.
    """
    home = Home(root=folder.expanduser().resolve())
    if home.toml.exists():
        raise ConfigError("home_exists", path=str(home.root))
    name = name or home.root.name
    document = tomlkit.parse(example())
    document["home"]["name"] = name
    document["home"]["establishment"] = establishment or _key(name)
    document["data"]["source"] = source_name
    storage.make_folder(home.root)
    with storage.writing(home.root):
        if os.name != "nt":
            home.root.chmod(storage.PRIVATE_FOLDER)
    for inner in (home.outbox, home.documents, home.runs, home.secrets, home.locks, home.attachments):
        storage.make_folder(inner)
    storage.replace(home.toml, tomlkit.dumps(document).encode())
    return home


def _key(name: str) -> str:
    """``Résidence Les Tilleuls`` -> ``residence-les-tilleuls``."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe")).encode(
        "ascii", "ignore"
    )
    return re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:32].rstrip("-") or "home"
