"""Makes a file of numbers of many types, asks the server ADDRESS that serves FOLDER for previews of
them with signs, missing numbers, valid ranges and parts of complex numbers, and compares what it says
with what NumPy makes of what h5py reads.

    compare_previews.py ADDRESS FOLDER

Prints how many previews are the same; fails where one is not.
"""

import itertools
import json
import pathlib
import random
import sys
import urllib.parse
import urllib.request

import h5py
import numpy as np
from h5py import h5d, h5s, h5t

SHAPE = (37, 53)
PARTS = {"amplitude": np.abs, "phase": np.angle, "real": np.real, "imaginary": np.imag}
# Of integers that do not fill their bytes.
PRECISIONS = {"i12": 12}

sent = 0


def main():
    address, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    random.seed(20261123)
    with h5py.File(folder / "previews.h5", "w", libver="v200") as file:
        fill(file)
    with h5py.File(folder / "previews.h5", "r", locking=False) as file:
        for name in file:
            compare(address, name, file[name][()])
    print(f"{sent} previews are the same")


def fill(file):
    numbers = np.random.default_rng(1)
    for letter, size in itertools.product("iu", (1, 2, 4, 8)):
        dtype = np.dtype(f"{'>' if size == 4 else '<'}{letter}{size}")
        limits = np.iinfo(dtype)
        # Few different ones, so that some are missing ones, and both ends.
        some = numbers.integers(limits.min, limits.max, 20, dtype.newbyteorder("="), endpoint=True)
        some[:2] = limits.min, limits.max
        data = numbers.choice(some, SHAPE).astype(dtype)
        file.create_dataset(dtype.str[1:], data=data, chunks=(10, 20), compression=1)
    narrow = h5t.STD_I16LE.copy()
    narrow.set_precision(PRECISIONS["i12"])
    narrow.set_offset(2)
    low_level(file, "i12", narrow, numbers.integers(-2048, 2048, SHAPE, "i2"))
    colours = h5py.enum_dtype({"RED": -1, "GREEN": 0, "BLUE": 1}, basetype="i1")
    file.create_dataset("enum", data=numbers.integers(-1, 2, SHAPE, "i1"), dtype=colours)
    for size in (2, 4, 8):
        data = numbers.choice(numbers.normal(0, 100, 20), SHAPE).astype(f"f{size}")
        data[numbers.random(SHAPE) < 0.1] = np.nan
        data[3, 4] = np.inf
        file[f"f{size}"] = data
    parts = numbers.normal(0, 10, (2, *SHAPE))
    values = parts[0] + 1j * parts[1]
    values[0, :3] = 0, -1, complex(np.nan, 1)
    for dtype in ("<c8", ">c8", "<c16", ">c16"):
        file[dtype] = values.astype(dtype)
    for size, (order, letter) in itertools.product((32, 64), (("LE", "<"), ("BE", ">"))):
        name = f"COMPLEX_IEEE_F{size}{order}"
        datatype = getattr(h5t, name)
        low_level(file, name, datatype, values.astype(f"{letter}c{size // 4}"), datatype)


def low_level(file, name, datatype, data, datatype_of_data=None):
    dataset = h5d.create(file.id, name.encode(), datatype, h5s.create_simple(data.shape))
    dataset.write(h5s.ALL, h5s.ALL, data, mtype=datatype_of_data)


def compare(address, name, stored):
    for number in range(12):
        parameters = {
            "max_size": random.choice((1, 4, 16, 60)),
            "view": random.choice(("auto", "heatmap", "line", "table")),
            "selection": random.choice((":,:", "5:30:3,:")),
        }
        is_complex = stored.dtype.kind == "c"
        if is_complex:
            parameters["complex"] = random.choice(list(PARTS))
        elif stored.dtype.kind in "iu" and number % 2:
            parameters["unsigned"] = "true"
        data = as_read(stored, PRECISIONS.get(name), parameters)
        is_valid = np.ones(SHAPE, bool) if is_complex else leave_out(data, parameters)
        shown = what_is_shown(parameters)
        found = ask(address, f"/{name}", parameters)
        where = f"{name} {parameters}"
        assert found.get("complex") == parameters.get("complex"), f"{where}: {found}"
        check(found, data[shown], is_valid[shown], parameters, where)


def as_read(stored, precision, parameters):
    if "complex" in parameters:
        return PARTS[parameters["complex"]](stored.astype("c16"))
    if "unsigned" not in parameters:
        return stored
    native = np.ascontiguousarray(stored).astype(stored.dtype.newbyteorder("="))
    unsigned = native.view(f"u{native.dtype.itemsize}")
    return unsigned if precision is None else unsigned & (1 << precision) - 1


def what_is_shown(parameters):
    rows = range(SHAPE[0])
    if parameters["selection"] != ":,:":
        rows = rows[5:30:3]
    if parameters["view"] == "line":
        rows = rows[:1]
    if parameters["view"] != "table":
        return np.ix_(rows, range(SHAPE[1]))
    return np.ix_(rows[: parameters["max_size"]], range(min(SHAPE[1], parameters["max_size"])))


def leave_out(data, parameters):
    """Adds numbers to leave out to the parameters; which elements are left."""
    is_valid = np.ones(data.shape, bool)
    known = [number for number in data.ravel() if not np.isnan(number)]
    if random.random() < 0.6:
        missing = random.sample(known, 2)
        parameters["missing"] = ",".join(str(number) for number in missing)
        is_valid &= ~np.isin(data, missing)
    if random.random() < 0.6:
        least, greatest = sorted(random.sample(known, 2))
        which = random.choice(("both", "least", "greatest"))
        least = None if which == "greatest" else least
        greatest = None if which == "least" else greatest
        bounds = ("" if bound is None else str(bound) for bound in (least, greatest))
        parameters["valid"] = ",".join(bounds)
        if least is not None:
            is_valid &= ~(data < least)
        if greatest is not None:
            is_valid &= ~(data > greatest)
    return is_valid


def ask(address, path, parameters):
    global sent
    query = urllib.parse.urlencode({"key": "previews.h5", "path": path, **parameters})
    with urllib.request.urlopen(f"http://{address}/preview?{query}") as answer:
        sent += 1
        return json.load(answer)["preview"]


def check(found, data, is_valid, parameters, where):
    is_asked = "missing" in parameters or "valid" in parameters
    statistics, numbers = found["statistics"], data[is_valid]
    expected = int((~is_valid).sum()) if is_asked else None
    assert statistics.get("missing_count") == expected, f"{where}: {statistics} {expected}"
    assert statistics["count"] == numbers.size, f"{where}: {statistics} {numbers.size}"
    nan_count = int(np.isnan(numbers).sum())
    assert statistics["nan_count"] == nan_count, f"{where}: {statistics} {nan_count}"
    same(statistics, numbers, where)
    finite = finite_ones(numbers)
    nearly(statistics["std"], finite.std() if finite.size else None, finite, f"{where} std")
    if found["view"] == "table":
        return
    size = parameters["max_size"]
    cells = [min(size, extent) for extent in data.shape]
    # Of each index its cell.
    rows, columns = (np.arange(n) * c // n for n, c in zip(data.shape, cells))
    for row, column in itertools.product(range(cells[0]), range(cells[1])):
        part = np.ix_(rows == row, columns == column)
        numbers = data[part][is_valid[part]]
        cell = (row, column) if found["view"] == "heatmap" else (column,)
        given = {which: at(found[which], cell) for which in ("min", "max", "mean")}
        same(given, numbers, f"{where} {cell}")
        if is_asked:
            count = at(found["count"], cell)
            assert count == numbers.size, f"{where} {cell}: {count} {numbers.size}"


def at(numbers, cell):
    for index in cell:
        numbers = numbers[index]
    return numbers


def finite_ones(numbers):
    return numbers[np.isfinite(numbers)].astype("f8")


def same(given, numbers, where):
    """Integers to the last digit."""
    some, finite = numbers[~np.isnan(numbers)], finite_ones(numbers)
    for which, of in (("min", np.min), ("max", np.max)):
        expected = of(some).item() if some.size else None
        if isinstance(expected, int):
            assert given[which] == expected, f"{where} {which}: {given[which]} {expected}"
        else:
            nearly(given[which], expected, finite, f"{where} {which}")
    nearly(given["mean"], finite.mean() if finite.size else None, finite, f"{where} mean")


def nearly(given, expected, numbers, where):
    """As near as sums of these numbers in double precision come."""
    if expected is None:
        assert given is None, f"{where}: {given}"
        return
    given, largest = float(given), max(abs(numbers), default=1)
    is_near = given == expected or abs(given - expected) <= 1e-12 * largest
    assert is_near, f"{where}: {given} {expected}"


main()
