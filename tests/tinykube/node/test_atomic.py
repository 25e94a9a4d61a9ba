from tinykube.node import atomic
from tinykube.node.payload import Entry
from tinykube.runtime.nodes import Directory, Symlink


def names(volume):
    return sorted(name for name in volume.entries if name == "..data" or not name.startswith(".."))


def content(volume, *path):
    node = volume.entries[volume.entries["..data"].target]
    for name in path:
        node = node.entries[name]
    return bytes(node.data), node.mode


def test_names_lead_through_data_to_a_dated_directory():
    volume = Directory()
    assert atomic.write(volume, {"a": Entry(b"1"), "deep/b": Entry(b"2", 0o400)}, 1767225600.25)
    assert names(volume) == ["..data", "a", "deep"]
    assert volume.entries["..data"].target == "..2026_01_01_00_00_00.250000000"
    assert isinstance(volume.entries["a"], Symlink)
    assert volume.entries["a"].target == "..data/a"
    assert content(volume, "deep", "b") == (b"2", 0o400)


def test_an_update_replaces_all_files_at_once():
    volume = Directory()
    atomic.write(volume, {"a": Entry(b"1"), "b": Entry(b"1")}, 0.0)
    assert atomic.write(volume, {"a": Entry(b"2")}, 60.0)
    assert names(volume) == ["..data", "a"]
    assert content(volume, "a") == (b"2", 0o644)


def test_the_same_files_are_left_alone():
    volume = Directory()
    atomic.write(volume, {"a": Entry(b"1")}, 0.0)
    before = dict(volume.entries)
    assert not atomic.write(volume, {"a": Entry(b"1")}, 60.0)
    assert volume.entries == before
