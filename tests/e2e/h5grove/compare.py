"""Puts every kind of request of h5grove's API to a running h5scout and to h5grove itself, over one
folder, and compares status, type and answer.

    compare.py http://127.0.0.1:8080 FOLDER [FILE...]

There are ninety thousand requests: some of those about each file are drawn, the same ones in each
run, or all are put with H5SCOUT_H5GROVE=all. Where files of the folder are named, all requests about
those are put, and no others.

The two may differ where h5grove has nothing to say but "Internal Server Error", and where it gives
away its own memory: addresses of objects, and what happens to stand in the gaps between numbers.
Prints a table of routes, and every other difference; exits with 1 if there is one.
"""

import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import socket
import sys
import threading
import time
import urllib.parse

os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"

import h5py
import numpy as np
import uvicorn
from fastapi import FastAPI
from h5grove.fastapi_utils import router, settings
from h5grove.utils import get_dataset_slice

# Of larger files only the first objects are asked about, of larger datasets one element.
OBJECTS_MAX = 25
# Floats of eight bits: h5py makes halves of them, and we numbers of single precision.
SMALL_FLOATS = {"/fp8_e4m3"}
ELEMENTS_MAX = 50_000

# So many are drawn of the requests about a file of the folder itself, and about one below it.
DRAWN, DRAWN_BELOW = 2000, 40
THREADS = 3

FORMATS = ["json", "bin", "npy", "csv", "tiff"]

counts = collections.Counter()
differences = []
connections = threading.local()


def main():
    own = urllib.parse.urlsplit(sys.argv[1]).netloc
    folder = pathlib.Path(sys.argv[2])
    peer = start_h5grove(folder)
    named = [folder / name for name in sys.argv[3:]]
    requests = [] if named else list(general_requests())
    for path in named:
        requests += file_requests(path, folder, peer)
    for path in [] if named else sound_files(folder):
        requests += drawn(file_requests(path, folder, peer), DRAWN if path.parent == folder else DRAWN_BELOW)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda request: compare(own, peer, request), requests))
    if not named:
        rewrite(own, peer, folder)
    for route in sorted({route for route, _ in counts}):
        row = [counts[route, outcome] for outcome in ("same", "500", "memory", "differs")]
        print("{:<12} {:>6} same {:>6} where h5grove fails {:>4} of its memory {:>4} differ".format(route, *row))
    for difference in differences[:100]:
        print(difference)
    sys.exit(1 if differences else 0)


def start_h5grove(folder):
    """A live h5grove over `folder`; returns where it listens."""
    settings.base_dir = str(folder)
    app = FastAPI()
    app.include_router(router)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return "127.0.0.1:{}".format(listener.getsockname()[1])


def general_requests():
    """Requests that no object is needed for."""
    yield "/", []
    for route in ["/meta", "/attr", "/data", "/stats", "/paths"]:
        yield route, []
        yield route, [("file", "missing.h5")]
        yield route, [("file", "missing.h5"), ("path", "/x")]
        yield route, [("file", "sample.h5")]
        yield route, [("file", "missing.h5"), ("file", "sample.h5"), ("unknown", "1")]
        for path in ["", "/nope", "nope/", "/links/nope/x", "/links/soft_to_nothing/x", "/numbers/u8_little/x"]:
            yield route, [("file", "sample.h5"), ("path", path)]
    yield "/data", [("flatten", "maybe")]
    for flatten in ["1", "Yes", "OFF", "maybe", ""]:
        yield "/data", [("file", "sample.h5"), ("path", "/numbers/cube"), ("flatten", flatten)]
    yield "/attr", [("file", "sample.h5"), ("path", "/attributes"), ("attr_keys", "nope")]
    keys = [("attr_keys", "text"), ("attr_keys", "single")]
    yield "/attr", [("file", "sample.h5"), ("path", "/attributes"), *keys]


def sound_files(folder):
    """All files but those that libhdf5 may not survive, and those of small floats."""
    for path in sorted(folder.rglob("*")):
        is_sound = not {"damaged", "hostile", "small_floats.h5"} & set(path.relative_to(folder).parts)
        if is_sound and path.is_file() and h5py.is_hdf5(path):
            yield path


def drawn(requests, most):
    """Some of the requests, in no order."""
    requests = list(requests)
    most = len(requests) if os.environ.get("H5SCOUT_H5GROVE") == "all" else min(most, len(requests))
    return random.Random(20261122).sample(requests, most)


def file_requests(path, folder, peer):
    """Requests about the objects of a file."""
    file = ("file", path.relative_to(folder).as_posix())
    status, _, body = ask(peer, "/paths", [file])
    objects = json.loads(body) if status == 200 else ["/"]
    objects = [name for name in objects if name not in SMALL_FLOATS]
    limit = len(objects) if path.parent == folder else OBJECTS_MAX
    for name in objects[:limit]:
        yield from object_requests(path, file, name)


def object_requests(path, file, name):
    asked = [file, ("path", name)]
    for links in [[], [("resolve_links", "none")], [("resolve_links", "All")], [("resolve_links", "x")]]:
        yield "/meta", asked + links
    yield "/meta", [file, ("path", name[1:] + "/")]
    yield "/attr", asked
    yield "/paths", asked
    yield "/paths", asked + [("resolve_links", "x")]
    shape, size = shape_of(path, name)
    if shape is None:
        for route in ["/data", "/stats"]:
            yield route, asked
        return
    one = [("selection", ",".join("0" * len(shape)))]
    for selection in selections_of(shape) if size <= ELEMENTS_MAX else [one]:
        yield "/stats", asked + selection
        for form in FORMATS:
            yield "/data", asked + selection + [("format", form)]
        yield "/data", asked + selection + [("flatten", "true")]
        yield "/data", asked + selection + [("format", "bin"), ("dtype", "safe")]
    if size <= ELEMENTS_MAX:
        for form in FORMATS:
            yield "/data", asked + [("format", form), ("dtype", "safe"), ("flatten", "true")]
        yield "/data", asked + [("format", "arrow")]
        yield "/data", asked + [("dtype", "int8")]


def selections_of(shape):
    """Of a dataset that is small enough to be read whole."""
    if not shape:
        return [[], [("selection", "0")]]
    tail = ",:" * (len(shape) - 1)
    texts = [start + tail for start in ["0", "-1", "0:1", "1::2", "-2:", "5:2"]]
    texts += ["0", "0" + ",0" * (len(shape) - 1), "99999999", "x", ""]
    return [[], *([("selection", text)] for text in texts)]


def shape_of(path, name):
    """Shape and size of a dataset; None for another object."""
    with contextlib.suppress(Exception), h5py.File(path, "r", locking=False) as file:
        item = file[name]
        if isinstance(item, h5py.Dataset):
            return item.shape or (), item.size or 0
    return None, 0


def rewrite(own, peer, folder):
    """A file that is another one each time it is asked about, with nothing in between."""
    for number in range(300):
        with h5py.File(folder / "rewritten.h5", "w") as file:
            file["number"] = number % 10
            file.attrs["number"] = number % 10
        for route in ["/data", "/attr"]:
            path = "/number" if route == "/data" else "/"
            request = route, [("file", "rewritten.h5"), ("path", path)]
            compare(own, peer, request)


def compare(own, peer, request):
    route, parameters = request
    slash = "/" if len(str(parameters)) % 2 else ""
    expected = ask(peer, route, parameters)
    found = ask(own, "/h5grove" + route + (slash if route != "/" else ""), parameters)
    outcome = judge(expected, found)
    if outcome == "differs" and expected[0] == 200 and route == "/data":
        outcome = judge_memory(expected[2], found, dict(parameters))
    counts[route, outcome] += 1
    if outcome == "differs" and len(differences) < 1000:
        short = [(status, kind, body[:300]) for status, kind, body in (expected, found)]
        query = urllib.parse.urlencode(parameters)
        differences.append("{}?{}\n  h5grove {}\n  h5scout {}".format(route, query, *short))


def judge(expected, found):
    # It knows no path of names that are not UTF-8, and looks for b'...' in their place.
    if expected[0] == 500 or b'"/b\'' in expected[2]:
        return "500"
    if expected == found:
        return "same"
    if expected[1] == "application/json" and expected[:2] == found[:2]:
        return "same" if is_same(json.loads(expected[2]), json.loads(found[2])) else "differs"
    return "differs"


def judge_memory(expected, found, parameters):
    """Of other answers than h5grove's: whether all that differs comes from its memory."""
    if parameters.get("format") not in ("bin", "npy"):
        return "differs"
    with h5py.File(pathlib.Path(settings.base_dir) / parameters["file"], "r", locking=False) as file:
        elements = np.asarray(get_dataset_slice(file[parameters["path"]], parameters.get("selection")))
    if elements.dtype.hasobject:
        refused = found[0] == 422 and b"Unsupported encoding bin for" in found[2]
        return "memory" if refused else "differs"
    if found[0] != 200 or len(expected) != len(found[2]):
        return "differs"
    used = np.tile(used_bytes(elements.dtype), elements.size)
    head = len(expected) - len(used)
    one, other = (np.frombuffer(body[head:], "u1")[used] for body in (expected, found[2]))
    is_same = expected[:head] == found[2][:head] and np.array_equal(one, other)
    return "memory" if is_same else "differs"


def used_bytes(dtype):
    """Which bytes of an element are part of a value."""
    if dtype.subdtype:
        base, shape = dtype.subdtype
        return np.tile(used_bytes(base), int(np.prod(shape)))
    if dtype.fields:
        used = np.zeros(dtype.itemsize, bool)
        for member, offset, *_ in dtype.fields.values():
            used[offset : offset + member.itemsize] = used_bytes(member)
        return used
    # Of the sixteen bytes of a long double x87 has ten.
    numbers = {"g": 1, "G": 2}.get(dtype.char, 0)
    return np.tile(np.arange(16) < 10, numbers) if numbers else np.ones(dtype.itemsize, bool)


def is_same(one, other):
    """Whether two values of JSON are the same, up to the order of members."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return one == other


def ask(address, route, parameters):
    """Status, type and body of an answer."""
    kept = connections.__dict__.setdefault("kept", {})
    target = route + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
    for attempt in range(2):
        connection = kept.get(address) or http.client.HTTPConnection(address, timeout=60)
        kept[address] = connection
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.getheader("content-type"), response.read()
        except (http.client.HTTPException, OSError):
            kept.pop(address).close()
            if attempt:
                raise


if __name__ == "__main__":
    main()
