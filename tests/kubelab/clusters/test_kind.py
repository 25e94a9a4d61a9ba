"""kind, driven through its real command lines, with programs that fail at any chosen step."""

import json
import socket

import pytest

from kubelab.clusters import Options, commands, engine
from kubelab.clusters.kind import Kind
from kubelab.errors import CommandFailed, KubelabError, ToolMissing
from tests.kubelab.programs import ON_POSIX, Programs

pytestmark = pytest.mark.skipif(not ON_POSIX, reason="the fake programs are shell scripts")

REPOSITORY = {
    "labs/kind.yaml": "nodes: [{role: control-plane, image: i}, {role: worker, image: i}, {role: worker, image: i}]\n",
    "labs/images/images.yaml": "public: ['nginx:1.27']\nours: {backend-app: ['1.0.0']}\n",
    "book/index.md": "",
}


@pytest.fixture(autouse=True)
def repository(tmp_path, monkeypatch):
    for name, text in REPOSITORY.items():
        file = tmp_path / "repository" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setattr("kubelab.paths.repository", lambda: tmp_path / "repository")


@pytest.fixture
def server():
    """Something that accepts connections where the cluster should be."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def programs(tmp_path, monkeypatch, server):
    made = Programs(_directory(tmp_path), monkeypatch, ["docker", "kind"])
    made.serve(server)
    return made


def _directory(tmp_path):
    directory = tmp_path / "bin"
    directory.mkdir()
    return directory


def test_up_creates_it_and_loads_every_image(programs):
    programs.answer("image inspect", "no such image", code=1)
    status = Kind().up()
    assert (status.state, status.already) == ("running", False)
    assert programs.clusters == ["kubelab"]
    assert programs.ran("docker pull") == ["docker pull nginx:1.27"]
    assert programs.ran("docker build")[0].startswith("docker build --tag backend-app:1.0.0 --build-arg VERSION=1.0.0 ")
    assert programs.ran("kind load") == [
        "kind load docker-image backend-app:1.0.0 --name kubelab",
        "kind load docker-image nginx:1.27 --name kubelab",
    ]


def test_images_that_are_there_are_neither_pulled_nor_built(programs):
    Kind().up()
    assert programs.ran("docker pull") + programs.ran("docker build") == []


def test_a_second_up_finds_it(programs):
    Kind().up()
    assert Kind().up().already
    assert len(programs.ran("kind create")) == 1


def test_nodes_are_as_many_as_asked_for(programs):
    cluster = Kind()
    cluster.up(Options(nodes=2))
    assert (cluster.directory / "kind.yaml").read_text().count("role:") == 2


def test_down_deletes_what_up_made(programs):
    Kind().up()
    assert Kind().down().state == "stopped"
    assert programs.clusters == []
    assert not Kind().directory.exists()


def test_a_cluster_of_the_same_name_that_is_not_ours_is_left_alone(programs):
    programs.make_cluster("kubelab")
    with pytest.raises(KubelabError, match="did not make"):
        Kind().up()
    assert "nothing was deleted" in Kind().down().detail
    assert programs.ran("kind delete") == []


MISSING = [
    ([], "neither Docker nor Podman is installed"),
    (["docker"], "kind is not installed"),
]


@pytest.mark.parametrize(("names", "sentence"), MISSING)
def test_what_is_not_installed_is_named(tmp_path, monkeypatch, names, sentence):
    Programs(_directory(tmp_path), monkeypatch, names)
    with pytest.raises(ToolMissing, match=sentence) as caught:
        Kind().up()
    assert "kubelab up" in caught.value.next_step


ENGINE = [
    (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "not running",
    ),
    ("failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct", "not running"),
    ("error during connect: open //./pipe/docker_engine: The system cannot find the file specified.", "not running"),
    ("permission denied while trying to connect to the docker API", "no permission"),
    ("something else", "does not work: something else"),
]


@pytest.mark.parametrize(("said", "sentence"), ENGINE)
def test_an_engine_that_cannot_be_used_is_explained(programs, said, sentence):
    programs.answer("docker info", said, code=1)
    with pytest.raises(ToolMissing, match=sentence):
        Kind().up()
    assert programs.ran("kind create") == []


def test_too_little_memory_is_said_before_anything_is_made(programs):
    programs.answer("docker info", '{"MemTotal": 1073741824}')
    with pytest.raises(ToolMissing, match=r"1\.0 GiB of memory"):
        Kind().up()
    assert Kind().status().state == "stopped"


def test_room_is_asked_for_only_where_something_is_made(programs):
    Kind().up()
    programs.answer("docker info", '{"MemTotal": 1073741824}')
    assert Kind().up().already
    assert Kind().down().state == "stopped"


def test_too_little_disk_is_said_before_anything_is_made(programs, tmp_path, monkeypatch):
    programs.answer("docker info", json.dumps({"MemTotal": 8 * 2**30, "DockerRootDir": str(tmp_path)}))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 2**30}))
    with pytest.raises(ToolMissing, match=r"1\.0 GiB free"):
        Kind().up()


NODE_IMAGE = (
    'Creating cluster "x" ...\n • Ensuring node image (kindest/node:v1.37.0) 🖼️  ...\n'
    'ERROR: failed to create cluster: failed to pull image "kindest/node:v1.37.0": command "docker pull" failed with '
    "error: exit status 1\nCommand Output: Error response from daemon: no such host"
)
STEPS = [
    ("kind get clusters", 'ERROR: failed to list clusters: command "docker ps" failed', "failed to list clusters", ""),
    ("kind create", NODE_IMAGE, "could not create the cluster", "network connection"),
    ("kind create", "ERROR: Bind for 127.0.0.1:30080 failed: port is already allocated", "already allocated", "ports"),
    ("kind create", "ERROR: no space left on device", "no space left", "disk is full"),
    ("docker build", "ERROR: failed to solve", "Building backend-app:1.0.0 failed", "docker build"),
    (
        "docker pull",
        "Error: toomanyrequests: You have reached your pull rate limit",
        "Pulling nginx:1.27",
        "docker login",
    ),
    ("docker pull", "Error: dial tcp: lookup registry: no such host", "Pulling nginx:1.27", "network connection"),
    ("kind load", 'ERROR: image: "backend-app:1.0.0" not present locally', "could not be loaded", "usual causes"),
]


@pytest.mark.parametrize(("step", "said", "what", "next_step"), STEPS)
def test_each_step_that_fails_says_what_and_what_next(programs, step, said, what, next_step):
    programs.answer("image inspect", "no such image", code=1)
    programs.answer(step, said, code=1)
    with pytest.raises(CommandFailed, match=what) as caught:
        Kind().up()
    assert next_step in caught.value.next_step
    left = ["kubelab"] if step == "kind load" else []
    assert programs.clusters == left
    assert Kind().status().state == ("running" if left else "stopped")
    assert ("goes on from here" in caught.value.what) == bool(left)


def test_what_cannot_be_cleared_away_now_is_said_and_cleared_away_later(programs):
    programs.answer("kind create", "ERROR: no space left on device", code=1, effect="create")
    programs.answer("kind delete", "ERROR: Cannot connect to the Docker daemon", code=1)
    with pytest.raises(CommandFailed, match=r"no space left on device\. What it left could not be deleted yet"):
        Kind().up()
    assert Kind().status().state == "unfinished"
    programs.forget()
    assert Kind().down().state == "stopped"
    assert programs.clusters == []


HANGS = [
    ("docker info", "did not answer within a minute"),
    ("kind get clusters", "took too long"),
    ("docker build", "Building backend-app:1.0.0 failed: it took too long"),
    ("docker pull", "Pulling nginx:1.27 failed: it took too long"),
    ("kind load", "could not be loaded into the nodes: it took too long"),
]


@pytest.mark.parametrize(("step", "sentence"), HANGS)
def test_each_step_that_hangs_is_given_up_with_a_sentence(programs, monkeypatch, step, sentence):
    for limit in ("kind._ASK", "kind._LOAD", "engine._ASK", "engine._FETCH"):
        monkeypatch.setattr(f"kubelab.clusters.{limit}", 3.0)
    programs.answer("image inspect", "no such image", code=1)
    programs.answer(step, "", effect="hang")
    with pytest.raises(KubelabError, match=sentence):
        Kind().up()
    assert programs.clusters == (["kubelab"] if step == "kind load" else [])


def test_nodes_that_a_reboot_stopped_are_started_again(programs, monkeypatch):
    Kind().up()
    programs.answer("kind get nodes", "kubelab-control-plane\nkubelab-worker")
    found = iter([False, False, True])
    monkeypatch.setattr("kubelab.clusters.kind.answers", lambda _: next(found, True))
    assert Kind().up().already
    assert programs.ran("docker start") == ["docker start kubelab-control-plane kubelab-worker"]


def test_nodes_that_cannot_be_started_again_are_said(programs, monkeypatch):
    Kind().up()
    programs.answer("docker start", "Error response from daemon: No such container", code=1)
    monkeypatch.setattr("kubelab.clusters.kind.answers", lambda _: False)
    with pytest.raises(CommandFailed, match="could not be started: Error response from daemon"):
        Kind().up()


def test_a_cluster_that_cannot_be_deleted_stays_registered_for_the_next_try(programs):
    Kind().up()
    programs.answer("kind delete", "ERROR: Cannot connect to the Docker daemon", code=1)
    with pytest.raises(CommandFailed, match="could not be deleted"):
        Kind().down()
    programs.forget()
    assert Kind().down().detail == "The kind cluster 'kubelab' is gone."


def test_a_creation_that_takes_too_long_is_given_up_and_cleared_away(programs, monkeypatch):
    monkeypatch.setattr("kubelab.clusters.kind._CREATE", 0.5)
    programs.answer("kind create", "", effect="hang")
    with pytest.raises(CommandFailed, match="took too long"):
        Kind().up()
    assert programs.ran("kind delete") == [f"kind delete cluster --name kubelab --kubeconfig {Kind()._kubeconfig}"]


def test_an_interrupted_creation_is_cleared_away_at_once(programs, monkeypatch):
    run = commands.run

    def interrupted(argv, **options):
        done = run(argv, **options)
        if "create" in argv:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(commands, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Kind().up()
    assert programs.clusters == []
    assert Kind().status().state == "stopped"


def test_what_a_killed_creation_left_is_cleared_away_by_the_next_up(programs):
    cluster = Kind()
    cluster._mark("creating")
    programs.make_cluster("kubelab")
    assert cluster.status().state == "unfinished"
    assert cluster.up().state == "running"
    assert programs.lines.index(programs.ran("kind delete")[0]) < programs.lines.index(programs.ran("kind create")[0])


def test_images_that_failed_to_load_are_loaded_by_the_next_up(programs):
    programs.answer("kind load", "ERROR: broken pipe", code=1)
    with pytest.raises(CommandFailed):
        Kind().up()
    programs.forget()
    assert Kind().up().already


DIGEST = "ERROR: failed to load image: ctr: content digest sha256:0123: not found"


def test_an_image_for_several_platforms_is_loaded_for_this_one(programs):
    programs.answer("image inspect --format", "linux/arm64")
    programs.answer("kind load docker-image nginx", DIGEST, code=1)
    assert Kind().up().state == "running"
    (saved,) = programs.ran("docker save")
    assert saved.startswith("docker save --platform linux/arm64 --output ")
    assert saved.endswith(" nginx:1.27")
    assert len(programs.ran("kind load image-archive")) == 1


def test_a_kubeconfig_of_ones_own_is_remembered_for_the_deletion(programs, tmp_path):
    mine = tmp_path / "mine"
    Kind(kubeconfig=str(mine)).up()
    assert Kind().access().kubeconfig == str(mine)
    Kind().down()
    assert programs.ran("kind delete") == [f"kind delete cluster --name kubelab --kubeconfig {mine}"]


def test_podman_is_used_where_docker_does_not_run(tmp_path, monkeypatch, server):
    programs = Programs(_directory(tmp_path), monkeypatch, ["docker", "podman", "kind"])
    programs.serve(server)
    programs.answer("docker info", "Cannot connect to the Docker daemon", code=1)
    assert Kind().up().state == "running"
    assert programs.ran("podman save")


def test_an_engine_asked_for_by_name_is_the_only_one(tmp_path, monkeypatch):
    Programs(_directory(tmp_path), monkeypatch, ["docker", "kind"])
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "podman")
    with pytest.raises(ToolMissing, match="podman is not installed"):
        Kind().up()


def test_podman_is_used_where_there_is_no_docker(tmp_path, monkeypatch, server):
    programs = Programs(_directory(tmp_path), monkeypatch, ["podman", "kind"])
    programs.serve(server)
    programs.answer("image inspect", "no such image", code=1)
    Kind().up()
    assert programs.ran("podman build --tag docker.io/library/backend-app:1.0.0 ")
    assert programs.ran("podman pull") == ["podman pull docker.io/library/nginx:1.27"]
    assert [line.split()[-1] for line in programs.ran("podman save")] == [
        "docker.io/library/backend-app:1.0.0",
        "docker.io/library/nginx:1.27",
    ]
    assert len(programs.ran("kind load image-archive")) == 2


@pytest.mark.parametrize("options", [Options(clock="stepped"), Options(speed=10)])
def test_its_clock_cannot_be_chosen(programs, options):
    with pytest.raises(KubelabError, match="clock"):
        Kind().up(options)


@pytest.mark.parametrize(("program", "told"), [("docker", {}), ("podman", {"KIND_EXPERIMENTAL_PROVIDER": "podman"})])
def test_kind_is_told_which_engine_to_use_unless_it_is_the_one_it_takes_anyway(program, told):
    assert engine.Engine(program).environment == told
