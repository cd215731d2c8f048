"""The ``elite bounces`` commands: what a message that came back says; addresses set aside for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from elite_lib import bounces
from elite_lib.cli import collecting, sheets, views
from elite_lib.labels import N_, _
from elite_lib.models import MailReport

Source = Annotated[Path, typer.Argument(metavar=N_("DIR_OR_FILE"))]
Json = Annotated[bool, typer.Option("--json", help=N_("One JSON object a line, for each message."))]


def build_app() -> typer.Typer:
    """Build the sub-application; help texts are translated now, into the language chosen before."""
    app = typer.Typer(help=_("Messages that came back: say what they are."), no_args_is_help=True)
    app.command("classify", help=_("Classify a message, or every file of a folder."))(classify)
    app.command("sheet", help=_("Say whom to call about what came back, and what to mend ourselves."))(
        sheets.sheet
    )
    app.command("report", help=_("Write the analysis of what came back as one HTML file."))(sheets.report)
    app.command("aside", help=_("List the addresses that are not written to any more, and why."))(
        collecting.aside
    )
    app.command("clear", help=_("Let an address be written to again."))(collecting.clear)
    return app


def classify(source: Source, json: Json = False) -> None:
    """Print one answer a line, by file name; a file that cannot be read is an ordinary message."""
    for file in _files(source):
        report = bounces.classify(_content(file))
        if json:
            views.emit(as_record(file.name, report))
        else:
            views.say(_line(file.name, report))


def _files(source: Path) -> Iterator[Path]:
    if source.is_dir():
        yield from sorted((file for file in source.iterdir() if file.is_file()), key=lambda file: file.name)
    else:
        yield source


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        views.note(str(error))
        return b""


def as_record(name: str, report: MailReport) -> dict[str, object]:
    """Give the promised JSON object. A finding that names nobody is left out: the message alone is known."""
    return {
        "file": name,
        "kind": report.kind.value,
        "message_id": report.message_id,
        "envid": report.envid,
        "token": report.token,
        "detector": report.detector,
        "disposition": report.disposition,
        "recipient": report.recipient,
        "date": report.date.isoformat() if report.date else "",
        "reports": [
            {
                "recipient": found.recipient,
                "aliases": list(found.aliases),
                "class": found.cls.value,
                "final": found.final,
                "status": found.status,
                "reply_code": found.reply_code,
                "reason": found.reason,
                "ours_to_fix": found.ours_to_fix,
                "remote_server": found.remote_server,
                "rule": found.rule,
            }
            for found in report.reports
            if found.recipient
        ],
    }


def _line(name: str, report: MailReport) -> str:
    found = ", ".join(f"{f.recipient or '?'} {f.cls.value}" for f in report.reports)
    return "   ".join(filter(None, (name, report.kind.value, found)))
