#!/usr/bin/env python3
"""Makes files that are too large to be kept beside the tests: make_large.py FOLDER

The tests know by these rules what must be in them; h5py is only the writer.
"""

import os
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5g, h5p, h5s, h5t

LINKS = 100_000
DATASETS = 20_000
ATTRIBUTES = 50_000
LEVELS = 1_000
BIG = 650_000
FRAMES = 300
VARIABLES = 63
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


def unwritten(group, name: str, shape: tuple, chunk: tuple | None = None):
    """A dataset whose elements have their places in the file, but were never written: a hole that
    takes no room on the disk."""
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5d.FILL_TIME_NEVER)
    if chunk:
        properties.set_chunk(chunk)
    space = h5s.create_simple(shape)
    return h5py.Dataset(h5d.create(group.id, name.encode(), h5t.STD_U8LE, space, properties))


def scattered(path: Path, low: str):
    """Headers that lie a megabyte apart, most of them continued: attributes came later than the
    elements, as they do while an instrument writes."""
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        for i in range(FRAMES):
            dataset = unwritten(file, f"frame_{i:04}", (1_800_000,), (900_000,))
            for j in range(6):
                dataset.attrs[f"attribute_{j}"] = f"value {j} of a text" if j % 2 else float(j)


def variables(path: Path):
    """What netCDF-4 writes: variables with dimension scales in order of creation, all of them
    defined before the first element is written."""
    with h5py.File(path, "w", libver=("v108", "v108"), track_order=True) as file:
        scales = []
        for name, size in (("time", 1000), ("lat", 180), ("lon", 360)):
            scale = file.create_dataset(name, (size,), "f8", track_order=True)
            scale.make_scale(name)
            scale.attrs["_Netcdf4Dimid"] = np.int32(len(scales))
            scales.append(scale)
        made = []
        for i in range(VARIABLES - len(scales)):
            variable = file.create_dataset(
                f"variable_{i:02}", (1000, 180, 360), "f4", chunks=(1, 180, 360), track_order=True)
            variable.attrs.update({"units": "K", "long_name": f"variable {i}", "missing": -1.0})
            for at, scale in enumerate(scales):
                variable.dims[at].attach_scale(scale)
            made.append(variable)
        for variable in made:
            variable[0] = 1


def wide_datasets(path: Path, low: str):
    """A group of datasets, in an order that is not that of their names."""
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        group = h5g.create(file.id, b"wide")
        properties = h5p.create(h5p.DATASET_CREATE)
        properties.set_layout(h5d.COMPACT)
        space = h5s.create(h5s.SCALAR)
        for i in range(LINKS):
            name = b"dataset_%06d" % (i * STEP % LINKS)
            h5d.create(group, name, h5t.STD_I32LE, space, properties)


def nested(path: Path, low: str):
    """A dataset three groups down, in groups of hundreds, with data in between."""
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        for i in range(200):
            entry = file.create_group(f"entry_{i:03}")
            unwritten(entry, "data", (1_000_000,))
            detectors = entry.create_group("detectors")
            for j in range(20):
                detectors.create_group(f"detector_{j:02}").attrs["number"] = j
            for j in range(20):
                dataset = unwritten(detectors[f"detector_{j:02}"], "counts", (10_000,))
                dataset.attrs["units"] = "counts"


SLICED = {
    "earliest": {"b_tree_1": (None, 64)},
    "latest": {
        "fixed_array": (None, 64),
        "extensible_array": ((None, 2048, 2048), 64),
        "b_tree_2": ((None, None, 2048), 128),
    },
}


def sliced(path: Path, low: str):
    """Datasets of 1 GiB in deflated chunks, for each index of such. All chunks have the same numbers:
    the first 4,096 of each are the multiples of a large one, the others are zero."""
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        for name, (maxshape, side) in SLICED[low].items():
            chunk = (16, side, side)
            dataset = file.create_dataset(
                name, (64, 2048, 2048), "<u4", maxshape=maxshape, chunks=chunk, compression="gzip")
            numbers = np.zeros(chunk, "<u4")
            numbers.reshape(-1)[:4096] = np.arange(4096, dtype="<u4") * np.uint32(2_654_435_761)
            deflated = zlib.compress(numbers.tobytes())
            for place in np.ndindex(*(extent // side for extent, side in zip(dataset.shape, chunk))):
                start = tuple(int(at * side) for at, side in zip(place, chunk))
                dataset.id.write_direct_chunk(start, deflated)


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
        "scattered_earliest.h5": lambda path: scattered(path, "earliest"),
        "scattered_latest.h5": lambda path: scattered(path, "latest"),
        "variables.nc": variables,
        "wide_datasets_earliest.h5": lambda path: wide_datasets(path, "earliest"),
        "wide_datasets_latest.h5": lambda path: wide_datasets(path, "latest"),
        "nested_earliest.h5": lambda path: nested(path, "earliest"),
        "nested_latest.h5": lambda path: nested(path, "latest"),
        "sliced_earliest.h5": lambda path: sliced(path, "earliest"),
        "sliced_latest.h5": lambda path: sliced(path, "latest"),
    }.items():
        if (folder / name).exists():
            continue
        unfinished = folder / (name + ".unfinished")
        make(unfinished)
        os.replace(unfinished, folder / name)


main()
