"""Asks a running h5scout for the elements of every dataset of a folder, whole and in random slices, in
every format, and compares what it says with what h5py and NumPy read.

    compare_data.py 127.0.0.1:8080 FOLDER

Prints a table of what was compared, and every difference; exits with 1 if there is one.
"""

import base64
import collections
import csv
import http.client
import io
import json
import math
import pathlib
import random
import sys
import urllib.parse

import h5py
import hdf5plugin  # noqa: F401  registers filters
import numpy as np
import pyarrow as pa

SLICES = 4
ELEMENTS_MAX = 50_000
# Of an answer without elements: more are refused.
LISTS_MAX = 10_000

counts = collections.Counter()
differences = []


def main():
    connection, folder = http.client.HTTPConnection(sys.argv[1]), pathlib.Path(sys.argv[2])
    random.seed(20260222)
    for path in sorted(folder.rglob("*")):
        # libhdf5 does not survive all that is damaged.
        is_sound = not {"damaged", "hostile"} & set(path.relative_to(folder).parts)
        if is_sound and path.is_file() and h5py.is_hdf5(path):
            compare_file(connection, folder, path)
    for (form, outcome), count in sorted(counts.items()):
        print(f"{form:<12} {outcome:<24} {count:>6}")
    for difference in differences[:100]:
        print(difference)
    sys.exit(1 if differences else 0)


def compare_file(connection, folder, path):
    key = path.relative_to(folder).as_posix()
    try:
        file = h5py.File(path, "r", locking=False)
    except OSError:
        return
    with file:
        found = []
        try:
            file.visititems(lambda name, item: found.append(name))
        except Exception:  # a damaged file: what was found until then
            pass
        for name in found:
            try:
                dataset = file[name]
            except (KeyError, OSError, RuntimeError):
                continue
            # No path says a name that is not UTF-8.
            if isinstance(dataset, h5py.Dataset) and isinstance(name, str):
                compare_dataset(Asker(connection, key, "/" + name), dataset)


class Asker:
    def __init__(self, connection, key, path):
        self.connection, self.key, self.path = connection, key, path

    def ask(self, headers=(), **parameters):
        query = urllib.parse.urlencode({"key": self.key, "path": self.path, **parameters})
        for is_last in (False, True):
            try:
                self.connection.request("GET", f"/data?{query}", headers=dict(headers))
                answer = self.connection.getresponse()
                # It complains about a body of another length than was said.
                return answer.status, answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError):
                # A connection that waited long is closed.
                self.connection.close()
                if is_last:
                    raise

    def note(self, form, selection, outcome, is_right=True):
        counts[form, outcome] += 1
        if not is_right:
            differences.append(f"{form} {self.key}:{self.path} [{selection}]: {outcome}")


def compare_dataset(asker, dataset):
    try:
        shape, dtype = dataset.shape, dataset.dtype
    except (TypeError, KeyError, ValueError):  # a type that h5py does not know
        return
    if shape is None:
        return compare_null(asker, dataset)
    for selection in selections(shape):
        if elements(selection, shape) > ELEMENTS_MAX:
            continue
        try:
            expected = dataset[indices(selection)]
        except Exception:
            counts["h5py", "cannot read it"] += 1
            continue
        expected = as_array(expected, dtype, is_one_element(selection, shape))
        text = ",".join(selection)
        compare_json(asker, text, expected, dataset)
        compare_bytes(asker, text, expected, dtype)
        compare_csv(asker, text, expected, dtype)
        compare_arrow(asker, text, expected, dataset)


def is_one_element(selection, shape):
    return shape == () or all(":" not in member and member != "..." for member in selection)


def as_array(value, dtype, is_one):
    """Of one element of variable length h5py gives the value itself."""
    is_scalar = isinstance(value, np.ndarray) and value.ndim == 0
    if dtype.kind == "O" and is_one and not is_scalar:
        array = np.empty((), dtype=object)
        array[()] = value
        return array
    return np.asarray(value)


def compare_null(asker, dataset):
    status, body = asker.ask()
    is_right = status == 200 and json.loads(body)["data"] is None and json.loads(body)["shape"] is None
    asker.note("json", "", "null" if is_right else f"{status} {body[:200]}", is_right)


def elements(selection, shape):
    if selection == ["..."]:
        return math.prod(shape)
    spans = [range(extent)[index] for index, extent in zip(indices(selection), shape)]
    return math.prod(len(span) if isinstance(span, range) else 1 for span in spans)


def selections(shape):
    yield ["..."]
    for _ in range(SLICES if shape and math.prod(shape) else 0):
        yield [member(extent) for extent in shape]


def member(extent):
    kind = random.randrange(4)
    if kind == 0:
        return str(random.randrange(-extent, extent))
    if kind == 1:
        return ":"
    start, stop = (random.randrange(-extent, extent + 1) for _ in range(2))
    step = random.choice([1, 1, 2, 3, extent + 1])
    return f"{start}:{stop}:{step}" if kind == 2 else f"{start}:" if start else f":{stop}"


def indices(selection):
    """What Python reads between brackets."""
    return tuple(eval(f"np.s_[{member}]", {"np": np}) for member in selection)


# --- npy and bin -----------------------------------------------------------------------------------


def compare_bytes(asker, selection, expected, dtype):
    status, body = asker.ask(selection=selection, format="npy")
    if has_no_bytes(dtype):
        asker.note("npy", selection, f"{status} {code(status, body)}", status == 400)
        return
    if status != 200:
        asker.note("npy", selection, f"{status} {body[:200]}", False)
        return
    given = np.load(io.BytesIO(body))
    same_type = given.dtype == expected.dtype
    outcome = "same" if same_type else f"{given.dtype} for {expected.dtype}"
    is_right = given.shape == expected.shape and same_numbers(given, expected)
    asker.note("npy", selection, outcome if is_right else f"other: {given!r:.300} {expected!r:.300}", is_right)
    status, raw = asker.ask(selection=selection, format="bin")
    is_right = raw == body[len(body) - len(raw):] and len(raw) == given.nbytes
    asker.note("bin", selection, "same" if is_right else "other", is_right)
    if len(raw) > 3:
        status, part = asker.ask({"range": f"bytes=1-{len(raw) - 2}"}.items(), selection=selection, format="bin")
        is_right = status == 206 and part == raw[1:-1]
        asker.note("bin range", selection, "same" if is_right else f"{status} {len(part)}", is_right)
    status, safe = asker.ask(selection=selection, format="bin", dtype="safe")
    wanted = sanitized(expected) if expected.dtype.kind in "iufb" else None
    if wanted is not None:
        is_right = same_numbers(np.frombuffer(safe, wanted.dtype).reshape(wanted.shape), wanted)
        asker.note("bin safe", selection, "same" if is_right else "other", is_right)


def sanitized(array):
    """As h5grove makes arrays safe."""
    dtype = array.dtype.newbyteorder("<")
    if dtype.kind == "f":
        dtype = np.dtype("<f4") if dtype.itemsize < 4 else np.dtype("<f8") if dtype.itemsize > 8 else dtype
    return array.astype(dtype)


def has_no_bytes(dtype):
    if dtype.subdtype:
        return has_no_bytes(dtype.subdtype[0])
    if dtype.fields:
        return any(has_no_bytes(field[0]) for field in dtype.fields.values())
    return dtype.kind == "O"


def same_numbers(given, expected):
    if given.dtype.fields and expected.dtype.fields:
        names = given.dtype.names, expected.dtype.names
        return names[0] == names[1] and all(same_numbers(given[name], expected[name]) for name in names[0])
    if given.dtype.kind in "fc":
        with np.errstate(all="ignore"):
            return np.array_equal(given, expected.astype(given.dtype), equal_nan=True)
    if given.dtype.kind == "V":
        return given.tobytes() == expected.tobytes()
    return np.array_equal(given, expected)


def code(status, body):
    try:
        return json.loads(body)["code"]
    except (ValueError, KeyError):
        return "?"


# --- json ------------------------------------------------------------------------------------------


def compare_json(asker, selection, expected, dataset):
    status, body = asker.ask(selection=selection)
    if status != 200:
        # Nested lists without an element: their number is what a shape says, and has a limit.
        lists = math.prod(count for count in expected.shape if count)
        is_limit = expected.size == 0 and lists > LISTS_MAX and code(status, body) == "limit_reached"
        asker.note("json", selection, "limit" if is_limit else f"{status} {body[:200]}", is_limit)
        return
    answer = json.loads(body)
    if answer["shape"] != list(shape_of(expected, dataset)):
        asker.note("json", selection, f"shape {answer['shape']}, not {expected.shape}", False)
        return
    try:
        wanted = value(expected, h5py_type(dataset))
    except NotComparable as what:
        asker.note("json", selection, f"not compared: {what}")
        return
    is_right = same_values(answer["data"], wanted)
    asker.note("json", selection, "same" if is_right else f"{answer['data']!r:.300} is not {wanted!r:.300}", is_right)


def shape_of(expected, dataset):
    """Without the dimensions of an array type, which belong to the elements."""
    dtype, inner = dataset.dtype, 0
    while dtype.subdtype:
        dtype, dimensions = dtype.subdtype
        inner += len(dimensions)
    return expected.shape[: expected.ndim - inner]


class NotComparable(Exception):
    pass


def h5py_type(dataset):
    return dataset.id.get_type()


def value(item, kind):
    """An element or an array of them as the API says it."""
    if isinstance(item, np.ndarray) and item.ndim > 0 and item.dtype.kind != "O":
        return [value(part, kind) for part in item]
    if isinstance(item, np.ndarray) and item.ndim > 0 and not isinstance(kind, h5py.h5t.TypeVlenID):
        return [value(part, kind) for part in item]
    if isinstance(item, np.ndarray) and item.ndim == 0:
        item = item[()]
    if isinstance(kind, h5py.h5t.TypeArrayID):
        return value(item, kind.get_super())
    if isinstance(kind, h5py.h5t.TypeEnumID):
        names = {kind.get_member_value(n): kind.get_member_name(n) for n in range(kind.get_nmembers())}
        if sorted(names.items()) == [(0, b"FALSE"), (1, b"TRUE")] and kind.get_size() == 1:
            return bool(item)
        name = names.get(int(item))
        return {"enum": name.decode() if name is not None else None, "value": int(item)}
    if isinstance(kind, h5py.h5t.TypeCompoundID):
        if np.issubdtype(type(item), np.complexfloating):
            return [number(item.real), number(item.imag)]
        members = range(kind.get_nmembers())
        return {
            kind.get_member_name(n).decode(errors="replace"): value(item[n], kind.get_member_type(n))
            for n in members
        }
    if isinstance(kind, h5py.h5t.TypeStringID):
        return text(item, kind)
    if isinstance(kind, (h5py.h5t.TypeIntegerID, h5py.h5t.TypeBitfieldID)):
        return int(item)
    if isinstance(kind, h5py.h5t.TypeFloatID):
        return number(item)
    if np.issubdtype(type(item), np.complexfloating):
        return [number(item.real), number(item.imag)]
    if isinstance(kind, h5py.h5t.TypeOpaqueID):
        raw = item.tobytes() if hasattr(item, "tobytes") else bytes(item)
        return {"base64": base64.b64encode(raw).decode()}
    raise NotComparable(type(kind).__name__)


def text(item, kind):
    raw = bytes(item) if isinstance(item, (bytes, np.bytes_)) else str(item).encode("utf-8", "surrogateescape")
    if kind.is_variable_str():
        raw = raw.split(b"\0")[0]
    elif kind.get_strpad() == h5py.h5t.STR_SPACEPAD:
        raw = raw.rstrip(b" ")
    else:
        raw = raw.rstrip(b"\0")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def number(item):
    item = float(item)
    if math.isnan(item):
        return "NaN"
    return item if math.isfinite(item) else "Infinity" if item > 0 else "-Infinity"


def same_values(given, wanted):
    if isinstance(given, list) and isinstance(wanted, list):
        return len(given) == len(wanted) and all(map(same_values, given, wanted))
    if isinstance(given, dict) and isinstance(wanted, dict):
        return list(given) == list(wanted) and all(same_values(given[name], wanted[name]) for name in given)
    return type(given) is type(wanted) and given == wanted


# --- csv -------------------------------------------------------------------------------------------


def compare_csv(asker, selection, expected, dtype):
    status, body = asker.ask(selection=selection, format="csv")
    if dtype.subdtype or dtype.fields or dtype.kind not in "iuf" or h5py.check_enum_dtype(dtype):
        # Their cells are those of JSON; that they are a table is what counts.
        is_right = status == 200 or status == 400 and code(status, body) == "bad_request"
        asker.note("csv", selection, f"{status}", is_right)
        return
    if expected.ndim > 2:
        asker.note("csv", selection, f"{status} {code(status, body)}", status == 400)
        return
    rows = list(csv.reader(io.StringIO(body.decode())))
    cells = [[float(cell) for cell in row] for row in rows]
    given = np.array(cells, dtype=np.float64).reshape(expected.shape) if expected.size else np.zeros(expected.shape)
    # A number of single precision has the digits of single precision.
    if expected.dtype.kind == "f" and expected.dtype.itemsize <= 4:
        given = given.astype(np.float32)
    is_right = np.array_equal(given, expected.astype(given.dtype), equal_nan=True)
    if expected.ndim == 2:
        is_right = is_right and [len(row) for row in rows] == [expected.shape[1]] * (expected.shape[0] if expected.size else 0)
    asker.note("csv", selection, "same" if is_right else f"{body[:200]} is not {expected!r:.200}", is_right)


# --- arrow -----------------------------------------------------------------------------------------


def compare_arrow(asker, selection, expected, dataset):
    status, body = asker.ask(selection=selection, format="arrow")
    if status != 200:
        asker.note("arrow", selection, f"{status} {body[:200]}", False)
        return
    table, shape, kind = pa.ipc.open_stream(body).read_all(), shape_of(expected, dataset), h5py_type(dataset)
    table.validate(full=True)
    if math.prod(shape) == 0:
        asker.note("arrow", selection, "same" if table.num_rows == 0 else f"{table.num_rows} rows", table.num_rows == 0)
        return
    try:
        wanted = nested(expected, len(shape), lambda item: arrow_value(item, kind, dataset))
    except NotComparable as what:
        asker.note("arrow", selection, f"not compared: {what}")
        return
    wanted = wanted if shape else [wanted]
    depth = max(len(shape), 1)
    is_record = isinstance(kind, h5py.h5t.TypeCompoundID) and dataset.dtype.kind != "c"
    names = [field for field in dataset.dtype.names] if is_record else [dataset.name.rsplit("/", 1)[-1]]
    is_right = table.column_names == names
    for name, column in zip(names, table.columns):
        of_column = nested(wanted, depth, lambda item: item[name]) if is_record else wanted
        is_right = is_right and same_with_nan(column.to_pylist(), of_column)
    asker.note("arrow", selection, "same" if is_right else f"{table.to_pydict()!r:.300} is not {wanted!r:.300}", is_right)


def nested(items, depth, of):
    return [nested(part, depth - 1, of) for part in items] if depth else of(items)


def arrow_value(item, kind, dataset):
    """An element as pyarrow says it."""
    if isinstance(item, np.ndarray) and item.ndim == 0:
        item = item[()]
    inner = lambda part, of: arrow_value(part, of, dataset)  # noqa: E731
    if isinstance(kind, h5py.h5t.TypeArrayID):
        base = kind.get_super()
        return nested(item, len(kind.get_array_dims()), lambda part: inner(part, base))
    if isinstance(kind, h5py.h5t.TypeVlenID):
        return [inner(part, kind.get_super()) for part in item]
    if np.issubdtype(type(item), np.complexfloating):
        return [float(item.real), float(item.imag)]
    if isinstance(kind, h5py.h5t.TypeCompoundID):
        members = range(kind.get_nmembers())
        return {
            kind.get_member_name(n).decode(errors="replace"): inner(item[n], kind.get_member_type(n))
            for n in members
        }
    if isinstance(kind, h5py.h5t.TypeEnumID):
        names = {kind.get_member_value(n): kind.get_member_name(n) for n in range(kind.get_nmembers())}
        is_boolean = sorted(names.items()) == [(0, b"FALSE"), (1, b"TRUE")] and kind.get_size() == 1
        return bool(item) if is_boolean else int(item)
    if isinstance(kind, h5py.h5t.TypeStringID):
        said = text(item, kind)
        return said if isinstance(said, str) else base64.b64decode(said["base64"]).decode(errors="replace")
    if isinstance(kind, (h5py.h5t.TypeIntegerID, h5py.h5t.TypeBitfieldID)):
        return int(item)
    if isinstance(kind, h5py.h5t.TypeFloatID):
        return float(item)
    if isinstance(kind, h5py.h5t.TypeOpaqueID):
        return item.tobytes() if hasattr(item, "tobytes") else bytes(item)
    if isinstance(kind, h5py.h5t.TypeReferenceID):
        return h5py.h5o.get_info(h5py.h5r.dereference(item, dataset.id)).addr if item else None
    raise NotComparable(type(kind).__name__)


def same_with_nan(given, wanted):
    if isinstance(given, list) and isinstance(wanted, list):
        return len(given) == len(wanted) and all(map(same_with_nan, given, wanted))
    if isinstance(given, dict) and isinstance(wanted, dict):
        return list(given) == list(wanted) and all(same_with_nan(given[name], wanted[name]) for name in given)
    if isinstance(given, float) and isinstance(wanted, float) and math.isnan(wanted):
        return math.isnan(given)
    return type(given) is type(wanted) and given == wanted


if __name__ == "__main__":
    main()
