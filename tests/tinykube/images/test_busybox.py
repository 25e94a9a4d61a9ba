"""Each script does in the practice cluster's busybox what it does in a real one."""

import pytest
from tests.tinykube.images import side_by_side

CASES = [
    pytest.param(script, id=f"{kind}-{name}")
    for kind in ("shell", "tool")
    for name, script in side_by_side.scripts(kind).items()
]


@pytest.mark.busybox
@pytest.mark.parametrize("script", CASES)
async def test_script_does_what_a_real_busybox_does(script, tmp_path):
    if side_by_side.BUSYBOX is None:
        pytest.skip(side_by_side.HOW_TO_GET)
    assert await side_by_side.run_ours(script) == side_by_side.run_real(script, tmp_path)


def test_there_are_enough_scripts_to_judge_by():
    assert len(CASES) >= 150
