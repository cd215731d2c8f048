"""Tests of the accounts and the provider's authorisation: each step is told as soon as it is over."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from elite_lib import tokens
from elite_lib.config import Settings
from elite_lib.exceptions import EliteError
from elite_lib.labels import _, explain, word
from elite_lib.labels.doctor import describe_diagnosis
from elite_lib.models import CheckVerdict, Diagnosis, MailAccount
from elite_lib.ui.settings.form import Block, Form, notice

if TYPE_CHECKING:
    from elite_lib.doctor import Resolver

# Shapes tell the verdicts apart, colours only help.
_MARKS = {
    CheckVerdict.OK: "✓",
    CheckVerdict.WARNING: "▲",
    CheckVerdict.FAILED: "✗",
    CheckVerdict.SKIPPED: "–",
}
_RESULTS = {
    CheckVerdict.OK: "good",
    CheckVerdict.SKIPPED: "good",
    CheckVerdict.WARNING: "info",
    CheckVerdict.FAILED: "error",
}
_GRAVEST = (CheckVerdict.FAILED, CheckVerdict.WARNING, CheckVerdict.OK, CheckVerdict.SKIPPED)


async def examine(
    form: Form,
    settings: Settings,
    account: MailAccount,
    *,
    password: Callable[[], str] | str,
    resolver: Resolver | None,
    on_result: Callable[[CheckVerdict], None] = lambda _worst: None,
) -> None:
    """Examine the mail account as it stands on the page; nothing is sent. ``on_result`` is told the worst."""
    from elite_lib import doctor  # noqa: PLC0415 (DNS and certificates, 0.2 s: only who asks pays)

    form.show("test", notice(_("The mail account is being examined…"), tone="info"))
    worst = CheckVerdict.SKIPPED
    try:
        addresses = await asyncio.to_thread(doctor.family_addresses, settings)
        now = dt.datetime.now(dt.UTC)
        steps = doctor.examine(
            account,
            password,
            resolver=resolver or doctor.DnsResolver(),
            addresses=addresses,
            now=now,
            letters=doctor.home_letters(settings, os.environ, now=now),
        )
        form.show("test")
        while (diagnosis := await asyncio.to_thread(next, steps, None)) is not None:
            form.show("test", _step(diagnosis), append=True)
            worst = min(worst, diagnosis.verdict, key=_GRAVEST.index)
        form.show("test", notice(_result(worst), tone=_RESULTS[worst]), append=True)
        on_result(worst)
    except Exception as error:
        form.show("test", notice(explain(error)), append=True)
    finally:
        form.done("test")


def _step(diagnosis: Diagnosis) -> Block:
    return {
        "kind": "step",
        "verdict": diagnosis.verdict.value,
        "mark": _MARKS[diagnosis.verdict],
        "word": word(diagnosis.verdict),
        "where": _("{where}:").format(where=word(diagnosis.step)),
        "text": describe_diagnosis(diagnosis),
    }


def _result(worst: CheckVerdict) -> str:
    if worst is CheckVerdict.FAILED:
        return _("Sending does not work yet: see the steps marked {mark}.").format(mark=_MARKS[worst])
    if worst is CheckVerdict.WARNING:
        return _("Sending works. Look at the steps marked {mark}.").format(mark=_MARKS[worst])
    return _("Sending works.")


async def look_into_mailbox(form: Form, settings: Settings, *, environ: Mapping[str, str]) -> None:
    """Log in to the mailbox, and say which folder holds what was sent; nothing is changed there."""
    try:
        text = await asyncio.to_thread(_looked, settings, environ)
        form.show("test_imap", notice(text, tone="good"))
    except Exception as error:
        form.show("test_imap", notice(explain(error)))
    finally:
        form.done("test_imap")


def _looked(settings: Settings, environ: Mapping[str, str]) -> str:
    from elite_lib.mailbox.opening import home_mailboxes  # noqa: PLC0415 (only who asks pays)

    if settings.imap is None:
        return _("No mailbox is filled in: nothing to test.")
    own = tokens.of_home(settings, environ)
    boxes = home_mailboxes(settings.imap, home=settings.home, environ=environ, tokens=own)
    try:
        folder = boxes.sent_folder()
    finally:
        boxes.close()
    return _("The mailbox answers. Sent messages are in its folder “{folder}”.").format(folder=folder)


class Authorising:
    """One person's authorisation at the provider (RFC 8628), which takes as long as the person does."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._stop = threading.Event()

    def stop(self) -> None:
        """Wait no longer."""
        self._stop.set()

    async def authorise(self, settings: Settings, *, environ: Mapping[str, str]) -> None:
        """Show the code, wait until it was typed, and say that it was."""
        self._stop.clear()
        try:
            await self._authorise(settings, environ)
        except _StoppedError:
            self._form.show("authorise", notice(_("Nothing was authorised."), tone="info"))
        except EliteError as error:
            self._form.show("authorise", notice(explain(error)))
        except Exception as error:
            self._form.show("authorise", notice(explain(error)))
        finally:
            self._form.done("authorise")

    async def _authorise(self, settings: Settings, environ: Mapping[str, str]) -> None:
        own = tokens.of_home(settings, environ)
        if own is None or settings.oauth is None:
            text = _(
                "Choose an authorisation of Microsoft 365 or Google under “The mail account”, then save."
            )
            self._form.show("authorise", notice(text))
            return
        if settings.oauth.unattended:
            await asyncio.to_thread(own.renew)
            await asyncio.to_thread(own)  # nobody is to be asked: it works, or says why not
        else:
            code = await asyncio.to_thread(own.begin)
            shown = {
                "kind": "code",
                "text": _("Open this page in another tab and type the code:"),
                "address": code.address if code.address.startswith("https://") else "",
                "code": code.user_code,
            }
            self._form.show("authorise", shown, notice(_("Waiting for the authorisation…"), tone="info"))
            await asyncio.to_thread(own.finish, code, sleep=self._sleep)
        self._form.show("authorise", notice(_("The program may use the mailbox now."), tone="good"))

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _StoppedError


class _StoppedError(Exception):
    """The person waits no longer."""
