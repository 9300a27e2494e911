#!/usr/bin/env python3
"""Asks what ours is asked, the usual way: h5py over s3fs. It prints what it found and what it took.

    ask_peer.py children|meta BUCKET/KEY PATH LIMIT default|blockcache
    ask_peer.py crawl BUCKET/PREFIX / LIMIT default|blockcache
    ask_peer.py files BUCKET/PREFIX / LIMIT default
    ask_peer.py about

The server and its key come from S3_ENDPOINT, S3_ACCESS_KEY and S3_SECRET_KEY. Starting Python, its
libraries and the client is not part of the time.
"""

import itertools
import json
import os
import resource
import sys
import time

import h5py
import s3fs

# "default" is what s3fs does on its own.
CACHES = {"default": {}, "blockcache": {"cache_type": "blockcache", "block_size": 64 << 10}}


def main():
    if sys.argv[1] == "about":
        about()
        return
    question, key, path, limit, cache = sys.argv[1:]
    store = s3fs.S3FileSystem(
        endpoint_url=os.environ["S3_ENDPOINT"],
        key=os.environ["S3_ACCESS_KEY"],
        secret=os.environ["S3_SECRET_KEY"],
    )
    # Without a request: it reads descriptions of the interface from disk.
    store.connect()
    started = time.perf_counter()
    if question == "files":
        found = [{"name": name} for name in store.find(key)[: int(limit)]]
    elif question == "crawl":
        keys = store.find(key)[: int(limit)]
        found = [{"name": key, "children": ask(store, "children", key, path, 1000, cache)}
                 for key in keys]
    else:
        found = ask(store, question, key, path, int(limit), cache)
    seconds = time.perf_counter() - started
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    json.dump({"seconds": seconds, "peak_bytes": peak_kib << 10, "found": found}, sys.stdout)


def ask(store, question: str, key: str, path: str, limit: int, cache: str):
    with store.open(key, "rb", **CACHES[cache]) as stream, h5py.File(stream, "r") as file:
        if question == "meta":
            described = describe(path.rsplit("/", 1)[-1], file[path])
            described["attributes"] = [
                {"name": name, "size": int(value.size) if hasattr(value, "size") else 1}
                for name, value in file[path].attrs.items()
            ]
            return [described]
        group = file[path]
        return [describe(name, group[name]) for name in itertools.islice(group, limit)]


def describe(name: str, item) -> dict:
    described = {"name": name, "num_attributes": len(item.attrs)}
    if isinstance(item, h5py.Dataset):
        described["shape"] = list(item.shape)
        described["dtype"] = item.dtype.str
        described["chunks"] = list(item.chunks) if item.chunks else None
        described["compression"] = item.compression
    return described


def about():
    versions = {
        "h5py": h5py.version.version,
        "HDF5": h5py.version.hdf5_version,
        "s3fs": s3fs.__version__,
        "Python": sys.version.split()[0],
    }
    json.dump({"versions": versions, "ros3": "ros3" in h5py.registered_drivers()}, sys.stdout)


main()
