"""kube-scheduler's role: gives each Pod a node, one Pod at a time.

Law: filter, score, bind; a Pod that fits nowhere gets a condition and an event that say why, and is tried again when
something changes. The scheduler counts a Pod on its node as soon as it has bound it, before its informer shows it.

Models k8s.io/kubernetes pkg/scheduler/scheduler.go and schedule_one.go.
"""

from tinykube.scheduler.scheduler import Scheduler

__all__ = ["Scheduler"]
