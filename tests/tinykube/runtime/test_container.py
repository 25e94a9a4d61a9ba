"""Containers: how they start, end, take signals, meet their limits, and are entered."""

import pytest
from tests.tinykube.images.bench import Bench

from tinykube.runtime import Mount, StartError, signals
from tinykube.runtime.nodes import Directory, File

MEBIBYTE = 1024**2


@pytest.fixture
async def bench():
    bench = Bench()
    yield bench
    for container in bench.containers:
        container.kill()
    await bench.clock.settle()


def sh(bench, name, script, **spec):
    """A busybox container that runs a script."""
    return bench.run(name, "busybox:1.36", command=["sh", "-c", script], **spec)


async def test_a_program_that_ends_has_its_exit_code_times_and_log(bench):
    container = sh(bench, "once", "echo started; sleep 2; echo oops >&2; exit 3")
    assert container.running
    assert await bench.exit_code(container) == 3
    assert bench.logs["once"] == ["started", "oops"]
    assert container.finished_at - container.started_at == pytest.approx(2)
    assert container.reason == "Error"
    assert not container.running


async def test_success_is_completed(bench):
    container = sh(bench, "ok", "true")
    assert await bench.exit_code(container) == 0
    assert container.reason == "Completed"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/no/such/binary"], 'exec: "/no/such/binary": stat /no/such/binary: no such file or directory'),
        (["nosuch"], 'exec: "nosuch": executable file not found in $PATH'),
        (["/etc/passwd"], 'exec: "/etc/passwd": permission denied'),
        (["/etc"], 'exec: "/etc": is a directory'),
    ],
)
async def test_what_cannot_be_started_says_so_in_runcs_words(bench, command, words):
    with pytest.raises(StartError) as caught:
        bench.run("bad", "busybox:1.36", command=command)
    assert str(caught.value) == (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
        f"runc create failed: unable to start container process: {words}"
    )
    assert bench.containers[-1].exit_code == 128


async def test_a_working_directory_that_is_a_file_is_none(bench):
    with pytest.raises(StartError, match="error during container init: mkdir /etc/passwd: not a directory"):
        bench.run("bad", "busybox:1.36", command=["pwd"], working_dir="/etc/passwd")


@pytest.mark.parametrize(
    ("script", "exit_code", "log"),
    [
        ("trap 'echo bye; exit 7' TERM; while true; do sleep 0.2; done", 7, ["bye"]),
        ("trap '' TERM; while true; do sleep 0.2; done", None, []),
        ("while true; do sleep 0.2; done", None, []),
        ("sleep 100", None, []),
        ("sh -c 'sleep 100'; echo never", None, []),
        ("trap 'echo late' TERM; sleep 3; echo end", 0, ["late", "end"]),
        ("sleep 100 & trap 'kill $!; wait; echo cleaned; exit 0' TERM; wait", 0, ["Terminated", "cleaned"]),
    ],
)
async def test_sigterm_reaches_only_a_pid_1_that_handles_it(bench, script, exit_code, log):
    container = sh(bench, "main", script)
    await bench.clock.advance(1)
    container.stop()
    await bench.clock.advance(5)
    assert container.exit_code == exit_code
    assert bench.logs["main"] == log
    container.kill()
    await bench.clock.settle()
    assert container.exit_code == (137 if exit_code is None else exit_code)


async def test_the_last_command_of_a_script_takes_the_shells_place(bench):
    container = sh(bench, "exec", "echo a; sleep 100")
    _, out, _ = await bench.sh(container, "cat", "/proc/1/cmdline")
    assert out == "sleep\x00100\x00"
    kept = sh(bench, "kept", "echo a; sleep 100\n")
    _, out, _ = await bench.sh(kept, "cat", "/proc/1/cmdline")
    assert out.startswith("sh\x00-c\x00")


async def test_when_pid_1_ends_everything_else_is_killed(bench):
    container = sh(bench, "parent", "(while true; do echo tick; sleep 1; done) & sleep 2.5")
    session = container.exec(["sleep", "1000"])
    await bench.clock.advance(10)
    assert container.exit_code == 0
    assert bench.logs["parent"] == ["tick"] * 3
    assert session.exit_code == 137
    assert container.table.processes == {}


async def test_pid_1_cannot_be_killed_from_inside(bench):
    container = sh(bench, "safe", "sleep 100; true")
    await bench.sh(container, "kill", "-9", "1")
    await bench.sh(container, "kill", "1")
    assert container.running


@pytest.mark.parametrize("limit", [24 * MEBIBYTE, None])
async def test_a_container_that_takes_too_much_memory_is_killed_as_a_whole(bench, limit):
    container = sh(bench, "oom", "sleep 1000 & x=a; while true; do x=$x$x; done", memory_limit=limit)
    assert await bench.exit_code(container, 60) == 137
    assert container.oom_killed
    assert container.reason == "OOMKilled"
    await bench.clock.settle()
    assert container.cgroup.memory == 0


async def test_memory_given_back_does_not_count(bench):
    container = sh(
        bench, "fine", "for i in 1 2 3 4 5 6; do x=$(head -c 5000000 /dev/zero | tr '\\0' a); unset x; done",
        memory_limit=24 * MEBIBYTE,
    )  # fmt: skip
    assert await bench.exit_code(container, 60) == 0


async def test_a_spinning_program_lets_time_pass_within_its_limit(bench):
    container = sh(bench, "spin", "while true; do :; done", cpu_limit=0.1)
    other = sh(bench, "other", "sleep 5; echo awake")
    await bench.clock.advance(10)
    assert container.running
    assert bench.logs["other"] == ["awake"]
    assert 0.8 < container.cgroup.cpu_seconds < 1.3
    assert other.exit_code == 0


async def test_environment_comes_in_the_runtimes_order(bench):
    container = sh(bench, "envs", "sleep 100", env={"DB_URL": "x", "EMPTY": ""}, hostname="pod-1")
    _, out, _ = await bench.sh(container, "env")
    assert out.splitlines() == [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=pod-1", "DB_URL=x", "EMPTY=",
        "HOME=/root",
    ]  # fmt: skip
    assert (await bench.sh(container, "cat", "/etc/hostname"))[1] == "pod-1\n"


async def test_working_directory_user_and_read_only_root_are_honored(bench):
    script = "pwd; id -u; echo hi > /tmp/x; echo $?; echo hi > /data/x; cat /data/x"
    data = Mount("/data", Directory(mode=0o777))
    container = sh(bench, "odd", script, working_dir="/srv/app", user=1000, read_only_root=True, mounts=[data])
    assert await bench.exit_code(container, 10) == 0
    assert bench.logs["odd"] == ["/srv/app", "1000", "sh: can't create /tmp/x: Read-only file system", "1", "hi"]


async def test_exec_separates_output_and_reports_the_exit_code(bench):
    container = sh(bench, "main", "sleep 1000")
    assert await bench.sh(container, "sh", "-c", "echo out; echo err >&2; exit 4") == (4, "out\n", "err\n")
    with pytest.raises(StartError, match=r'exec failed: .*exec: "nosuch": executable file not found in \$PATH'):
        container.exec(["nosuch"])
    container.kill()
    await bench.clock.settle()
    with pytest.raises(StartError, match="stopped container"):
        container.exec(["true"])


async def test_exec_reads_standard_input_until_it_is_closed(bench):
    container = sh(bench, "main", "sleep 1000")
    session = container.exec(["cat"], stdin=True)
    session.write(b"one\n")
    await bench.clock.advance(1)
    assert session.exit_code is None
    session.close_stdin()
    assert await session.output() == (0, b"one\n", b"")


async def test_a_killed_exec_ends(bench):
    container = sh(bench, "main", "sleep 1000")
    session = container.exec(["sh", "-c", "echo a; sleep 1000; true"])
    await bench.clock.advance(1)
    session.kill()
    assert await session.output() == (137, b"a\n", b"")
    assert container.running


async def typed(bench, session, *lines):
    """What a terminal shows when a person types lines, one each half second."""
    await bench.clock.settle()
    for line in lines:
        session.write(line)
        await bench.clock.advance(0.5)
    return b"".join([data async for _, data in session]).decode()


async def test_a_terminal_echoes_prompts_and_interrupts(bench):
    container = sh(bench, "main", "sleep 1000")
    session = container.exec(["sh"], tty=True, stdin=True)
    screen = await typed(
        bench, session, b"echo hix\x7f\r", b"sleep 100\r", b"\x03", b"echo $?\r", b"cd /tmp\r", b"if true\r",
        b"then echo yes; fi\r", b"exit 3\r",
    )  # fmt: skip
    assert screen == (
        "/ # echo hix\b \b\r\nhi\r\n/ # sleep 100\r\n^C\r\n/ # echo $?\r\n130\r\n/ # cd /tmp\r\n/tmp # if true\r\n"
        "> then echo yes; fi\r\nyes\r\n/tmp # exit 3\r\n"
    )
    assert session.exit_code == 3


async def test_control_d_leaves_an_interactive_shell(bench):
    container = sh(bench, "main", "sleep 1000")
    session = container.exec(["sh"], tty=True, stdin=True)
    assert (await typed(bench, session, b"\x04")).startswith("/ # ")
    assert session.exit_code == 0


async def test_a_container_can_have_standard_input(bench):
    container = bench.run("cat", "busybox:1.36", command=["cat"], stdin=True)
    container.stdin.write(b"typed\n")
    await bench.clock.advance(1)
    assert bench.logs["cat"] == ["typed"]
    container.stdin.close_stdin()
    assert await bench.exit_code(container) == 0


async def test_what_is_written_to_pid_1s_output_is_in_the_log(bench):
    container = sh(bench, "main", "sleep 1000")
    await bench.sh(container, "sh", "-c", "echo from exec > /proc/1/fd/1; echo here > /dev/stdout")
    assert bench.logs["main"] == ["from exec"]


async def test_a_tool_copied_to_a_volume_runs_elsewhere(bench):
    shared = Directory()
    sh(bench, "init", "cp /bin/busybox /shared/busybox", mounts=[Mount("/shared", shared)])
    await bench.clock.advance(1)
    web = bench.run("web", "nginx:1.27", mounts=[Mount("/shared", shared)])
    assert await bench.sh(web, "/shared/busybox", "echo", "works") == (0, "works\n", "")


async def test_a_script_of_a_config_map_runs_by_its_first_line(bench):
    scripts = Directory({"run.sh": File(b'#!/bin/sh\necho "$0 $1"\n', 0o755), "plain": File(b"echo x\n", 0o644)})
    mounts = [Mount("/scripts", scripts, True)]
    container = bench.run("script", "busybox:1.36", "arg", command=["/scripts/run.sh"], mounts=mounts)
    assert await bench.exit_code(container) == 0
    assert bench.logs["script"] == ["/scripts/run.sh arg"]
    with pytest.raises(StartError, match="permission denied"):
        bench.run("plain", "busybox:1.36", command=["/scripts/plain"], mounts=mounts)


async def test_signals_can_be_sent_by_number_and_name(bench):
    container = sh(bench, "usr", "trap 'echo one' USR1; trap 'echo hup' HUP; while true; do sleep 0.1; done")
    await bench.clock.advance(0.5)
    container.signal(signals.SIGUSR1)
    await bench.clock.advance(0.5)
    await bench.sh(container, "kill", "-HUP", "1")
    await bench.clock.advance(0.5)
    assert bench.logs["usr"] == ["one", "hup"]
