#!/usr/bin/env python3
"""Makes files that name files which they must not reach: make_fences.py FOLDER PORT

FOLDER/bucket-a/runs is served, and so is FOLDER/bucket-b, as another source. Everything that is
called a canary lies outside of bucket-a/runs. Of each name that leads to a canary there is a twin that
leads to nothing, so that the answers about both can be compared.
"""

import os
import sys
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

SECRET = "TWEET"


def canary(path: Path):
    """A file whose names, shapes and attributes nobody may see."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("data", data=np.full(31_337, 7, "<i8"), maxshape=(None,), chunks=(100,))
        for place in (file, data):
            place.attrs["secret"] = SECRET
        file.create_group(f"{SECRET}_group")["inner"] = 1


def names_of_canaries(folder: Path, port: int) -> dict[str, str]:
    """How a file in bucket-a/runs/deep could name a canary."""
    outside = folder / "outside"
    return {
        "absolute": f"{outside}/canary.h5",
        "absolute_of_the_source": "/bucket-b/canary.h5",
        "above_the_root": "../../canary.h5",
        "above_the_bucket": "../../../canary.h5",
        "in_the_other_source": "../../../bucket-b/canary.h5",
        "in_the_other_source_by_name": "../../archive/canary.h5",
        "by_the_name_of_the_source": "archive/canary.h5",
        "with_its_own_name": "lab/../archive/canary.h5",
        "down_and_up": "x/../../../../outside/canary.h5",
        "up_and_nowhere": "../..//./../outside/canary.h5",
        "dots_encoded": "..%2f..%2f..%2foutside%2fcanary.h5",
        "dots_encoded_twice": "%252e%252e/%252e%252e/canary.h5",
        "backslashes": "..\\..\\..\\outside\\canary.h5",
        "file_url": f"file://{outside}/canary.h5",
        "http_url": f"http://127.0.0.1:{port}/canary.h5",
        "s3_url": "s3://bucket-b/canary.h5",
        "home": "~/canary.h5",
        "variable": "$HDF5_EXT_PREFIX/canary.h5",
        "braces": "${HDF5_EXT_PREFIX}/canary.h5",
        "found_by_the_prefix": "canary.h5",
        "origin": "${ORIGIN}/../../../outside/canary.h5",
        "through_a_link": "link_to_canary.h5",
        "through_a_linked_folder": "linked_folder/canary.h5",
        "a_linked_folder_and_up": "linked_folder/../canary.h5",
        "query": f"../../../canary.h5?{outside}",
        "nul": "canary.h5\0.h5",
    }


def twin(name: str) -> str:
    """The same way to what is not there."""
    return name.replace("canary", "nobody")


def pairs(folder: Path, port: int):
    for label, name in names_of_canaries(folder, port).items():
        if "\0" in name:
            continue  # h5py ends names there
        yield label, name
        yield f"{label}_twin", twin(name)


def create_virtual(file, label: str, source: bytes, numbered: bool):
    """A virtual dataset that grows with one source, or with as many as there are."""
    unlimited = h5s.UNLIMITED
    target = h5s.create_simple((1,), (unlimited,))
    target.select_hyperslab((0,), (unlimited,) if numbered else (1,), (1,), (1,) if numbered else (unlimited,))
    origin = h5s.create_simple((1,), (unlimited,))
    origin.select_hyperslab((0,), (1,), (1,), (1,) if numbered else (unlimited,))
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_virtual(target, source, b"data", origin)
    space = h5s.create_simple((1,), (unlimited,))
    h5d.create(file.id, label.encode(), h5t.STD_I64LE, space, dcpl=properties)


def main(folder: Path, port: int):
    runs = folder / "bucket-a" / "runs"
    deep = runs / "deep"
    deep.mkdir(parents=True)
    canaries = ["canary.h5", "bucket-a/canary.h5", "bucket-b/canary.h5"]
    canaries += ["outside/canary.h5", "outside/canary_0.h5", "bucket-b/canary_0.h5"]
    for place in canaries:
        canary(folder / place)
    (folder / "outside" / "closed").mkdir()
    canary(folder / "outside" / "closed" / "canary.h5")

    with h5py.File(deep / "links.h5", "w") as file:
        for label, name in pairs(folder, port):
            file[label] = h5py.ExternalLink(name, "/")
            file[f"{label}_data"] = h5py.ExternalLink(name, "/data")
            file[f"{label}_soft"] = h5py.SoftLink(f"/{label}/data")

    with h5py.File(deep / "virtual.h5", "w", libver="latest") as file:
        for label, name in pairs(folder, port):
            # A `%` begins a pattern there.
            name = name.replace("%", "%%")
            create_virtual(file, label, name.encode(), numbered=False)
            numbered = name.replace(".h5", "_%b.h5").encode()
            create_virtual(file, f"{label}_numbered", numbered, numbered=True)

    with h5py.File(deep / "storage.h5", "w") as file:
        for label, name in pairs(folder, port):
            file.create_dataset(label, (100,), "<i8", external=[(name, 0, 800)])
        for label, name in {"passwords": "/etc/passwd", "environment": "/proc/self/environ"}.items():
            file.create_dataset(label, (100,), "u1", external=[(name, 0, 100)])

    os.symlink(folder / "outside" / "canary.h5", deep / "link_to_canary.h5")
    os.symlink(folder / "outside" / "nobody.h5", deep / "link_to_nobody.h5")
    os.symlink("../../../outside", deep / "linked_folder")
    os.symlink(folder / "outside" / "closed" / "canary.h5", deep / "closed_canary.h5")
    os.symlink(folder / "outside" / "closed" / "nobody.h5", deep / "closed_nobody.h5")
    with h5py.File(deep / "plain.h5", "w") as file:
        file["x"] = 1


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
