"""Files: layers are shared, copied up when changed, mounted with sub paths, and refused when read-only."""

import errno

import pytest

from tinykube.clock import Clock
from tinykube.runtime.filesystem import FileSystem, layer
from tinykube.runtime.nodes import Directory, File, Symlink, copy, disk_usage


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def image():
    return layer(None, {"/etc/motd": "hello\n", "/bin/tool": File(b"x", 0o755), "/lib": Symlink("bin")})


def code(action, *args, **options):
    """The errno with which an operation fails."""
    with pytest.raises(OSError) as caught:
        action(*args, **options)
    return caught.value.errno


def test_containers_share_an_image_and_change_only_their_own_copy(image, clock):
    one, two = FileSystem(image, clock), FileSystem(image, clock)
    one.write("/etc/motd", b"changed\n")
    one.remove("/bin/tool")
    one.make_directories("/etc/a/b")
    assert one.read("/etc/motd") == b"changed\n"
    assert two.read("/etc/motd") == b"hello\n"
    assert two.exists("/bin/tool")
    assert not one.exists("/bin/tool")
    assert two.names("/etc") == ["motd"]


def test_appending_to_an_image_file_leaves_the_image_alone(image, clock):
    fs = FileSystem(image, clock)
    stream = fs.open("/etc/motd", "a")
    stream.write(b"more\n")
    assert fs.read("/etc/motd") == b"hello\nmore\n"
    assert FileSystem(image, clock).read("/etc/motd") == b"hello\n"


def test_a_copy_of_a_program_is_a_program_and_what_is_written_is_none(clock):
    async def program(process):
        return 0

    fs = FileSystem(layer(None, {"/bin/p": File(b"p", 0o755, program=program)}), clock)
    assert copy(fs.lookup("/bin/p")).program is program
    fs.write("/bin/p", b"text")
    assert fs.lookup("/bin/p").program is None


def test_symbolic_links_are_followed_and_loops_are_refused(image, clock):
    fs = FileSystem(image, clock)
    assert fs.read("/lib/tool") == b"x"
    assert fs.real_path("/lib/../lib/tool") == "/bin/tool"
    fs.symlink("/a", "/b")
    fs.symlink("/b", "/a")
    assert code(fs.lookup, "/a") == errno.ELOOP
    fs.symlink("/nowhere", "/dangling")
    assert not fs.exists("/dangling")
    assert fs.find("/dangling", follow=False) is not None


def test_a_volume_is_shared_by_the_file_systems_that_mount_it(image, clock):
    volume = Directory()
    one, two = FileSystem(image, clock), FileSystem(image, clock)
    one.mount("/data", volume)
    two.mount("/var/log/app", volume)
    one.write("/data/x", b"1")
    assert two.read("/var/log/app/x") == b"1"
    assert two.names("/var/log") == ["app"]


def test_a_sub_path_mounts_a_part_of_a_volume_and_a_file_can_be_mounted(image, clock):
    volume = Directory({"conf": Directory({"a": File(b"1")}), "single": File(b"2")})
    fs = FileSystem(image, clock)
    fs.mount("/conf", volume.entries["conf"])
    fs.mount("/etc/single", volume.entries["single"])
    assert fs.read("/conf/a") == b"1"
    assert fs.read("/etc/single") == b"2"
    assert fs.read("/etc/motd") == b"hello\n"


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("write", ("/ro/new", b"")),
        ("write", ("/ro/x", b"")),
        ("remove", ("/ro/x",)),
        ("make_directory", ("/ro/d",)),
        ("symlink", ("a", "/ro/l")),
        ("rename", ("/ro/x", "/ro/y")),
        ("change", ("/ro/x",)),
    ],
)
def test_a_read_only_mount_refuses_every_change(image, clock, action, args):
    fs = FileSystem(image, clock)
    fs.mount("/ro", Directory({"x": File(b"1")}), read_only=True)
    assert code(getattr(fs, action), *args) == errno.EROFS
    assert fs.read("/ro/x") == b"1"


def test_a_read_only_root_still_has_writable_mounts(image, clock):
    fs = FileSystem(image, clock, read_only=True)
    fs.mount("/tmp", Directory(mode=0o1777))
    fs.write("/tmp/x", b"1")
    assert code(fs.write, "/etc/motd", b"") == errno.EROFS


@pytest.mark.parametrize(
    ("action", "args", "expected"),
    [
        ("read", ("/nope",), errno.ENOENT),
        ("read", ("/etc",), errno.EISDIR),
        ("read", ("/etc/motd/x",), errno.ENOTDIR),
        ("write", ("/nope/x", b""), errno.ENOENT),
        ("write", ("/etc", b""), errno.EISDIR),
        ("make_directory", ("/etc",), errno.EEXIST),
        ("make_directories", ("/etc/motd/x",), errno.ENOTDIR),
        ("remove", ("/etc",), errno.EISDIR),
        ("remove_directory", ("/etc",), errno.ENOTEMPTY),
        ("remove_directory", ("/etc/motd",), errno.ENOTDIR),
        ("remove_directory", ("/mnt",), errno.EBUSY),
        ("rename", ("/nope", "/x"), errno.ENOENT),
        ("rename", ("/etc", "/etc/x"), errno.EINVAL),
        ("rename", ("/etc/motd", "/mnt/x"), errno.EXDEV),
        ("link", ("/etc", "/x"), errno.EPERM),
        ("lookup", ("/etc/motd/",), errno.ENOTDIR),
    ],
)
def test_operations_fail_as_linux_fails_them(image, clock, action, args, expected):
    fs = FileSystem(image, clock)
    fs.mount("/mnt", Directory())
    assert code(getattr(fs, action), *args) == expected


def test_a_user_who_is_not_root_needs_permission(image, clock):
    fs = FileSystem(image, clock)
    fs.make_directory("/tmp", 0o1777)
    fs.make_directory("/secret", 0o700)
    fs.write("/secret/x", b"1")
    fs.uid = 1000
    assert code(fs.write, "/etc/motd", b"") == errno.EACCES
    assert code(fs.write, "/etc/new", b"") == errno.EACCES
    assert code(fs.read, "/secret/x") == errno.EACCES
    fs.write("/tmp/mine", b"1")
    assert fs.lookup("/tmp/mine").uid == 1000
    assert fs.read("/etc/motd") == b"hello\n"


def test_hard_links_share_contents_and_times_come_from_the_clock(image, clock):
    fs = FileSystem(image, clock)
    fs.write("/a", b"1")
    fs.link("/a", "/b")
    fs.write("/b", b"22")
    assert fs.read("/a") == b"22"
    assert fs.lookup("/a").mtime == clock.now()
    fs.remove("/a")
    assert fs.read("/b") == b"22"
    assert disk_usage(fs.lookup("/b")) == 2


async def test_an_open_file_survives_its_removal_and_keeps_its_position(image, clock):
    fs = FileSystem(image, clock)
    fs.write("/log", b"one\ntwo\nrest")
    stream = fs.open("/log")
    assert await stream.readline() == b"one\n"
    fs.remove("/log")
    assert await stream.read(5) == b"two\nr"
    assert await stream.readline() == b"est"
    assert await stream.readline() == b""


async def test_a_named_pipe_passes_bytes_from_writers_to_readers(image, clock):
    fs = FileSystem(image, clock)
    fs.make_fifo("/p")
    writer, reader = fs.open("/p", "w"), fs.open("/p")
    writer.write(b"hi\n")
    writer.release()
    assert await reader.read() == b"hi\n"
    assert await reader.read() == b""
