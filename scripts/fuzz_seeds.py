"""Cuts the fixtures into the inputs that fuzzing starts from: fuzz_seeds.py FIXTURES FOLDER.

Each target of fuzz/fuzz_targets gets a folder with its structures as the fixtures hold them, in the
form that the target takes apart again. What is found by its signature need not be found everywhere:
a seed too few only costs the fuzzer time.
"""

import hashlib
import struct
import sys
import zlib
from pathlib import Path

FILE_BYTES_MAX = 64 << 10
BLOCK_BYTES_MAX = 4 << 10
# "Widths" of the targets: 0 is eight bytes for addresses and lengths.
WIDTHS = b"\0"


def main(fixtures: Path, folder: Path) -> None:
    for path in sorted(fixtures.rglob("*")):
        if path.suffix not in {".h5", ".nc", ".nxs", ".mat"}:
            continue
        file = path.read_bytes()
        if len(file) <= FILE_BYTES_MAX:
            for target, seed in seeds(file):
                name = hashlib.sha256(seed).hexdigest()[:16]
                (folder / target).mkdir(parents=True, exist_ok=True)
                (folder / target / name).write_bytes(seed)


def seeds(file: bytes):
    yield "whole_file", file
    yield "block_size", struct.pack("<HH", 64, 1000) + file
    yield "headers", file[:256]
    yield "cursor", WIDTHS + struct.pack("<H", 100) + part(file[8:40]) + file[:256]
    for collection in found(file, b"GCOL"):
        (size,) = struct.unpack_from("<Q", collection, 24)
        yield "messages", b"\xff" + WIDTHS + collection[32 : 32 + size]
    for image in found(file, b"MDCI"):
        yield "headers", WIDTHS + b"\x40" + part(file[:64]) + image
    for header in [*headers_2(file), *headers_1(file)]:
        yield "headers", WIDTHS + b"\1" + part(header) + header[:64]
        for kind, body in messages(header):
            yield "messages", bytes([kind]) + WIDTHS + body
            if kind == 0x03:
                yield "values", value(body, bytes(64), 2, b"")
            if kind == 0x0B:
                bytes_ = zlib.compress(bytes(range(64)))
                yield "filters", WIDTHS + struct.pack("<HH", 64, 0) + part(body) + bytes_
            if kind == 0x0C and body[:1] == b"\3":
                yield "values", attribute_value(body, file)
    yield from structures(file)


def structures(file: bytes):
    """Heads with the blocks below them: any block of the file may belong to any head."""
    for head in found(file, b"HEAP", b"FRHP"):
        for block in found(file, b"GCOL", b"FHDB", b"FHIB") or [file[:64]]:
            heap_id = b"\0" + struct.pack("<HHH", 30, 0, 20)
            yield "heaps", WIDTHS + b"\0\0" + part(head[:200]) + part(heap_id) + block
    for block in found(file, b"GCOL"):
        yield "heaps", WIDTHS + b"\0\0" + part(b"") + part(b"") + block
    for node in found(file, b"TREE", b"SNOD"):
        yield "btrees", WIDTHS + b"\1" + part(b"") + node
    for head in found(file, b"BTHD"):
        for node in found(file, b"BTLF", b"BTIN"):
            yield "btrees", WIDTHS + b"\1" + part(head[:38]) + node
    for head in found(file, b"FAHD", b"EAHD"):
        for block in found(file, b"FADB", b"EAIB", b"EASB", b"EADB"):
            yield "arrays", WIDTHS + struct.pack("<H", 16) + part(head[:72]) + block


def found(file: bytes, *signatures: bytes) -> list[bytes]:
    """What starts with one of the signatures, at most four of each."""
    blocks = []
    for signature in signatures:
        at = file.find(signature)
        for _ in range(4):
            if at >= 0:
                blocks.append(file[at : at + BLOCK_BYTES_MAX])
                at = file.find(signature, at + 4)
    return blocks


def headers_2(file: bytes):
    """Object headers of version 2, first chunk and checksum."""
    at = file.find(b"OHDR")
    while at >= 0:
        size_at, width = front_2(file[at:])
        size = int.from_bytes(file[at + size_at : at + size_at + width], "little")
        yield file[at : at + size_at + width + size + 4]
        at = file.find(b"OHDR", at + 4)


def front_2(header: bytes) -> tuple[int, int]:
    """Where the size of the first chunk stands, and its width."""
    flags = header[5]
    return 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0), 1 << (flags & 3)


def headers_1(file: bytes):
    """What looks like an object header of version 1."""
    for at in range(0, len(file) - 24, 8):
        version, _, count, links, size = struct.unpack_from("<BBHII", file, at)
        kind, message_bytes = struct.unpack_from("<HH", file, at + 16)
        plausible = version == 1 and 0 < count < 200 and 0 < links < 100 and 16 <= size < 8192
        if plausible and kind < 0x18 and message_bytes % 8 == 0 and message_bytes < size:
            yield file[at : at + 16 + size]


def messages(header: bytes):
    """Type and body of the messages in a first chunk."""
    if header.startswith(b"OHDR"):
        size_at, width = front_2(header)
        at, end, head = size_at + width, len(header) - 4, 6 if header[5] & 4 else 4
        layout = "<BH"
    else:
        at, end, head, layout = 16, len(header), 8, "<HH"
    while at + head <= end:
        kind, size = struct.unpack_from(layout, header, at)
        yield kind & 0xFF, header[at + head : at + head + size]
        at += head + size


def attribute_value(body: bytes, file: bytes) -> bytes:
    name, datatype, dataspace = struct.unpack_from("<HHH", body, 2)
    at = 9 + name
    return value(body[at : at + datatype], body[at + datatype + dataspace :], 4, file)


def value(datatype: bytes, data: bytes, count: int, heap: bytes) -> bytes:
    return WIDTHS + struct.pack("<HH", count, 100) + part(datatype) + part(data) + heap


def part(content: bytes) -> bytes:
    return struct.pack("<H", min(len(content), 0xFFFF)) + content[:0xFFFF]


main(Path(sys.argv[1]), Path(sys.argv[2]))
