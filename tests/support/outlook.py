"""Outlook's .msg files, made from nothing: a compound file ([MS-CFB]) with the streams of [MS-OXMSG]."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Mapping

SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_NONE = 0xFFFFFFFF
Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """Write storages (mappings) and streams (bytes). Every stream gets sectors of its own: no mini stream."""
    entries: list[tuple[str, bytes | None, list[int]]] = []  # name, content, children

    def add(name: str, node: bytes | Tree) -> int:
        number = len(entries)
        content = node.ljust(4096, b"\0") if isinstance(node, bytes) else None
        entries.append((name, content, []))
        if not isinstance(node, bytes):
            # [MS-CFB] 2.6.4: shorter names first, then by their letters
            for inner in sorted(node, key=lambda n: (len(n), n.upper())):
                entries[number][2].append(add(inner, node[inner]))
        return number

    add("Root Entry", tree)
    directory_sectors = -(-len(entries) // 4)
    data: list[bytes] = []
    starts: dict[int, int] = {}
    chains: list[int] = []  # next sector of each, after the directory
    for number, (_, content, _children) in enumerate(entries):
        if content is not None:
            starts[number] = directory_sectors + len(data)
            count = -(-len(content) // SECTOR)
            for n in range(count):
                data.append(content[n * SECTOR : (n + 1) * SECTOR].ljust(SECTOR, b"\0"))
                chains.append(directory_sectors + len(data) if n + 1 < count else _END)
    total = directory_sectors + len(data)
    fat_sectors = 1
    while fat_sectors * 128 < total + fat_sectors:
        fat_sectors += 1
    fat = [n + 1 if n + 1 < directory_sectors else _END for n in range(directory_sectors)]
    fat += chains + [_FAT] * fat_sectors
    fat += [_FREE] * (fat_sectors * 128 - len(fat))
    table = struct.pack(f"<{len(fat)}I", *fat)
    places = [total + n for n in range(fat_sectors)] + [_FREE] * (109 - fat_sectors)
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII109I",
        bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, fat_sectors, 0, 0, 4096,
        _END, 0, _END, 0, *places,
    )  # fmt: skip
    rows = b"".join(_entry(entries, number, starts) for number in range(len(entries)))
    return header + rows.ljust(directory_sectors * SECTOR, b"\0") + b"".join(data) + table


def _entry(entries: list[tuple[str, bytes | None, list[int]]], number: int, starts: dict[int, int]) -> bytes:
    name, content, children = entries[number]
    parent = next((row for _, _, row in entries if number in row), [])
    right = parent[parent.index(number) + 1] if number in parent[:-1] else _NONE  # siblings as a list
    kind = 5 if number == 0 else 2 if content is not None else 1
    coded = name.encode("utf-16-le") + b"\0\0"
    start = starts.get(number, _END if number == 0 else 0)
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        coded, len(coded), kind, 1, _NONE, right, children[0] if children else _NONE, b"", 0, 0, 0, start,
        len(content) if content is not None else 0,
    )  # fmt: skip


def text(tag: str, value: str) -> tuple[str, bytes]:
    """A property that is text; what is shorter than a stream's least is filled up with zeros."""
    return f"__substg1.0_{tag}001F", value.encode("utf-16-le")


def properties(*numbers: tuple[int, int]) -> tuple[str, bytes]:
    """The fixed properties: tag and value of each."""
    rows = b"".join(struct.pack("<IIQ", tag, 6, value) for tag, value in numbers)
    return "__properties_version1.0", b"\0" * 32 + rows


def ticks(at: dt.datetime) -> int:
    """Write an instant as Windows does ([MS-DTYP] 2.3.3)."""
    return int((at - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds()) * 10_000_000


def ndr(
    recipient: str,
    *,
    message_id: str,
    status: int,
    said: str,
    kind: str = "NDR",
    at: dt.datetime = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC),
) -> bytes:
    """A report as Exchange keeps it: not delivered, delivered (DR) or read (IPNRN)."""
    return compound(
        dict(
            [
                properties((0x0E060040, ticks(at))),
                text("001A", f"REPORT.IPM.Note.{kind}"),
                text("0037", "Non remis : Facture"),
                text("1000", "Votre message n'a pas été remis."),
                text("1046", message_id),
                text("5D01", "postmaster@relais.example"),
                (
                    "__recip_version1.0_#00000000",
                    dict([properties((0x0C200003, status)), text("39FE", recipient), text("0C1B", said)]),
                ),
            ]
        )
    )
