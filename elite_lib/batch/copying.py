"""Put a copy of each accepted message into the folder of sent messages, beside the run that sends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from elite_lib.batch.office import Office, utc_now
from elite_lib.exceptions import AuthenticationError, ConfigError, EliteError
from elite_lib.mailbox.opening import Mailboxes
from elite_lib.models import Batch, BatchMessage, Entry, EntryKind, Status

# They keep a copy of what is submitted to them by themselves: support.google.com/mail/answer/7126229 for
# Gmail and Workspace; Exchange Online's submission saves to Sent Items. A second one would be a duplicate.
KEEP_COPIES = frozenset(
    {"smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com", "smtp-mail.outlook.com"}
)
COPY_PATIENCE = 5.0  # seconds per answer
_FAILURES = 2  # then it is not tried again in this run: the families' messages do not wait for it


class SentCopies:
    """Observes a run's entries. What fails is in the journal, and changes nothing of what was sent."""

    def __init__(
        self, office: Office, batch: Batch, mailboxes: Mailboxes, *, on_entry: Callable[[Entry], None]
    ) -> None:
        self._office, self._batch, self._mailboxes = office, batch, mailboxes
        self._on_entry = on_entry
        self._messages = {message.key: message for message in batch.messages}
        self._failures = 0
        wanted = mailboxes.copy and office.account.host.lower() not in KEEP_COPIES
        earlier = office.journal.entries(lines={m.line for m in batch.messages}) if wanted else ()
        self._copied = {entry.data.get("message_id") for entry in earlier if _is_copy(entry)}
        self._wanted = wanted

    def observe(self, entry: Entry) -> None:
        """Copy the message of a verdict that says accepted; once, whatever is tried again."""
        if not self._wanted or entry.kind is not EntryKind.VERDICT or self._failures >= _FAILURES:
            return
        if entry.follows:  # its message was copied, or not, with the parcel that leads
            return
        message = self._messages.get(entry.message)
        accepted = any(outcome.status is Status.ACCEPTED for outcome in entry.recipients)
        if message is None or not accepted or message.message_id in self._copied:
            return
        try:
            self._copy(message)
        except EliteError as error:
            # a folder or a password that is missing will be missing for the next message as well
            self._failures += _FAILURES if isinstance(error, ConfigError | AuthenticationError) else 1
            self._note(entry, message, ok=False, detail=str(error))
        else:
            self._failures = 0
            self._copied.add(message.message_id)
            self._note(entry, message, ok=True, detail="")

    def _copy(self, message: BatchMessage) -> None:
        content = self._office.outbox.content(self._batch, message)
        self._mailboxes.own.append(content, self._mailboxes.sent_folder(), at=utc_now())

    def _note(self, about: Entry, message: BatchMessage, *, ok: bool, detail: str) -> None:
        entry = Entry(
            kind=EntryKind.MAILBOX,
            operator=about.operator,
            account=about.account,
            month=about.month,
            batch=about.batch,
            run=about.run,
            line=about.line,
            message=about.message,
            data={"act": "copy", "ok": ok, "detail": detail, "message_id": message.message_id},
        )
        with contextlib.suppress(EliteError):  # a full disk: the run's own next entry says so
            self._on_entry(self._office.journal.append(entry))


def _is_copy(entry: Entry) -> bool:
    return (
        entry.kind is EntryKind.MAILBOX and entry.data.get("act") == "copy" and entry.data.get("ok") is True
    )
