"""Parses the text of /metrics on stdin with Prometheus' own parser; prints what it found as JSON.

One line a metric: its name as it is exported, its type, its help, the names of its labels.
"""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

for family in text_string_to_metric_families(sys.stdin.read()):
    # The parser takes the suffix off, as OpenMetrics has it.
    name = family.name + "_total" if family.type == "counter" else family.name
    labels = {label for sample in family.samples for label in sample.labels} - {"le"}
    found = {"name": name, "type": family.type, "help": family.documentation, "labels": sorted(labels)}
    print(json.dumps(found))
