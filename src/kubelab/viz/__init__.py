"""Figures and players drawn from API objects and recorded changes.

    with lab.record() as recording: ...
    viz.pod_timeline(recording)

Law: knows no cluster. Everything is drawn from plain objects, as the API sends them, and from a recording
(`kubelab.record.Recording`, or anything of its shape); the same input gives the same picture, with a description for
those who cannot see it.
"""

from __future__ import annotations

from kubelab.viz.backoff import backoff
from kubelab.viz.multiples import strategies
from kubelab.viz.ownership import ownership
from kubelab.viz.picture import Picture
from kubelab.viz.replicas import replicas
from kubelab.viz.rollout import rollout
from kubelab.viz.served import requests_per_pod
from kubelab.viz.timeline import pod_timeline

__all__ = [
    "Picture",
    "backoff",
    "ownership",
    "pod_timeline",
    "replicas",
    "requests_per_pod",
    "rollout",
    "strategies",
]
