#!/usr/bin/env python3
"""Makes the files that the benchmarks ask about: make_files.py FOLDER

Data are left out as holes where the file system has them and only metadata is read.
"""

import os
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5p

MIB = 1 << 20


def unwritten(group: h5py.Group, name: str, size_bytes: int, dtype="<f4"):
    """A contiguous dataset whose storage is there at once and never written."""
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5d.FILL_TIME_NEVER)
    shape = (size_bytes // np.dtype(dtype).itemsize,)
    return group.create_dataset(name, shape=shape, dtype=dtype, dcpl=properties)


def describe(dataset: h5py.Dataset, number: int):
    dataset.attrs["units"] = "counts"
    dataset.attrs["long_name"] = f"counts of detector {number:04}, as they were taken"
    dataset.attrs["calibration"] = np.linspace(0, 1, 8)
    dataset.attrs["number"] = number


def small(path: Path):
    """Less than 1 MiB: groups of groups of datasets, all described."""
    with h5py.File(path, "w", libver="earliest") as file:
        for run in range(20):
            group = file.create_group(f"entry/run_{run:02}")
            group.attrs["title"] = f"run {run}"
            for channel in range(20):
                data = np.arange(64, dtype="<f4")
                dataset = group.create_dataset(f"channel_{channel:02}", data=data)
                dataset.attrs["units"] = "counts"


def thousand(path: Path):
    """1,000 datasets in less than half a MiB."""
    with h5py.File(path, "w", libver="latest") as file:
        for number in range(1_000):
            dataset = file.create_dataset(f"value_{number:04}", data=np.arange(4, dtype="<f8"))
            dataset.attrs["units"] = "mm"
            dataset.attrs["long_name"] = f"position of motor {number:04}"


def scattered(path: Path):
    """300 datasets over 542 MB, whose headers do not hold all their attributes."""
    with h5py.File(path, "w", libver="earliest") as file:
        for number in range(300):
            dataset = unwritten(file, f"scan_{number:04}", 1_806_000)
            describe(dataset, number)


def climate(path: Path):
    """60 variables over 3 dimension scales in 250 MB, as netCDF-4 writes them: all of them are
    defined first, then data come in steps of time."""
    lengths = {"time": 64, "lat": 90, "lon": 180}
    with h5py.File(path, "w", libver=("earliest", "v110"), track_order=True) as file:
        file.attrs["Conventions"] = "CF-1.8"
        file.attrs["history"] = "made for benchmarks; " * 20
        scales = []
        for number, (name, length) in enumerate(lengths.items()):
            scale = file.create_dataset(name, data=np.arange(length, dtype="<f8"), track_order=True)
            scale.make_scale(name)
            scale.attrs["_Netcdf4Dimid"] = np.int32(number)
            scale.attrs["units"] = {"time": "days since 2000-01-01"}.get(name, "degrees")
            scales.append(scale)
        variables = [variable(file, number, scales) for number in range(60)]
        chunk = np.random.default_rng(1).random((90, 180), dtype="<f4").tobytes()
        deflated = zlib.compress(chunk, 0)
        for step in range(lengths["time"]):
            for of_step in variables:
                of_step.id.write_direct_chunk((step, 0, 0), deflated)


def variable(file: h5py.File, number: int, scales: list) -> h5py.Dataset:
    made = file.create_dataset(
        f"variable_{number:02}",
        shape=tuple(len(scale) for scale in scales),
        chunks=(1, 90, 180),
        dtype="<f4",
        compression="gzip",
        track_order=True,
    )
    made.attrs["units"] = "K"
    made.attrs["long_name"] = f"variable {number} of a model at the surface"
    made.attrs["_FillValue"] = np.float32(1e20)
    made.attrs["missing_value"] = np.float32(1e20)
    made.attrs["cell_methods"] = "time: mean"
    for axis, scale in enumerate(scales):
        made.dims[axis].attach_scale(scale)
    return made


def wide(path: Path, low: str, count: int):
    with h5py.File(path, "w", libver=(low, "latest")) as file:
        group = file.create_group("wide")
        for number in range(count):
            dataset = group.create_dataset(f"dataset_{number:06}", data=np.float32(number))
            if number % 4 == 0:
                dataset.attrs["units"] = "mm"


def nested(path: Path):
    """Three groups down, at every level among 100 others, in 302 MB."""
    with h5py.File(path, "w", libver="earliest") as file:
        group = file
        for level in range(3):
            for number in range(100):
                below = group.create_group(f"group_{number:03}")
                dataset = unwritten(below, "data", MIB)
                describe(dataset, number)
            group = group["group_057"]
        dataset = unwritten(group, "wanted", MIB)
        describe(dataset, 57)


def run(path: Path):
    """3 groups of 20 datasets in 3 MB: one of many such files."""
    with h5py.File(path, "w", libver="earliest") as file:
        for number in range(3):
            group = file.create_group(f"detector_{number}")
            for frame in range(20):
                describe(unwritten(group, f"frame_{frame:02}", 50_000), frame)


def attribute(path: Path):
    """One attribute of 8 MB, in dense storage."""
    with h5py.File(path, "w", libver="latest") as file:
        file.create_group("large").attrs["values"] = np.arange(1_000_000, dtype="<f8")


def values(path: Path):
    """1 GiB of temperatures, as a model writes them that keeps hundredths: 2,048 chunks of 512 KiB,
    shuffled and deflated, of which every sixteenth is the same."""
    with h5py.File(path, "w", libver="earliest") as file:
        made = file.create_dataset(
            "temperature",
            shape=(256, 1024, 1024),
            chunks=(8, 128, 128),
            dtype="<f4",
            compression="gzip",
            shuffle=True,
        )
        weather = np.random.default_rng(1)
        slope = np.linspace(-5, 5, 128)
        chunks = []
        for number in range(16):
            chunk = 280 + slope[:, None] + np.sin(slope + number) + weather.normal(0, 0.2, (8, 128, 128))
            chunk = np.round(chunk, 2).astype("<f4")
            shuffled = np.frombuffer(chunk.tobytes(), "u1").reshape(-1, 4).T.tobytes()
            chunks.append(zlib.compress(shuffled, 4))
        for number, place in enumerate(np.ndindex(32, 8, 8)):
            place = tuple(int(at * side) for at, side in zip(place, made.chunks))
            made.id.write_direct_chunk(place, chunks[number % 16])


FILES = {
    "small.h5": small,
    "thousand.h5": thousand,
    "scattered.h5": scattered,
    "climate.nc": climate,
    "wide_earliest.h5": lambda path: wide(path, "earliest", 100_000),
    "wide_latest.h5": lambda path: wide(path, "latest", 100_000),
    "twenty_thousand.h5": lambda path: wide(path, "latest", 20_000),
    "nested.h5": nested,
    "run.h5": run,
    "attribute.h5": attribute,
    "values.h5": values,
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        if (folder / name).exists():
            continue
        unfinished = folder / (name + ".unfinished")
        make(unfinished)
        os.replace(unfinished, folder / name)


main()
