"""Figures and players drawn from API objects and recorded changes.

    with lab.record() as recording: ...
    viz.pod_life(recording)

Law: knows no cluster. Everything is drawn from plain objects, as the API sends them, and from a recording
(`kubelab.record.Recording`, or anything of its shape); the same input gives the same picture, with a description for
those who cannot see it.
"""

from __future__ import annotations

from kubelab.viz.backoffs import backoff
from kubelab.viz.jobs import cron_jobs, job_pods
from kubelab.viz.multiples import strategies
from kubelab.viz.owners import ownership
from kubelab.viz.picture import Picture
from kubelab.viz.player import Player, pod_player, rollout_player
from kubelab.viz.replication import replicas
from kubelab.viz.rollouts import rollout
from kubelab.viz.served import requests_per_pod
from kubelab.viz.timeline import pod_life

__all__ = [
    "Picture",
    "Player",
    "backoff",
    "cron_jobs",
    "job_pods",
    "ownership",
    "pod_life",
    "pod_player",
    "replicas",
    "requests_per_pod",
    "rollout",
    "rollout_player",
    "strategies",
]
