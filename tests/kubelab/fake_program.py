"""Stands in for docker, podman, kind and kubectl: records its command line, answers from a script, fails on demand.

$FAKE_PROGRAMS is a JSON file: {"answers": [[PATTERN, EXIT CODE, OUTPUT, EFFECT?]...], "log": FILE}. The first pattern
found in the command line decides; without one it succeeds silently. EFFECT is "create"/"delete" (kind's list of
clusters), "hang", or "kubeconfig".
"""

import json
import os
import re
import sys
import time
from pathlib import Path

settings = json.loads(Path(os.environ["FAKE_PROGRAMS"]).read_text())
line = " ".join([Path(sys.argv[1]).stem, *sys.argv[2:]])
with open(settings["log"], "a", encoding="utf-8") as log:
    log.write(line + "\n")
registry = Path(settings["log"]).with_name("clusters")
clusters = registry.read_text().split() if registry.exists() else []


def option(name):
    return sys.argv[sys.argv.index(name) + 1]


def effect(kind):
    if kind == "hang":
        time.sleep(60)
    if kind == "create":
        registry.write_text(" ".join([*clusters, option("--name")]))
        name = f"kind-{option('--name')}"
        document = {
            "current-context": name,
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "clusters": [{"name": name, "cluster": {"server": settings["server"]}}],
            "users": [{"name": name, "user": {}}],
        }
        Path(option("--kubeconfig")).write_text(json.dumps(document))
    if kind == "delete":
        registry.write_text(" ".join(one for one in clusters if one != option("--name")))


if line == "kind get clusters":
    print("\n".join(clusters) or "No kind clusters found.")
for pattern, code, output, *what in [
    *settings["answers"],
    ["^kind create cluster", 0, "", "create"],
    ["^kind delete cluster", 0, "", "delete"],
    ["^(docker|podman) info", 0, '{"MemTotal": 8589934592}'],
]:
    if re.search(pattern, line):
        print(output)
        if what:
            effect(what[0])
        sys.exit(code)
