"""Exceptions: what stops a run or a command.

What happens to *one message* is a value (:class:`elite_lib.models.Transaction`,
:class:`elite_lib.models.Status`), never an exception. An exception carries
fields, no sentence: ``elite_lib.labels`` turns it into French.

::

    EliteError                    base: code, where, fields
    ├── ConfigError               elite.toml, a secret or an argument: file, key, value seen
    ├── SourceError               a workbook cannot be used at all: .problems, all of them
    ├── TemplateError             a placeholder that does not exist, a template that does not parse
    ├── DocumentError             a PDF could not be made or merged: document number
    ├── OutboxError               a batch is missing, altered, expired or superseded
    ├── JournalError              the journal is missing, or is not the one the outbox knows
    │   └── JournalLockedError    another run is under way: since when, which, whose
    ├── RunError                  the slip does not balance; a run stopped; (strict) something remains
    ├── StorageError              the disk is full or a file cannot be written
    ├── HandoverError             a mail program could not be opened: program, detail
    └── TransportError            the mail server
        ├── AuthenticationError   login refused: the run stops at once
        └── ServerUnavailableError   name, connection or TLS failed; certain that nothing went
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elite_lib.models import Problem


class EliteError(Exception):
    """Carry what went wrong as a code and fields; ``labels.explain`` words it.

    ``code`` is a short stable identifier (``"file_missing"``), unique within
    the class; the keyword arguments are the facts the sentence needs.
    """

    exit_code = 1

    def __init__(self, code: str, **fields: object) -> None:
        self.code = code
        self.fields = fields
        facts = ", ".join(f"{name}={value!r}" for name, value in fields.items())
        super().__init__(f"{type(self).__name__}:{code}" + (f" ({facts})" if facts else ""))


class ConfigError(EliteError):
    """The settings, a secret or an argument cannot be used."""


class SourceError(EliteError):
    """The workbook (or a sheet of it) cannot be used at all."""

    def __init__(self, code: str, *, problems: tuple[Problem, ...] = (), **fields: object) -> None:
        self.problems = problems
        super().__init__(code, **fields)


class TemplateError(EliteError):
    """A subject or text template is wrong: unknown placeholder, bad syntax."""


class DocumentError(EliteError):
    """A PDF could not be made, read or merged."""


class OutboxError(EliteError):
    """A frozen batch is missing, altered, expired or superseded."""

    exit_code = 4


class JournalError(EliteError):
    """The journal is missing, unreadable, or not the one that the outbox knows."""

    exit_code = 4


class JournalLockedError(JournalError):
    """Another run holds the sending account."""


class RunError(EliteError):
    """What an unattended notebook raises at its end, so that papermill exits non-zero."""

    exit_code = 4


class StorageError(EliteError):
    """Something could not be written: disk full, no permission."""

    exit_code = 4


class TransportError(EliteError):
    """The mail server cannot be used; nothing of the current message went out."""

    exit_code = 4


class HandoverError(EliteError):
    """A mail program could not be opened; nothing was handed over."""


class AuthenticationError(TransportError):
    """Login refused (RFC 4954): going on would lock the account."""


class ServerUnavailableError(TransportError):
    """No connection, no TLS, or no usable greeting: certain that nothing went."""
