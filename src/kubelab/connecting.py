"""Which cluster a lab runs on.

Law: $CLUSTER (or $KUBELAB_CLUSTER) decides; else the cluster that `kubelab up` started; else a stepped practice cluster
of this process's own, which ends with it.
"""

from __future__ import annotations

import atexit
import os
import shutil
from dataclasses import replace
from pathlib import Path

from kubelab import clusters, paths
from kubelab.clusters import Cluster, Options, Progress, Selection
from kubelab.errors import ClusterUnavailable, KubelabError

_own: list[tuple[Cluster, Path]] = []


def choose() -> Cluster:
    """A running cluster.

    Raises:
        ClusterUnavailable: the chosen one does not run; says how to start it.
    """
    selection = _selection()
    return own() if selection is None else _running(selection)


def prepare(progress: Progress) -> str:
    """See to it that the cluster that labs would use is up and lets them do their work; a sentence on it.

    Raises:
        KubelabError: it is not, or does not.
    """
    selection = _selection() or Selection("practice")
    return clusters.make(selection).up(Options(), progress).detail


def _selection() -> Selection | None:
    """What $CLUSTER or `kubelab up` chose; None for a practice cluster of this process's own."""
    wanted = os.environ.get("KUBELAB_CLUSTER") or os.environ.get("CLUSTER") or ""
    remembered = clusters.selected()
    if wanted == "practice" or (not wanted and remembered is None):
        return None
    if wanted and wanted not in clusters.KINDS:
        raise KubelabError(
            f"CLUSTER={wanted} names no kind of cluster.", f"Choose one of: {', '.join(clusters.KINDS)}."
        )
    return remembered if remembered and wanted in ("", remembered.kind) else Selection(wanted)


def _running(selection: Selection) -> Cluster:
    # A practice cluster's own kubeconfig is in its directory; the one entered elsewhere is for terminals.
    cluster = clusters.make(replace(selection, kubeconfig="") if selection.kind == "practice" else selection)
    status = cluster.status()
    if status.state == "stopped" and selection.kind == "practice":
        clusters.forget()
        return own()
    if status.state != "running":
        raise ClusterUnavailable(status.detail, f"`kubelab up --cluster {selection.kind}`, then run the cell again.")
    return cluster


def own() -> Cluster:
    """The stepped practice cluster of this process, started on first use."""
    if _own and _own[0][0].status().state == "running":
        return _own[0][0]
    from kubelab.clusters.practice import Practice

    release()
    directory = paths.scratch()
    cluster = Practice(directory=directory / "cluster", lasting=False)
    _own.append((cluster, directory))
    cluster.up(Options(clock="stepped", seed=1))
    return cluster


def release() -> None:
    """End the process's own cluster, if there is one."""
    while _own:
        cluster, directory = _own.pop()
        cluster.down()
        shutil.rmtree(directory, ignore_errors=True)


atexit.register(release)
