#!/usr/bin/env python3
"""Makes files that are too large to be kept beside the tests: make_large.py FOLDER

The tests know by these rules what must be in them; h5py is only the writer.
"""

import os
import sys
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5g, h5p, h5s, h5t

LINKS = 100_000
DATASETS = 20_000
ATTRIBUTES = 50_000
LEVELS = 1_000
BIG = 650_000
# Prime to the number of links: links are made in an order that is not that of their names.
STEP = 7_919


def wide(path: Path, low: str, creation_order: bool):
    """A group of hard and soft links, every third one soft."""
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        file["target"] = np.arange(3)
        root = h5g.open(file.id, b"/")
        properties = h5p.create(h5p.GROUP_CREATE)
        if creation_order:
            order = h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED
            properties.set_link_creation_order(order)
        group = h5g.create(file.id, b"wide", gcpl=properties)
        for i in range(LINKS):
            number = i * STEP % LINKS
            name = b"link_%06d" % number
            if number % 3 == 0:
                group.links.create_soft(name, b"/target")
            else:
                group.links.create_hard(name, root, b"target")


def datasets(path: Path, low: str):
    """A group of datasets, each with a header of its own."""
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        group = file.create_group("many", track_order=low == "latest")
        space = h5s.create_simple((6, 10))
        for i in range(DATASETS):
            h5d.create(group.id, b"dataset_%05d" % (i * STEP % DATASETS), h5t.IEEE_F64LE, space)


def attributes(path: Path):
    with h5py.File(path, "w", libver="latest") as file:
        many = file.create_group("many", track_order=True)
        for i in range(ATTRIBUTES):
            many.attrs.create(f"attribute_{i * STEP % ATTRIBUTES:05}", i, dtype="<i4")
        file.create_group("big").attrs["big"] = np.arange(BIG, dtype="<i8")


def deep(path: Path, low: str):
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        group = file
        for i in range(LEVELS):
            group = group.create_group(f"level_{i}")
        group["end"] = np.arange(7)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in {
        "wide_earliest.h5": lambda path: wide(path, "earliest", False),
        "wide_latest.h5": lambda path: wide(path, "latest", False),
        "wide_creation_order.h5": lambda path: wide(path, "latest", True),
        "datasets_earliest.h5": lambda path: datasets(path, "earliest"),
        "datasets_latest.h5": lambda path: datasets(path, "latest"),
        "attributes.h5": attributes,
        "deep_earliest.h5": lambda path: deep(path, "earliest"),
        "deep_latest.h5": lambda path: deep(path, "latest"),
    }.items():
        if (folder / name).exists():
            continue
        unfinished = folder / (name + ".unfinished")
        make(unfinished)
        os.replace(unfinished, folder / name)


main()
