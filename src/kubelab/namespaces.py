"""A lab's namespace: made, emptied and removed, and never one that somebody else made.

Law: the label `app.kubernetes.io/managed-by: kubelab` marks what is ours; nothing without it is ever deleted.
"""

from __future__ import annotations

import re

from kubelab.connection import Connection, Obj
from kubelab.errors import KubelabError, Refused, TimedOut
from kubelab.labclock import LabClock

LABEL, OWNER = "app.kubernetes.io/managed-by", "kubelab"
_GONE, _READY = 180.0, 60.0
_ECHO = 2.0
"""Cluster seconds in which a node may still report, into a namespace of that name, the end of Pods already gone."""


def name_for(lab: str) -> str:
    """The namespace of a lab: the same on every run, and a DNS label."""
    return ("lab-" + re.sub(r"[^a-z0-9]+", "-", lab.lower()).strip("-"))[:63].rstrip("-")


def prepare(connection: Connection, clock: LabClock, name: str) -> None:
    """Make the namespace, empty; one that a lab left behind is removed first.

    Raises:
        KubelabError: a namespace of that name is there and no lab made it.
    """
    existing = _find(connection, name)
    if existing is not None:
        if (existing["metadata"].get("labels") or {}).get(LABEL) != OWNER:
            raise KubelabError(
                f"The namespace {name!r} exists and no lab made it, so it is left alone.",
                f"Delete it if it is yours to delete (`kubectl delete namespace {name}`), then start the lab again.",
            )
        remove(connection, name)
        _wait_until_gone(connection, clock, name)
        clock.wait(_ECHO)
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {LABEL: OWNER}}}
    connection.json("POST", "/api/v1/namespaces", body=body)
    _wait_until_usable(connection, clock, name)


def remove(connection: Connection, name: str) -> None:
    """Start deleting the namespace and everything in it; Pods do not get their grace period."""
    existing = _find(connection, name)
    if existing is None or (existing["metadata"].get("labels") or {}).get(LABEL) != OWNER:
        return
    try:
        connection.json("DELETE", f"/api/v1/namespaces/{name}")
        connection.json("DELETE", f"/api/v1/namespaces/{name}/pods", body={"gracePeriodSeconds": 0})
    except Refused as refusal:
        if refusal.code not in (404, 409):  # somebody was faster: it is gone already, or being deleted
            raise


def _find(connection: Connection, name: str) -> Obj | None:
    try:
        return connection.get(f"/api/v1/namespaces/{name}")
    except Refused as refusal:
        if refusal.code == 404:
            return None
        raise


def _wait_until_gone(connection: Connection, clock: LabClock, name: str) -> None:
    if clock.until(lambda _: True if _find(connection, name) is None else None, _GONE) is None:
        raise TimedOut(
            f"The namespace {name!r} of an earlier run is still being deleted.",
            f"`kubectl get namespace {name} -o yaml` says what holds it up.",
        )


def _wait_until_usable(connection: Connection, clock: LabClock, name: str) -> None:
    """Pods are refused until the namespace has its default service account."""

    def usable(_: int | None) -> bool | None:
        try:
            connection.get(f"/api/v1/namespaces/{name}/serviceaccounts/default")
        except Refused as refusal:
            if refusal.code == 404:
                return None
            raise
        return True

    if clock.until(usable, _READY) is None:
        raise TimedOut(
            f"The new namespace {name!r} got no service account.", "The cluster's controllers may not be running."
        )
