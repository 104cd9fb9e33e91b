"""Compound files and the mails of Outlook in them, made for tests. Source: Microsoft, [MS-CFB] and [MS-OXMSG]."""

import struct
from dataclasses import dataclass, field

Tree = dict[str, "bytes | Tree"]

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _SMALL, _CUTOFF = 512, 64, 4096
_ROOT, _STORAGE, _STREAM = 5, 1, 2


def compound_file(tree: Tree) -> bytes:
    """Storages are dictionaries, streams bytes."""
    return _Writer().file(tree)


@dataclass
class _Writer:
    sectors: list[bytes] = field(default_factory=list)
    chains: list[int] = field(default_factory=list)
    small: bytearray = field(default_factory=bytearray)
    small_chains: list[int] = field(default_factory=list)
    entries: list[list[object]] = field(default_factory=list)

    def file(self, tree: Tree) -> bytes:
        self.entries = [["Root Entry", _ROOT, _FREE, _FREE, _END, 0]]
        self.entries[0][3] = self._add(tree)
        self.entries[0][4:] = [self._stored(bytes(self.small)), len(self.small)]
        directory = self._stored(b"".join(self._entry(*entry) for entry in self.entries))
        small_table = self._stored(_numbers(self.small_chains))
        tables = -(-(len(self.sectors) + 2) * 4 // _SECTOR) + 1
        first = len(self.sectors)
        self.chains += [_FAT] * tables
        table = _numbers(self.chains).ljust(tables * _SECTOR, b"\xff")
        small_sectors = -(-len(self.small_chains) * 4 // _SECTOR)
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
        head += struct.pack("<HHHHH6xIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory)
        head += struct.pack("<IIIIII", 0, _CUTOFF, small_table, small_sectors, _END, 0)
        head += _numbers(list(range(first, first + tables))).ljust(109 * 4, b"\xff")
        return head + b"".join(self.sectors) + table

    def _add(self, tree: Tree) -> int:
        """The place of the first of them; each next one hangs on the right of the one before."""
        places = []
        for name, held in tree.items():
            places.append(len(self.entries))
            is_storage = isinstance(held, dict)
            entry: list[object] = [name, _STORAGE if is_storage else _STREAM, _FREE, _FREE, 0, 0]
            self.entries.append(entry)
            if isinstance(held, dict):
                entry[3] = self._add(held)
            elif held:
                entry[4:] = [
                    self._stored(held) if len(held) >= _CUTOFF else self._stored_small(held),
                    len(held),
                ]
        for place, after in zip(places, [*places[1:], _FREE], strict=True):
            self.entries[place][2] = after
        return places[0] if places else _FREE

    def _stored(self, data: bytes) -> int:
        if not data:
            return _END
        first = len(self.sectors)
        pieces = [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
        self.sectors += pieces
        self.chains += [*range(first + 1, first + len(pieces)), _END]
        return first

    def _stored_small(self, data: bytes) -> int:
        first = len(self.small_chains)
        count = -(-len(data) // _SMALL)
        self.small += data.ljust(count * _SMALL, b"\0")
        self.small_chains += [*range(first + 1, first + count), _END]
        return first

    def _entry(self, name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
        told = name.encode("utf-16-le")
        head = told.ljust(64, b"\0") + struct.pack("<HBBIII", len(told) + 2, kind, 1, _FREE, right, child)
        return head + bytes(36) + struct.pack("<IQ", start, size)


def _numbers(values: list[int]) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


def properties(values: dict[int, int], *, header_bytes: int = 32, kind: int = 0x0003) -> bytes:
    """The stream of those that are no streams of their own."""
    told = b"".join(struct.pack("<HHIQ", kind, tag, 6, value) for tag, value in values.items())
    return bytes(header_bytes) + told


def outlook(texts: dict[int, str], *, code_page: int | None = None, **more: "bytes | Tree") -> Tree:
    """A message with these texts by their tags, in UTF-16 or in an encoding of its own, and whatever else."""
    tree: Tree = {"__properties_version1.0": properties({0x3FFD: code_page} if code_page else {})}
    for tag, text in texts.items():
        if code_page:
            tree[f"__substg1.0_{tag:04X}001E"] = text.encode(
                "gb18030" if code_page == 936 else f"cp{code_page}"
            )
        else:
            tree[f"__substg1.0_{tag:04X}001F"] = text.encode("utf-16-le")
    return tree | more


def attached(name: str, data: "bytes | Tree", *, kind: str = "") -> Tree:
    """What a message holds below ``__attach_version1.0_#…``: a file, or another message."""
    held = "__substg1.0_3701000D" if isinstance(data, dict) else "__substg1.0_37010102"
    tree: Tree = {
        "__properties_version1.0": properties({}, header_bytes=8),
        "__substg1.0_3707001F": name.encode("utf-16-le"),
        held: data,
    }
    return tree | ({"__substg1.0_370E001F": kind.encode("utf-16-le")} if kind else {})
