"""Recorded scenarios of a real Kubernetes v1.36.2, run on the practice cluster and compared fact by fact.

`floors.json` holds the mean each scenario has reached; a change that makes one worse fails here. Run with
`--parity-report` to see what differs.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.parity.runner import kubectl_path, runner
from tests.parity.score import differences, score

HERE = Path(__file__).parent
FLOORS = json.loads((HERE / "floors.json").read_text())


@pytest.mark.kubectl
@pytest.mark.parametrize("name", sorted(FLOORS))
async def test_the_practice_cluster_does_what_a_real_one_did(name, tmp_path):
    real = json.loads((HERE / "recordings" / f"{name}.json").read_text())
    kubectl = kubectl_path()
    assert kubectl, "kubectl is missing: run `make setup`, which fetches it"
    async with runner(tmp_path, kubectl) as cluster:
        ours = await cluster.run(real)
    reached = score(real, ours)
    print(name, reached)
    report = "\n".join(differences(real, ours))
    assert reached.mean >= FLOORS[name], f"{name}: {reached}, floor {FLOORS[name]}\n{report[:6000]}"
