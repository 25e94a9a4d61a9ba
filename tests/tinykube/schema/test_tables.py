"""The tables: there, and small."""

from importlib import resources

import pytest

from tinykube.schema import tables


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("definitions.json", 130_000),
        ("enums.json", 25_000),
        ("discovery.json", 30_000),
        ("protobuf.json", 75_000),
        ("columns.json", 12_000),
        ("descriptions.json", 220_000),
    ],
)
def test_a_table_stays_small_and_has_an_entry_a_line(name, most):
    text = resources.files("tinykube.schema").joinpath("data", name).read_text("utf-8")
    assert len(text) <= most
    assert text.startswith("{\n")
    assert text.endswith("\n}\n")


def test_columns_are_those_of_the_real_server():
    names = [column[0] for column in tables.columns()["v1 pods"]]
    assert names[:5] == ["Name", "Ready", "Status", "Restarts", "Age"]


def test_messages_carry_field_numbers():
    assert tables.messages()["k8s.io.api.core.v1"]["Pod"].startswith("1 metadata ")
