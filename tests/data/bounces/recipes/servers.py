"""Make real bounces with real mail servers, without installing one: see README.md beside this.

Run as root: ``unshare -n -m python tests/data/bounces/recipes/servers.py WORK [SERVER ...]``. Each server is
unpacked from its Debian package into ``WORK/<server>``, is run in that folder as its root directory, and
talks to ``provider.py`` alone: the network is a loopback of its own. Its bounces come to
``WORK/<server>.out``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from makes import SERVERS, Server

HERE = Path(__file__).resolve().parent
SENDER = "compta+7f3a9c@maison.test"
CASES = (
    "inconnu@famille.example", "plein@famille.example", "ferme@famille.example", "relais@famille.example",
    "politique@famille.example", "bref@famille.example", "francais@famille.example", "gros@famille.example",
    "spam@famille.example", "lignes@famille.example", "quota@famille.example", "adele@nulle-part.example",
    "adele@muet.example", "adele@sansmail.example", "gris@famille.example",
)  # fmt: skip
USERS = ("Debian-exim", "smmta", "smmsp", "opensmtpd", "opensmtpq", "courier", "nullmail", "nobody", "dma")


def message(case: str, server: str) -> str:
    return (
        f"From: Les Tilleuls <{SENDER}>\nTo: {case}\nSubject: Facture F2026-10-00042\n"
        f"Message-ID: <{server}.{case.replace('@', '.')}@maison.test>\n"
        "Date: Mon, 02 Nov 2026 09:12:44 +0100\n\nVeuillez trouver la facture.\n"
    )


def unpack(server: Server, root: Path) -> None:
    """Make a root directory: the packages, the libraries that they need, users, names, devices."""
    downloads = root.parent / "downloads"
    downloads.mkdir(exist_ok=True)
    for package in server.packages:
        if not list(downloads.glob(f"{package}_*.deb")):
            sys.exit(f"apt-get download {package} into {downloads} first: here there is no network")
        (archive,) = downloads.glob(f"{package}_*.deb")
        subprocess.run(["dpkg", "-x", archive, root], check=True)
    for folder in ("tmp", "dev", "bin", "lib64", "etc", "run", "var/run"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for name, minor in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
        os.mknod(root / "dev" / name, 0o020666, os.makedev(1, minor))
        (root / "dev" / name).chmod(0o666)
    for program in (
        "sh",
        "mkdir",
        "chmod",
        "chown",
        "chgrp",
        "mkfifo",
        "touch",
        "cat",
        "ls",
        "sleep",
        "perl",
        "sed",
        "rm",
        "uname",
        "date",
        "hostname",
    ):
        shutil.copy(shutil.which(program) or "", root / "bin" / program)
    for name, text in (
        ("hosts", "127.0.0.1 localhost\n"),
        ("resolv.conf", "nameserver 127.0.0.1\n"),
        ("services", "domain 53/udp\nsmtp 25/tcp\n"),
        ("nsswitch.conf", "hosts: files dns\npasswd: files\ngroup: files\n"),
    ):
        (root / "etc" / name).write_text(text)
    people = "".join(f"{u}:x:{300 + i}:{300 + i}::/:/bin/sh\n" for i, u in enumerate(USERS))
    groups = "".join(f"{u}:x:{300 + i}:\n" for i, u in enumerate(USERS))
    (root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\nmail:x:8:8::/:/bin/sh\n" + people)
    (root / "etc/group").write_text("root:x:0:\nmail:x:8:\ntrusted:x:9:\n" + groups)
    for name, text in server.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    libraries(root)


def libraries(root: Path) -> None:
    """Copy the libraries that the programs in ``root`` ask for and do not bring."""
    own = ":".join(sorted({str(p.parent) for p in root.rglob("*.so*")}))
    for file in [p for p in root.rglob("*") if p.is_file() and not p.is_symlink()]:
        with file.open("rb") as stream:
            if stream.read(4) != b"\x7fELF":
                continue
        asked = subprocess.run(
            ["ldd", file], check=False, capture_output=True, text=True, env={"LD_LIBRARY_PATH": own}
        )
        for path in re.findall(r"(/\S+)", asked.stdout):
            here = root / path.lstrip("/")
            if not path.startswith(str(root)) and not here.exists() and Path(path).exists():
                here.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, here)


@contextlib.contextmanager
def provider(kept: Path) -> Iterator[None]:
    kept.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen([sys.executable, HERE / "provider.py", kept], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def over_smtp(case: str, server: str, notify: str) -> str:
    body = message(case, server).replace("\n", "\r\n")
    return (
        f"EHLO poste\r\nMAIL FROM:<{SENDER}> RET=HDRS\r\nRCPT TO:<{case}> NOTIFY={notify}\r\n"
        f"DATA\r\n{body}.\r\nQUIT\r\n"
    )


def run(name: str, work: Path) -> None:
    server, root, kept = SERVERS[name], work / name, work / f"{name}.out"
    unpack(server, root)
    background: list[subprocess.Popen[bytes]] = []

    def inside(command: str, stdin: str = "") -> None:
        begin = "export PATH=/bin:/usr/bin:/usr/sbin; "
        words = [shutil.which("chroot", path="/usr/sbin:/sbin") or "chroot", str(root), "/bin/sh", "-c"]
        if command.endswith("&"):
            words.append(f"{begin} exec {command.rstrip('& ')}")
            background.append(subprocess.Popen(words, start_new_session=True))
            time.sleep(1.5)
            return
        words.append(begin + command)
        words[:0] = ["timeout", "20"]
        done = subprocess.run(words, check=False, input=stdin.encode(), capture_output=True)
        if done.returncode or done.stderr:
            print(name, done.returncode, command[:70], done.stdout[-300:], done.stderr[-300:])

    with provider(kept):
        for command in server.begin:
            inside(command)
        for case in (*CASES, "adele@famille.example"):
            success = case == "adele@famille.example"
            hand_over(server, name, case, inside, "SUCCESS" if success else "FAILURE,DELAY")
        for command in ("", *server.later):
            time.sleep(server.waits if not command else 3.0)
            if command:
                inside(command)
    for process in background:
        os.killpg(process.pid, 15)
    print(name, len(list(kept.glob("*.eml"))), "messages came back")


def hand_over(server: Server, name: str, case: str, inside: Callable[..., None], notify: str) -> None:
    if "-bs" in server.inject:
        inside(server.inject.format(sender=SENDER), over_smtp(case, name, notify))
    elif server.inject:
        inside(server.inject.format(sender=SENDER, case=case, notify=notify.lower()), message(case, name))
    else:
        with smtplib.SMTP("127.0.0.1", 25, timeout=20) as client:
            client.ehlo("poste")
            client.mail(SENDER, ["RET=HDRS"] if client.has_extn("dsn") else [])
            client.rcpt(case, [f"NOTIFY={notify}"] if client.has_extn("dsn") else [])
            client.data(message(case, name).replace("\n", "\r\n"))


def main() -> None:
    work = Path(sys.argv[1]).resolve()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "addr", "add", "192.0.2.1/24", "dev", "lo"], check=True)
    for name in sys.argv[2:] or SERVERS:
        shutil.rmtree(work / name, ignore_errors=True)
        run(name, work)


if __name__ == "__main__":
    main()
