"""Measure the SMTP dialogue against its floor: the same bytes through a bare TLS socket, in the same run.

Run: ``python benchmarks/bench_smtp.py``. The server is a process of its own on 127.0.0.1, so that the CPU
measured is the client's alone. Target: the dialogue ≤ 4 × the bare socket.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import socket
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import trustme

from elite_lib.models import Envelope, MailAccount, Security
from elite_lib.transports.smtp import SmtpTransport

TARGET = 4.0
ROUNDS, PER_SESSION = 25, 20
END = b"\r\n.\r\n"
Samples = list[tuple[float, float]]  # CPU and wall milliseconds of each call
ENVELOPE = Envelope(
    sender="compta@tilleuls.example", recipients=("helene@famille.example",), envid="0123456789abcdef"
)


def message() -> bytes:
    """Make 146 KB as they leave: 76 columns of base64."""
    letters = random.Random(7).choices(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=142_000
    )
    lines = [bytes(letters[start : start + 76]) for start in range(0, len(letters), 76)]
    return b"Subject: Facture\r\n\r\n" + b"\r\n".join(lines) + b"\r\n"


def serve(certificate: str, report: Connection) -> None:
    """Answer SMTP on one port, and on another say 250 after each lone dot. Ends with its parent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    report.send(listener.getsockname()[1])
    while True:
        raw, _ = listener.accept()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as mail servers do
        with contextlib.suppress(OSError), context.wrap_socket(raw, server_side=True) as connection:
            connection.sendall(b"220 bench.test ESMTP\r\n")
            converse(connection)


def converse(connection: ssl.SSLSocket) -> None:
    replies = {b"EHLO": b"250-bench.test\r\n250-SIZE 99999999\r\n250 DSN\r\n", b"DATA": b"354 go\r\n"}
    pending = b""
    while data := connection.recv(65_536):
        pending += data
        while b"\r\n" in pending:
            line, _, pending = pending.partition(b"\r\n")
            verb = line[:4].upper()
            connection.sendall(replies.get(verb, b"250 ok\r\n"))
            if verb == b"QUIT":
                return
            if verb in (b"DATA", b"BARE"):
                pending = swallow(connection, pending)
                connection.sendall(b"250 stored\r\n")


def swallow(connection: ssl.SSLSocket, pending: bytes) -> bytes:
    tail = pending
    while END not in tail:
        data = connection.recv(65_536)
        if not data:
            return b""
        tail = tail[-4:] + data
    return tail.partition(END)[2]


def measured(action: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall milliseconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def bare(port: int, authority: str, content: bytes) -> Samples:
    """Write the same bytes to a TLS socket and read one line, message after message."""
    context = ssl.create_default_context(cafile=authority)
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as connection,
    ):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(1024)

        def once() -> None:
            connection.sendall(content + b".\r\n")
            connection.recv(1024)

        samples = []
        for _ in range(ROUNDS * PER_SESSION):
            connection.sendall(b"BARE\r\n")
            connection.recv(1024)
            samples.append(measured(once))
        return samples


def dialogue(port: int, authority: str, content: bytes) -> tuple[Samples, Samples]:
    """Send by SmtpTransport; the messages alone, and the openings alone."""
    account = MailAccount(
        sender=ENVELOPE.sender, host="127.0.0.1", port=port, security=Security.TLS, ca_file=authority
    )
    transport = SmtpTransport(account)
    sends, openings = [], []

    def once() -> None:
        final = transport.send(ENVELOPE, content, lambda _rcpt, _archive: None).final
        if final is None or not final.accepted:
            raise RuntimeError("the benchmark's server did not accept")

    for _ in range(ROUNDS):
        openings.append(measured(transport.open))
        sends += [measured(once) for _ in range(PER_SESSION)]
        transport.close()
    return sends, openings


def main() -> int:
    content = message()
    with tempfile.TemporaryDirectory() as folder:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(Path(folder) / "ca.pem"))
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            str(Path(folder) / "server.pem")
        )
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.get_context("spawn").Process(
            target=serve, args=(str(Path(folder) / "server.pem"), theirs), daemon=True
        )
        server.start()
        port = ours.recv()
        floor = bare(port, str(Path(folder) / "ca.pem"), content)
        sends, openings = dialogue(port, str(Path(folder) / "ca.pem"), content)
        server.terminate()
        server.join()
    return show(content, floor, sends, openings)


def show(
    content: bytes,
    floor: Samples,
    sends: Samples,
    openings: Samples,
) -> int:
    def middle(samples: Samples) -> tuple[float, float]:
        return statistics.median(cpu for cpu, _ in samples), statistics.median(wall for _, wall in samples)

    (floor_cpu, floor_wall), (cpu, wall), (open_cpu, open_wall) = map(middle, (floor, sends, openings))
    print(f"one message of {len(content) / 1000:.0f} KB, client, median of {len(sends)}")
    print(f"{'':<42} {'CPU ms':>8} {'ratio':>7} {'wall ms':>9} {'ratio':>7}")
    for name, a, b in (
        ("bare TLS socket (floor)", floor_cpu, floor_wall),
        ("SMTP dialogue", cpu, wall),
        (f"with a session for {PER_SESSION}", cpu + open_cpu / PER_SESSION, wall + open_wall / PER_SESSION),
    ):
        print(f"{name:<42} {a:8.3f} {a / floor_cpu:6.1f}x {b:9.3f} {b / floor_wall:6.1f}x")
    met = cpu <= TARGET * floor_cpu
    print(f"target: the dialogue <= {TARGET:.0f} x the bare socket (CPU): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
