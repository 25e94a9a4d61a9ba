"""How long to wait before trying again what failed: doubling, per key, forgotten after a long success.

Law: pure arithmetic on the times that it is given.

Models k8s.io/client-go/util/flowcontrol/backoff.go, as the kubelet uses it for crash loops and image pulls.
"""

from __future__ import annotations

INITIAL, LONGEST = 10.0, 300.0
"""Seconds of the first back-off, and of the longest."""


class Backoff:
    """Back-off by key, in seconds."""

    def __init__(self, initial: float = INITIAL, longest: float = LONGEST) -> None:
        self._initial, self._longest = initial, longest
        self._entries: dict[str, tuple[float, float]] = {}  # key -> (seconds, when it was last raised)

    def get(self, key: str) -> float:
        """The key's present back-off; 0 for a key that has not failed lately."""
        return self._entries.get(key, (0.0, 0.0))[0]

    def raise_for(self, key: str, event: float, now: float) -> None:
        """The key is tried again after a failure at `event`: double its back-off, or start anew (Next)."""
        seconds, last = self._entries.get(key, (0.0, 0.0))
        expired = event - last > self._longest * 2
        longer = self._initial if not seconds or expired else min(seconds * 2, self._longest)
        self._entries[key] = (longer, now)

    def until(self, key: str, event: float, now: float) -> float | None:
        """When the key may be tried again after a failure at `event`, or None: now (IsInBackOffSince)."""
        seconds, last = self._entries.get(key, (0.0, 0.0))
        if not seconds or event - last > self._longest * 2 or now - event >= seconds:
            return None
        return event + seconds

    def raised(self, key: str) -> float:
        """When the key's back-off was last raised; 0 for never."""
        return self._entries.get(key, (0.0, 0.0))[1]

    def forget(self, prefix: str) -> None:
        """Drop every key that starts with `prefix`."""
        for key in [k for k in self._entries if k.startswith(prefix)]:
            del self._entries[key]
