#!/usr/bin/env python3
"""What libhdf5 lists in each file of a folder, as one line of JSON for each file:

    {"file": NAME, "groups": {PATH: {"names": [...], "is_whole": true}}}

Each file is read in a process of its own: the library may crash on a damaged one, or never end.
Such a file has no groups.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"

import h5py

PATIENCE_SECONDS = 20
GROUPS_MAX = 200


def main():
    files = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_file())
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for path, groups in zip(files, workers.map(groups_of, files)):
            print(json.dumps({"file": path.name, "groups": groups}))


def groups_of(path: Path) -> dict:
    processes = get_context("fork")
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=send_groups, args=(path, sender))
    process.start()
    sender.close()
    try:
        return receiver.recv() if receiver.poll(PATIENCE_SECONDS) else {}
    except EOFError:
        return {}
    finally:
        process.kill()
        process.join()


def send_groups(path: Path, sender):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    h5py._errors.silence_errors()
    groups = {}
    try:
        with h5py.File(path) as file:
            walk(file.id, groups)
    except Exception:
        pass
    sender.send(groups)


def walk(file, groups: dict):
    waiting, met = [("/", h5py.h5g.open(file, b"/"))], set()
    while waiting and len(groups) < GROUPS_MAX:
        path, group = waiting.pop(0)
        links, is_whole = [], True
        try:
            group.links.iterate(lambda name, info: links.append((name, info.type)), info=True)
        except Exception:
            is_whole = False
        names = [name.decode() for name, _ in links if is_text(name)]
        groups[path] = {"names": names, "is_whole": is_whole}
        for name, kind in links:
            if kind != h5py.h5l.TYPE_HARD or not is_text(name) or b"/" in name or name in (b"", b"."):
                continue
            try:
                about = h5py.h5o.get_info(group, name)
                if about.type == h5py.h5o.TYPE_GROUP and about.addr not in met:
                    met.add(about.addr)
                    child = h5py.h5g.open(group, name)
                    waiting.append((f"{path.rstrip('/')}/{name.decode()}", child))
            except Exception:
                continue


def is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


main()
