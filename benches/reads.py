#!/usr/bin/env python3
"""Counts what first looks cost with different settings of reading ahead, as a Markdown table:

    benches/reads.py BINARY FOLDER

BINARY is a built h5scout, FOLDER what tests/e2e/make_large.py made. Each figure is `waves /
requests / megabytes` as the server counts them for one question to a server that knows nothing of
the file; the look at the version that a local folder gets is not counted. The times are those of
the cost model, for a store of 50 ms and 100 MB/s with 64 requests in flight.
"""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

QUESTIONS = {
    "300 headers, first format": "scattered_earliest.h5/children",
    "300 headers, newer format": "scattered_latest.h5/children",
    "63 variables": "variables.nc/children",
    "three groups down, first format":
        "nested_earliest.h5/meta?path=/entry_150/detectors/detector_13/counts",
    "three groups down, newer format":
        "nested_latest.h5/meta?path=/entry_150/detectors/detector_13/counts",
    "1,000 of 100,000, first format": "wide_datasets_earliest.h5/children?path=/wide&limit=1000",
    "1,000 of 100,000, newer format": "wide_datasets_latest.h5/children?path=/wide&limit=1000",
}
SETTINGS = [
    ("64KiB", "0"), ("128KiB", "0"), ("256KiB", "0"), ("128KiB", "64KiB"), ("128KiB", "128KiB"),
    ("128KiB", "256KiB"), ("128KiB", "512KiB"), ("128KiB", "1MiB"), ("256KiB", "256KiB"),
]
LATENCY, BANDWIDTH, IN_FLIGHT = 0.05, 100e6, 64


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(binary: str, folder: str, head: str, around: str, question: str):
    """Waves, requests and bytes of one question to a server of its own."""
    url = f"http://127.0.0.1:{free_port()}"
    arguments = [binary, "serve", folder, "--listen", url.removeprefix("http://")]
    arguments += ["--head", head, "--read-around", around]
    server = subprocess.Popen(arguments, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}/health").close()
                break
            except urllib.error.URLError:
                time.sleep(0.05)
        with urllib.request.urlopen(f"{url}/files/{question}") as answer:
            timing = answer.headers["Server-Timing"]
    finally:
        server.terminate()
        server.wait()
    waves, requests, size = map(int, re.findall(r"(?:rounds|requests|bytes)=(\d+)", timing))
    return waves - 1, requests - 1, size


def main():
    binary, folder = sys.argv[1:]
    print("| `--head`, `--read-around` |", " | ".join(QUESTIONS), "| all |")
    print("|---|" + "---|" * len(QUESTIONS) + "---|")
    for head, around in SETTINGS:
        cells, total = [], 0.0
        for question in QUESTIONS.values():
            waves, requests, size = ask(binary, folder, head, around, question)
            queued = max(0, requests - waves * IN_FLIGHT) / IN_FLIGHT
            total += (waves + queued) * LATENCY + size / BANDWIDTH
            cells.append(f"{waves} / {requests} / {size / 1e6:.2f}")
        print(f"| {head}, {around} |", " | ".join(cells), f"| {total:.2f} s |", flush=True)


main()
