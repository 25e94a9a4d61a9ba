"""A kind cluster, made and removed by driving the real kind and docker (or podman) command lines.

Law: thin; it decides nothing that kind decides. It deletes only what it made: a private directory per cluster is
the mark, written before creation starts, so that an interrupted creation is recognised and cleared away.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import yaml

from kubelab import images, paths
from kubelab.clusters import commands, engine, kubeconfig
from kubelab.clusters.base import DEFAULTS, Access, Options, Progress, Status, WallClock, silent
from kubelab.clusters.reach import answers
from kubelab.errors import ClusterUnavailable, CommandFailed, KubelabError

_CREATE, _DELETE, _ASK, _LOAD, _RESTART = 900.0, 180.0, 60.0, 600.0, 90.0


class Kind:
    """The kind cluster named `name`."""

    kind = "kind"

    def __init__(self, name: str = "kubelab", *, kubeconfig: str = "", directory: Path | None = None) -> None:
        self.name = name
        self.directory = directory or paths.of_cluster("kind", name)
        self._kubeconfig = Path(kubeconfig or self._noted("kubeconfig") or self.directory / "kubeconfig")

    # -- what the Protocol asks for ------------------------------------------------------------------------------

    def up(self, options: Options = DEFAULTS, progress: Progress = silent) -> Status:
        """Build and pull the labs' images, create the cluster or find it, and load the images into its nodes."""
        if options.clock != "real" or options.speed != 1.0:
            raise KubelabError(
                "Nobody can move a kind cluster's clock.", "Leave --clock and --speed to the practice cluster."
            )
        container_engine = engine.find()
        paths.need_program("kind")
        exists = self._look(container_engine)
        self._fetch_images(container_engine, progress)  # first: what cannot be had leaves no cluster behind
        if exists:
            self._restart_nodes(container_engine, progress)
        else:
            self._create_anew(container_engine, options, progress)
        self._load_images(container_engine, progress)
        status = self.status()
        return Status(status.state, status.detail, status.server, exists)

    def down(self, progress: Progress = silent) -> Status:
        """Delete it if `up` made it; any other cluster is left alone."""
        if self._state() == "":
            return Status("stopped", f"kubelab has made no kind cluster named {self.name!r}; nothing was deleted.")
        progress(f"Deleting the kind cluster {self.name!r}")
        self._delete(engine.find())
        return Status("stopped", f"The kind cluster {self.name!r} is gone.")

    def status(self) -> Status:
        """Whether it is there and answers, as far as can be told without asking Docker."""
        state = self._state()
        if state == "":
            return Status("stopped", f"kubelab has made no kind cluster named {self.name!r}.")
        if state == "creating":
            return Status(
                "unfinished",
                f"Creating the kind cluster {self.name!r} was interrupted. `kubelab up --cluster kind` starts over.",
            )
        server = self._server()
        if answers(server):
            return Status("running", f"The kind cluster {self.name!r} is running at {server}.", server)
        return Status(
            "unreachable",
            f"The kind cluster {self.name!r} exists, but nothing answers at {server}. "
            "`kubelab up --cluster kind` starts its nodes again.",
            server,
        )

    def access(self) -> Access:
        """The kubeconfig that kind wrote."""
        return Access(str(self._kubeconfig), f"kind-{self.name}")

    def clock(self) -> WallClock:
        """Real time: nobody can move it."""
        return WallClock()

    # -- the mark ------------------------------------------------------------------------------------------------

    def _state(self) -> str:
        return self._noted("state")

    def _noted(self, what: str) -> str:
        try:
            return str(json.loads((self.directory / "state.json").read_text(encoding="utf-8"))[what])
        except (OSError, ValueError, KeyError):
            return ""

    def _mark(self, state: str) -> None:
        note = {"state": state, "kubeconfig": str(self._kubeconfig)}
        paths.write_atomically(self.directory / "state.json", json.dumps(note))

    def _server(self) -> str:
        try:
            return kubeconfig.load(str(self._kubeconfig)).server(f"kind-{self.name}")
        except ClusterUnavailable:
            return ""

    # -- steps ---------------------------------------------------------------------------------------------------

    def _look(self, container_engine: engine.Engine) -> bool:
        """Whether it is there, whole and ours.

        Raises:
            KubelabError: it is there and not ours; or there is no room for it.
        """
        exists, state = self.name in self._clusters(container_engine), self._state()
        if exists and state == "":
            raise KubelabError(
                f"There is a kind cluster named {self.name!r} that kubelab did not make, so it is left alone.",
                "Choose another name (`kubelab up --cluster kind --name labs`), or use it as it is: "
                f"`kubectl config use-context kind-{self.name}`, then `kubelab up --cluster current`.",
            )
        if exists and state == "made":
            return True
        engine.check_room(container_engine)
        return False

    def _create_anew(self, container_engine: engine.Engine, options: Options, progress: Progress) -> None:
        if self._state() == "creating":
            progress("Clearing away what an interrupted creation left")
            self._delete(container_engine)
        self._create(container_engine, options, progress)
        self._mark("made")

    def _clusters(self, container_engine: engine.Engine) -> list[str]:
        try:
            output = commands.run(["kind", "get", "clusters"], timeout=_ASK, environment=container_engine.environment)
        except commands.Failed as failure:
            raise _failed("`kind get clusters` failed", failure) from failure
        return [line.strip() for line in output.splitlines() if line.strip()]

    def _create(self, container_engine: engine.Engine, options: Options, progress: Progress) -> None:
        progress(f"Creating the kind cluster {self.name!r}; the first time, its node image has to be pulled")
        text, config = _config(options.nodes), self.directory / "kind.yaml"
        self._mark("creating")
        config.write_text(text, encoding="utf-8")
        argv = ["kind", "create", "cluster", "--name", self.name, "--config", str(config)]
        argv += ["--kubeconfig", str(self._kubeconfig), "--wait", "180s"]
        try:
            commands.run(argv, timeout=_CREATE, progress=progress, environment=container_engine.environment)
        except BaseException as error:  # an interruption too: nothing half-made stays registered
            left = self._cleared(container_engine)
            if isinstance(error, commands.Failed):
                raise _failed(f"kind could not create the cluster {self.name!r}", error, left) from error
            raise

    def _cleared(self, container_engine: engine.Engine) -> str:
        """Delete what a failed creation left; "" or, if even that fails, what becomes of it."""
        try:
            self._delete(container_engine)
        except KubelabError:
            return " What it left could not be deleted yet: `kubelab down --cluster kind` or the next `up` does that."
        return ""

    def _restart_nodes(self, container_engine: engine.Engine, progress: Progress) -> None:
        """After a reboot the nodes' containers are there, but stopped."""
        if answers(self._server()):
            return
        progress("Starting the cluster's nodes again")
        environment = container_engine.environment
        try:
            output = commands.run(["kind", "get", "nodes", "--name", self.name], timeout=_ASK, environment=environment)
            commands.run([container_engine.program, "start", *output.split()], timeout=_RESTART)
        except commands.Failed as failure:
            raise _failed(f"The nodes of {self.name!r} could not be started", failure) from failure
        end = time.monotonic() + _RESTART
        while not answers(self._server()):
            if time.monotonic() > end:
                raise ClusterUnavailable(
                    f"The kind cluster {self.name!r} does not answer, though its nodes run.",
                    "`kubelab down`, then `kubelab up --cluster kind`, makes it anew.",
                )
            time.sleep(0.5)

    def _fetch_images(self, container_engine: engine.Engine, progress: Progress) -> None:
        for image in images.load():
            if container_engine.has_image(image.name):
                continue
            if image.source is not None:
                container_engine.build(image.name, image.source, image.tag, progress)
            else:
                container_engine.pull(image.name, progress)

    def _load_images(self, container_engine: engine.Engine, progress: Progress) -> None:
        for image in images.load():
            progress(f"Loading {image.name} into the nodes")
            try:
                self._load(container_engine, image.name)
            except commands.Failed as failure:
                there = " The cluster is there; `kubelab up --cluster kind` goes on from here."
                raise _failed(f"{image.name} could not be loaded into the nodes", failure, there) from failure

    def _load(self, container_engine: engine.Engine, image: str) -> None:
        if container_engine.program != "docker":
            self._load_archive(container_engine, image)
            return
        argv, environment = ["kind", "load", "docker-image", image, "--name", self.name], container_engine.environment
        try:
            commands.run(argv, timeout=_LOAD, environment=environment)
        except commands.Failed as failure:
            if "content digest" not in failure.output:
                raise
            # Docker keeps images for several platforms in containerd, and has fetched the parts of one: kind's #3795
            self._load_archive(container_engine, image, "--platform", container_engine.platform(image))

    def _load_archive(self, container_engine: engine.Engine, image: str, *which: str) -> None:
        """The way for engines whose images kind does not find by itself."""
        archive = self.directory / "image.tar"
        try:
            save = [container_engine.program, "save", *which, "--output", str(archive), container_engine.full(image)]
            commands.run(save, timeout=_LOAD)
            argv = ["kind", "load", "image-archive", str(archive), "--name", self.name]
            commands.run(argv, timeout=_LOAD, environment=container_engine.environment)
        finally:
            archive.unlink(missing_ok=True)

    def _delete(self, container_engine: engine.Engine) -> None:
        argv = ["kind", "delete", "cluster", "--name", self.name, "--kubeconfig", str(self._kubeconfig)]
        try:
            commands.run(argv, timeout=_DELETE, environment=container_engine.environment)
        except commands.Failed as failure:
            raise _failed(f"The kind cluster {self.name!r} could not be deleted", failure) from failure
        shutil.rmtree(self.directory, ignore_errors=True)


def _config(nodes: int | None) -> str:
    """labs/kind.yaml, with as many workers as asked for."""
    root = paths.repository()
    if root is None or not (root / "labs" / "kind.yaml").exists():
        raise KubelabError("labs/kind.yaml was not found.", "Run this inside the book's repository.")
    text = (root / "labs" / "kind.yaml").read_text(encoding="utf-8")
    if nodes is None:
        return text
    document = yaml.safe_load(text)
    control_planes = [node for node in document["nodes"] if node["role"] == "control-plane"]
    worker = next(node for node in document["nodes"] if node["role"] == "worker")
    document["nodes"] = [*control_planes, *(dict(worker) for _ in range(nodes - 1))]
    return yaml.safe_dump(document, sort_keys=False)


def _failed(what: str, failure: commands.Failed, left: str = "") -> CommandFailed:
    said = failure.output
    if failure.code is None:
        step = "Try again; if it persists, restart the container engine."
        return CommandFailed(f"{what}: it took too long.{left}", step, said)
    if "failed to pull image" in said:
        step = "Check the network connection and any proxy, then try again."
    elif "port is already allocated" in said or "address already in use" in said:
        step = "Another program uses one of the ports in labs/kind.yaml; stop it, or change the port there."
    elif "no space left" in said:
        step = "The disk is full; free some (`docker system prune`) and try again."
    elif "cgroup" in said:
        step = "This machine's cgroup set-up does not suit kind: https://kind.sigs.k8s.io/docs/user/known-issues/."
    else:
        step = "https://kind.sigs.k8s.io/docs/user/known-issues/ lists the usual causes."
    return CommandFailed(f"{what}: {failure.last_line}{left and '.' + left}", step, said)
