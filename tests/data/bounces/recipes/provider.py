"""A provider for mail servers to talk to: DNS, and SMTP that answers by the recipient's name.

Started by ``servers.py`` in a network of its own, where it may have ports 25 and 53. What comes for
``maison.test`` is kept, one file each: these are the bounces.
"""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from pathlib import Path
from typing import ClassVar

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

HOME, PROVIDER, DEAD = "192.0.2.2", "192.0.2.3", "192.0.2.9"  # at DEAD nobody listens
ZONE: dict[str, dict[str, list[str]]] = {
    "maison.test": {"MX": ["10 mx.maison.test."]},
    "mx.maison.test": {"A": [HOME]},
    "famille.example": {"MX": ["10 mx.famille.example."]},
    "mx.famille.example": {"A": [PROVIDER]},
    "muet.example": {"MX": ["10 mx.muet.example."]},
    "mx.muet.example": {"A": [DEAD]},
    "sansmail.example": {"MX": ["0 ."]},  # RFC 7505
    "mx.hebergeur.example": {"A": ["192.0.2.1"]},
}  # every other name does not exist
AT_RCPT = {
    "inconnu": "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table",
    "plein": "552 5.2.2 <{to}>: Recipient address rejected: Mailbox is full",
    "ferme": "550 5.2.1 <{to}>: Recipient address rejected: this mailbox has been disabled",
    "relais": "554 5.7.1 <{to}>: Relay access denied",
    "politique": "550 5.7.1 <{to}>: Recipient address rejected: not allowed by local policy",
    "gris": "450 4.2.0 <{to}>: Recipient address rejected: Greylisted, try again later",
    "bref": "550 unknown",
    "francais": "550 5.1.1 <{to}>: Adresse inexistante sur ce serveur",
}
AT_DOT = {
    "gros": "552 5.3.4 Message size exceeds fixed limit",
    "spam": "550 5.7.1 Message rejected: it looks like spam",
    "lignes": "550-5.7.1 This message was refused by our content filter.\r\n550-5.7.1 See\r\n"
    "550 5.7.1 https://postmaster.famille.example/filter for why.",
    "quota": "552 5.2.2 <{to}> Quota exceeded (mailbox for user is full)",
}


class Conversation(socketserver.StreamRequestHandler):
    """One SMTP session."""

    kept: ClassVar[Path]
    number: ClassVar[int] = 0

    def handle(self) -> None:
        self.say("220 mx.famille.example ESMTP")
        people: list[str] = []
        for line in iter(self.rfile.readline, b""):
            text = line.decode("utf-8", "replace").strip()
            verb = text[:4].upper()
            if verb == "EHLO":
                self.say("250-mx.famille.example", "250-SIZE 10000000", "250 ENHANCEDSTATUSCODES")
            elif verb == "MAIL":
                people = []
                self.say("250 2.1.0 Ok")
            elif verb == "RCPT":
                to = text.partition("<")[2].partition(">")[0]
                answer = AT_RCPT.get(to.partition("@")[0], "250 2.1.5 Ok").format(to=to)
                if answer.startswith("2"):
                    people.append(to)
                self.say(answer)
            elif verb == "DATA" and people:
                self.say("354 End data with <CR><LF>.<CR><LF>")
                self.say(self.took(people))
            elif verb == "QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok" if verb in ("HELO", "RSET", "NOOP") else "503 5.5.1 Bad sequence")

    def took(self, people: list[str]) -> str:
        content = []
        for line in iter(self.rfile.readline, b""):
            if line.rstrip(b"\r\n") == b".":
                break
            content.append(line[1:] if line.startswith(b"..") else line)
        if people[0].endswith("@maison.test"):
            type(self).number += 1
            name = f"{type(self).number:03}.eml"
            (self.kept / name).write_bytes(b"".join(content).replace(b"\r\n", b"\n"))
            return "250 2.0.0 Ok"
        return AT_DOT.get(people[0].partition("@")[0], "250 2.0.0 Ok").format(to=people[0])

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class Names(socketserver.BaseRequestHandler):
    """One question, over UDP."""

    def handle(self) -> None:
        data, answer_on = self.request
        query = dns.message.from_wire(data)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA | dns.flags.AA
        found = ZONE.get(str(question.name).rstrip(".").lower())
        if found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in found:
            response.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *found[kind]))
        answer_on.sendto(response.to_wire(), self.client_address)


class Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    address_family = socket.AF_INET


def main() -> None:
    Conversation.kept = Path(sys.argv[1])
    names = socketserver.ThreadingUDPServer(("127.0.0.1", 53), Names)
    servers = [names, Threads((HOME, 25), Conversation), Threads((PROVIDER, 25), Conversation)]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
