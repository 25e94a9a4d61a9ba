"""Whatever the kubeconfig's current context names: a cluster that somebody else made.

Law: creates nothing but what labs put into their own namespaces, and removes nothing else. A context that looks shared
or like production is refused until its name is given on purpose; one on another machine of a private network is pointed
out. Questions are asked with the real kubectl, so that every way of logging in works.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

from kubelab.clusters import commands, kubeconfig
from kubelab.clusters.base import DEFAULTS, Access, Options, Progress, Status, WallClock, silent
from kubelab.clusters.reach import answers, is_attached, is_internal
from kubelab.errors import ClusterUnavailable, CommandFailed, KubelabError

ALLOW_VARIABLE = "KUBELAB_ALLOW_CONTEXT"
OLDEST = (1, 29)
"""Native sidecars, which the labs use, are on by default from here on."""

MANAGED = "app.kubernetes.io/managed-by=kubelab"

_PRODUCTION = re.compile(r"(^|[^a-z])(prod|production|prd|live|staging|stage|shared)([^a-z]|$)", re.IGNORECASE)
_LOCAL = re.compile(r"(kind-|k3d-|minikube|docker-desktop|rancher-desktop|orbstack|colima|microk8s|crc-)")
"""Contexts that programs for a cluster of one's own write."""
_NEEDED = [
    ("create", "namespaces"),
    ("delete", "namespaces"),
    ("create", "pods"),
    ("create", "deployments.apps"),
    ("create", "jobs.batch"),
    ("create", "services"),
    ("create", "secrets"),
    ("create", "pods/exec"),
    ("get", "pods/log"),
    ("get", "services/proxy"),
    ("create", "pods/proxy"),
    ("list", "nodes"),
]
_OF_THE_CLUSTER = ("namespaces", "nodes")
"""Resources that are in no namespace."""


class Current:
    """The cluster of one context; `context` "" is the current one, `allow` the name of a context to use regardless."""

    kind = "current"

    def __init__(self, paths_: str = "", *, context: str = "", allow: str = "") -> None:
        self._paths = paths_ or kubeconfig.default_paths()
        self._context = context
        self._allow = allow or os.environ.get(ALLOW_VARIABLE, "")

    @property
    def name(self) -> str:
        """The context's name."""
        return self._context or kubeconfig.load(self._paths).current

    # -- what the Protocol asks for ------------------------------------------------------------------------------

    def up(self, options: Options = DEFAULTS, progress: Progress = silent) -> Status:
        """Nothing is started: look whether it may be used, answers, fits this kubectl and allows what labs do."""
        if options != DEFAULTS:
            raise KubelabError(
                "Nodes, clock and speed of an existing cluster are not ours to choose.",
                "Leave those options away, or use the practice cluster.",
            )
        access = self.access()
        progress(f"Asking {self.name!r} for its version")
        server = self._check_version(access, progress)
        progress(f"Asking {self.name!r} what you may do there")
        self._check_permissions(access)
        config = kubeconfig.load(self._paths)
        detail = f"Labs will use the context {self.name!r} ({config.server(self.name)}, Kubernetes {server})."
        return Status("running", detail, config.server(self.name))

    def down(self, progress: Progress = silent) -> Status:
        """Delete the namespaces that labs made; the cluster stays."""
        progress("Deleting the labs' namespaces")
        try:
            self._kubectl(self.access(), "delete", "namespace", "-l", MANAGED, "--wait=false")
        except commands.Failed as failure:
            raise _failed(f"The labs' namespaces in {self.name!r} could not be deleted", failure) from failure
        return Status(
            "stopped", f"The labs' namespaces in {self.name!r} are being deleted; the cluster stays as it is."
        )

    def status(self) -> Status:
        """Whether the context exists and its server accepts connections."""
        config = kubeconfig.load(self._paths)
        server = config.server(self.name)
        if not server:
            return Status("unreachable", f"The kubeconfig has no context named {self.name!r}.")
        if answers(server):
            return Status("running", f"The context {self.name!r} names the cluster at {server}.", server)
        return Status("unreachable", f"Nothing answers at {server}, which the context {self.name!r} names.", server)

    def access(self) -> Access:
        """The kubeconfig and the context, once it is clear that labs may use it.

        Raises:
            ClusterUnavailable: there is no such context.
            KubelabError: it looks shared, and nobody allowed it by name.
        """
        config = kubeconfig.load(self._paths)
        if self.name not in config.contexts:
            known = ", ".join(sorted(config.contexts)) or "none"
            raise ClusterUnavailable(
                f"The kubeconfig has no context named {self.name!r} (it has: {known})."
                if self.name
                else f"The kubeconfig names no current context (it has: {known}).",
                "Choose one with `kubectl config use-context NAME`.",
            )
        reason = looks_shared(config, self.name)
        if reason and self._allow != self.name:
            raise KubelabError(
                f"The context {self.name!r} looks like a cluster that others use: {reason}.",
                f"If labs may make namespaces there, say so: `kubelab up --cluster current --allow {self.name}`, "
                f"or set {ALLOW_VARIABLE}={self.name}.",
            )
        if not self._allow and is_elsewhere(config, self.name):
            _point_out(self.name, config.server(self.name))
        return Access(self._paths, self.name)

    def clock(self) -> WallClock:
        """Real time: nobody can move it."""
        return WallClock()

    # -- preflight -----------------------------------------------------------------------------------------------

    def _kubectl(self, access: Access, *arguments: str) -> str:
        argv = ["kubectl", "--context", access.context, "--request-timeout", "15s", *arguments]
        return commands.run(argv, timeout=60, environment={"KUBECONFIG": access.kubeconfig})

    def _check_version(self, access: Access, progress: Progress) -> str:
        try:
            versions = _json(self._kubectl(access, "version", "--output", "json"))
        except commands.Failed as failure:
            raise _failed(f"The cluster of the context {self.name!r} does not answer", failure) from failure
        client, server = _minor(versions.get("clientVersion")), _minor(versions.get("serverVersion"))
        shown = (versions.get("serverVersion") or {}).get("gitVersion", "of unknown version")
        if server and server < OLDEST:
            raise ClusterUnavailable(
                f"The cluster runs Kubernetes {shown}; the labs need {OLDEST[0]}.{OLDEST[1]} or newer.",
                "Use a newer cluster, or the practice cluster: `kubelab up`.",
            )
        if server and client and abs(server[1] - client[1]) > 1:
            progress(
                f"kubectl {client[0]}.{client[1]} and Kubernetes {server[0]}.{server[1]} are more than one minor "
                "version apart, which is not supported upstream; most labs will work all the same"
            )
        return str(shown)

    def _check_permissions(self, access: Access) -> None:
        missing = [f"{verb} {resource}" for verb, resource in _NEEDED if not self._may(access, verb, resource)]
        if missing:
            raise ClusterUnavailable(
                f"You may not do all that the labs do with the context {self.name!r}; refused: {', '.join(missing)}.",
                "Ask whoever runs the cluster for these rights, or use the practice cluster: `kubelab up`.",
            )

    def _may(self, access: Access, verb: str, resource: str) -> bool:
        arguments = ["auth", "can-i", verb, resource]
        arguments += [] if resource in _OF_THE_CLUSTER else ["--namespace", "lab-preflight"]
        try:
            answer = self._kubectl(access, *arguments)
        except commands.Failed as failure:
            if failure.code == 1 and failure.output.strip().splitlines()[-1:] and failure.last_line.startswith("no"):
                return False
            raise _failed("Asking for permissions failed", failure) from failure
        return answer.strip().splitlines()[-1] == "yes"


def looks_shared(config: kubeconfig.Kubeconfig, context: str) -> str:
    """Why the context looks like other people's, as half a sentence; "" if it does not."""
    names = [context, str(config.contexts.get(context, {}).get("cluster", "")), config.server(context)]
    for name in names:
        if found := _PRODUCTION.search(name):
            return f"{name!r} contains {found.group(2)!r}"
    if is_elsewhere(config, context) and not is_internal(config.server(context)):
        return f"its server, {config.server(context)}, is not on this machine"
    return ""


def is_elsewhere(config: kubeconfig.Kubeconfig, context: str) -> bool:
    """Whether the cluster is on another machine, as far as can be told."""
    return not (config.is_local(context) or _LOCAL.match(context) or is_attached(config.server(context)))


_pointed_out: set[str] = set()


def _point_out(context: str, server: str) -> None:
    """Once a process: it may be somebody else's machine."""
    if context not in _pointed_out:
        _pointed_out.add(context)
        told = "Labs make and remove namespaces named lab-… there, and touch nothing else."
        print(f"The context {context!r} names a cluster on another machine, {server}. {told}", file=sys.stderr)


def _json(output: str) -> dict[str, Any]:
    start = output.find("{")
    try:
        return dict(json.JSONDecoder().raw_decode(output[start:])[0]) if start >= 0 else {}
    except ValueError:
        return {}


def _minor(version: dict[str, Any] | None) -> tuple[int, int] | None:
    digits = [re.match(r"\d+", str((version or {}).get(key, ""))) for key in ("major", "minor")]
    return (int(digits[0].group()), int(digits[1].group())) if digits[0] and digits[1] else None


def _failed(what: str, failure: commands.Failed) -> CommandFailed:
    if failure.code is None:
        return CommandFailed(
            f"{what}: no answer within a minute.", "Check the network, a VPN, or the context's server.", failure.output
        )
    said = failure.output.lower()
    if "unauthorized" in said or "must be logged in" in said or "provide credentials" in said:
        step = "The credentials have expired or are wrong: log in to the cluster again."
    elif "refused" in said or "no such host" in said or "timeout" in said or "unable to connect" in said:
        step = "Check that the cluster runs and that this machine can reach it."
    else:
        step = "The same kubectl command in a terminal shows more."
    return CommandFailed(f"{what}: {failure.last_line}", step, failure.output)
