"""A small DNS server on 127.0.0.1, over UDP, that answers from a table.

A name that is not in it does not exist; ``SERVFAIL``, ``REFUSED`` and ``SILENT`` in place of records do what
they say. Records are in zone-file form: ``{"tilleuls.example": {"MX": ["10 mx.tilleuls.example."]}}``.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from elite_lib.doctor import DnsResolver

SERVFAIL, REFUSED, SILENT = "servfail", "refused", "silent"
Zone = Mapping[str, Mapping[str, Sequence[str]] | str]


def txt(*texts: str) -> dict[str, list[str]]:
    """Give the TXT records of a name, each cut into the strings of at most 255 characters that TXT needs."""
    pieces = ([text[start : start + 255] for start in range(0, max(1, len(text)), 255)] for text in texts)
    return {"TXT": [" ".join(f'"{piece}"' for piece in cut) for cut in pieces]}


class DnsServer:
    """Serve ``zone`` until the block ends; ``asked`` remembers the questions."""

    def __init__(self, zone: Zone) -> None:
        self.zone = {name.lower(): records for name, records in zone.items()}
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A datagram wakes the thread: closing alone would leave it in recvfrom.
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._socket.close()
        assert not self._thread.is_alive()

    def resolver(self, patience: float = 5.0) -> DnsResolver:
        """Make a resolver that knows this server alone."""
        return DnsResolver(["127.0.0.1"], port=self.port, patience=patience)

    def _serve(self) -> None:
        while True:
            data, client = self._socket.recvfrom(4096)
            if not data:
                return
            answer = self._answer(dns.message.from_wire(data))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name, kind = str(question.name).rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        found = self.zone.get(name)
        if found == SILENT:
            return None
        if found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif isinstance(found, str):
            response.set_rcode(dns.rcode.from_text(found.upper()))
        elif kind in found:
            response.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *found[kind]))
        return response
