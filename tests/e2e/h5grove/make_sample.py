"""Makes the files that the routes of h5grove are compared on: python make_sample.py FOLDER

They hold every kind of value and link that h5py writes; the fixtures have what others write.
"""

import sys
from pathlib import Path

import h5py
import numpy as np


def numbers(group):
    for name in ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]:
        for order in "<>" if name[1] != "1" else "<":
            values = np.arange(24).reshape(4, 6) * 1.1 - (3 if name[0] != "u" else 0)
            group[f"{name}_{'big' if order == '>' else 'little'}"] = values.astype(order + name)
    group["long_double"] = np.linspace(-1, 1, 5).astype("g")
    group["largest"] = np.array([2**64 - 1, 2**63], "u8")
    group["least"] = np.array([-(2**63), 2**53 + 1], "i8")
    group["tenths"] = np.array([0.1, 1e-7, 3e38, -0.0], "f4")
    group["not_finite"] = np.array([np.nan, np.inf, -np.inf, 0.5])
    group["not_finite_halves"] = np.array([np.nan, np.inf, 1.5, 0.1], "f2")
    group["no_number"] = np.array([np.nan, np.nan])
    group["complex_single"] = np.array([[1 + 2j, 0.1 - 0.2j]], "c8")
    group["complex_double"] = np.arange(6) - 1j * np.arange(6)
    group["complex_big"] = np.array([1 + 2j, 3], ">c16")
    group["booleans"] = np.array([[True, False], [False, False]])
    group["scan"] = np.sin(np.arange(20_000) / 7).astype("f4")
    group["counts"] = np.arange(20_000) % 977
    group["cube"] = np.arange(2 * 3 * 4).reshape(2, 3, 4).astype("f4")
    group["five_dimensions"] = np.arange(32).reshape(2, 2, 2, 2, 2)
    group["without_elements"] = np.zeros((0, 3))
    group["without_columns"] = np.zeros((2, 0), "i4")


def scalars(group):
    for name in ["i1", "u8", "f2", "f4", "f8", "c8", "c16", "g", "?"]:
        group[f"of_{'bool' if name == '?' else name}"] = np.array(1.1).astype(name)
    group["of_f4_big"] = np.array(0.1, ">f4")
    group["text"] = "grün"
    group["bytes"] = np.bytes_(b"abc")
    group["empty"] = h5py.Empty("f4")
    group["empty_text"] = h5py.Empty(h5py.string_dtype())
    group["opaque"] = np.void(b"\x00\x01\x02")
    group["opaque_not_text"] = np.void(b"\xff\xfe")
    group["compound"] = np.array((1, 0.1, b"ab"), [("a", "i4"), ("b", "f4"), ("c", "S4")])


def texts(group):
    group["variable"] = np.array([["a", "bé"], ["", "日本"]], h5py.string_dtype())
    group["ascii"] = np.array(["a", "b"], h5py.string_dtype("ascii"))
    group["fixed"] = np.array([b"ab", b"cdef", b""], "S4")
    group["none"] = np.array([], h5py.string_dtype())
    group["fixed_utf8"] = np.array(["é".encode(), b"ab"], h5py.string_dtype("utf-8", 6))
    padded = h5py.h5t.C_S1.copy()
    padded.set_size(5)
    padded.set_strpad(h5py.h5t.STR_SPACEPAD)
    space = h5py.h5s.create_simple((2,))
    dataset = h5py.h5d.create(group.id, b"spaces", padded, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab   ", b"c d  "], "S5"), mtype=padded)


def compounds(group):
    table = [("id", "i4"), ("weight", "f4"), ("name", "S5"), ("ok", "?"), ("big", ">i2")]
    group["table"] = np.array([(1, 0.1, b"one", True, 7), (2, 0.2, b"two", False, 8)], table)
    inner = np.dtype([("x", "f4"), ("y", "f8")])
    nested = np.zeros((2,), [("at", inner), ("path", "f4", (2, 3)), ("z", "c8")])
    nested["path"] = 0.1
    group["nested"] = nested
    kinds = np.dtype(
        [
            ("text", h5py.string_dtype()),
            ("list", h5py.vlen_dtype("f4")),
            ("color", h5py.enum_dtype({"RED": 0, "BLUE": 7}, "u2")),
            ("to", h5py.ref_dtype),
            ("raw", "V3"),
            ("words", h5py.string_dtype(), (2,)),
        ]
    )
    rows = np.zeros((1,), kinds)
    rows[0] = ("a", np.array([0.1, 2], "f4"), 7, group.ref, b"abc", ["b", "c"])
    group["kinds"] = rows
    aligned = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [0, 8], "itemsize": 24})
    group["with_gaps"] = np.array([(1, 2.5)], aligned)


def others(group):
    group["enumeration"] = np.array([[0, 1], [2, 9]], h5py.enum_dtype({"A": 0, "B": 1, "C": 2}, "i2"))
    group["enumeration_big"] = np.array([1], h5py.enum_dtype({"A": 1}, ">i4"))
    for base, last in [("i4", 3), ("f4", 0.1)]:
        lists = group.create_dataset(f"lists_{base}", (3,), h5py.vlen_dtype(np.dtype(base)))
        lists[0], lists[1] = [1, 2], [last]
    texts = group.create_dataset("lists_of_texts", (2,), h5py.vlen_dtype(h5py.string_dtype()))
    texts[0] = np.array(["a", "b"], object)
    group.create_dataset("list", (), h5py.vlen_dtype(np.dtype("f4")))[()] = np.array([0.1, 2], "f4")
    for name, base, values in [("booleans", "?", [1, 0]), ("complex", "c8", [1 + 2j]), ("bytes", "S3", [b"a", b"bcd"])]:
        lists = group.create_dataset(f"lists_of_{name}", (2,), h5py.vlen_dtype(np.dtype(base)))
        lists[0] = np.array(values, base)
    group.create_dataset("arrays", (2,), np.dtype(("f4", (2, 2))))[...] = np.full((2, 2, 2), 0.1)
    group.create_dataset("array", (), np.dtype((">i2", (2, 3))))[...] = np.arange(6).reshape(2, 3)
    group.create_dataset("arrays_of_bytes", (2,), np.dtype(("S3", (2,))))
    group["references"] = np.array([group.ref, h5py.Reference()], h5py.ref_dtype)
    group["reference"] = group.ref
    group["region"] = group["arrays"].regionref[0:1]
    group["opaque"] = np.array([b"abc", b"de"], "V3")
    for unit in ["Y", "W", "D", "h", "m", "s", "ms", "us", "ns"]:
        times = np.array(["2026-01-02T03:04:05.123456789", "1969-12-31T23:59:59.5"], f"M8[{unit}]")
        group[f"times_in_{unit}"] = times.astype(h5py.opaque_dtype(times.dtype))
    of_day = [("time", h5py.opaque_dtype("M8[D]")), ("number", "i4")]
    group["compounds_with_times"] = np.array([("2026-01-02", 1)], [("time", "M8[D]"), ("number", "i4")]).astype(of_day)
    group["datatype"] = np.dtype("<f8")
    group["datatype_of_compounds"] = np.dtype([("a", ">i2"), ("b", "S3")])
    group.create_dataset("of_datatype", (2,), group["datatype"])


def storage(group):
    image = np.arange(30 * 40).reshape(30, 40)
    group.create_dataset("gzip", data=image, chunks=(7, 9), compression="gzip", shuffle=True)
    group.create_dataset("lzf", data=image, chunks=(30, 8), compression="lzf", fletcher32=True)
    group.create_dataset("scaled", data=image, chunks=(30, 8), scaleoffset=0)
    group.create_dataset("unwritten", (5, 5), "f4", chunks=(2, 2), fillvalue=0.1)
    group.create_dataset("growing", (3,), "i4", maxshape=(None,))


def attributes(target):
    values = {
        "text": "grün",
        "texts": ["x", "y"],
        "bytes": np.bytes_(b"abc"),
        "array_of_bytes": np.array([b"a", b"bcd"]),
        "half": np.float16(0.1),
        "single": np.float32(0.1),
        "singles": np.array([0.1, np.nan], "f4"),
        "double": np.nan,
        "long": np.int64(2**60),
        "true": True,
        "booleans": np.array([True, False]),
        "complex": np.complex64(0.1 + 2j),
        "complexes": np.array([1j, 2]),
        "empty": h5py.Empty("S5"),
        "matrix": np.arange(6).reshape(2, 3),
        "none": np.zeros((0,), "f4"),
        "reference": target.ref,
        "compound": np.array([(1, 0.1)], [("a", "i4"), ("b", "f4")]),
    }
    for name, value in values.items():
        target.attrs[name] = value
    target.attrs.create("color", 7, dtype=h5py.enum_dtype({"RED": 7}, "u1"))
    target.attrs.create("array", np.full((3, 2), 0.1, "f4"), (3, 2), np.dtype(("f4", (2,))))
    lists = np.array([np.array([1, 2], "i4"), np.array([], "i4")], object)
    target.attrs.create("lists", lists, dtype=h5py.vlen_dtype("i4"))
    # h5grove cannot write big-endian arrays as JSON: alone, it hides none of the others.
    target.parent.create_group("big").attrs["singles"] = np.array([0.1, 2], ">f4")


def links(group):
    group["target/data"] = np.arange(3)
    group["target/inner/deep"] = "deep"
    group["soft"] = h5py.SoftLink(group.name + "/target")
    group["soft_relative"] = h5py.SoftLink("target/data")
    group["soft_of_soft"] = h5py.SoftLink("soft_relative")
    group["soft_to_nothing"] = h5py.SoftLink("/nowhere")
    group["hard"] = group["target"]
    group["target/up"] = group
    group["external"] = h5py.ExternalLink("other.h5", "/d")
    group["external_group"] = h5py.ExternalLink("other.h5", "/group")
    group["external_back"] = h5py.ExternalLink("other.h5", "/back")
    group["external_without_file"] = h5py.ExternalLink("missing.h5", "/d")
    group["external_to_nothing"] = h5py.ExternalLink("other.h5", "nowhere")
    group["soft_to_external"] = h5py.SoftLink("external")
    group["soft_into_external"] = h5py.SoftLink("external_group/inside")
    group.create_group("with space+plus&more=%25#?é日")["d"] = 1


def ordered(group):
    inner = group.create_group("by_creation", track_order=True)
    for name in ["z", "a", "m"]:
        inner[name] = 1
        inner.attrs[name] = 1


def nexus(file):
    file.attrs["NX_class"] = "NXroot"
    file.attrs["default"] = "entry"
    entry = file.create_group("entry")
    entry.attrs["NX_class"] = "NXentry"
    data = entry.create_group("data")
    data.attrs.update({"NX_class": "NXdata", "signal": "signal", "axes": ["y", "x"]})
    data["signal"] = np.random.default_rng(1).random((10, 12))
    data["x"], data["y"] = np.linspace(-1, 1, 12), np.linspace(0, 5, 10)
    image = entry.create_dataset("image", data=np.arange(8 * 6 * 3).reshape(8, 6, 3).astype("u1"))
    for name, value in [("CLASS", "IMAGE"), ("INTERLACE_MODE", "INTERLACE_PIXEL")]:
        image.attrs[name] = np.bytes_(value)
    data["x"].make_scale("t")
    data["signal"].dims[1].attach_scale(data["x"])


def main(folder):
    with h5py.File(folder / "other.h5", "w") as file:
        file["d"] = np.arange(5)
        file["group/inside"] = 0.5
        file["group/soft"] = h5py.SoftLink("inside")
        file["back"] = h5py.ExternalLink("sample.h5", "/links/target")
    with h5py.File(folder / "sample.h5", "w") as file:
        nexus(file)
        for make in [numbers, scalars, texts, compounds, others, storage, links, ordered]:
            make(file.create_group(make.__name__))
        attributes(file.create_dataset("attributes", data=1))
    with h5py.File(folder / "latest.h5", "w", libver="latest") as file:
        links(file.create_group("links"))
        ordered(file)
        attributes(file.create_group("attributes"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
