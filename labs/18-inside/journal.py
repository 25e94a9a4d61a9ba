"""Who wrote what, and when: a journal kept at the API server's door, as a table and as a figure.

Law: pure reading. Each write is one line: its revision, its author, and the fields that differ afterwards. Events and
leases are left out: they tell about the cluster and change nothing in it.
"""

from dataclasses import dataclass

NOTED = {
    "deployments.apps": "deployment", "replicasets.apps": "replicaset", "pods": "pod", "nodes": "node",
    "configmaps": "configmap", "services": "service", "endpointslices.discovery.k8s.io": "endpointslice",
}  # fmt: skip
VERBS = ("create", "update", "patch", "delete")
FIRST = ("nodeName", "phase", "replicas", "readyReplicas", "deletionTimestamp")
BOOKKEEPING = ("managedFields", "resourceVersion", "generation")


@dataclass(frozen=True)
class Entry:
    """One write. `part` is what was written: "created", "spec" (with metadata), "status" or "deleted"."""

    revision: int
    t: float
    who: str
    object: str
    part: str
    fields: str

    def line(self, width):
        """The entry as text, its object in so many columns."""
        return f"{self.revision:>3}  {self.t:>6.2f} s  {self.who:<21}  {self.object:<{width}}  {self.fields}"


class Journal:
    """Listens to every write of an API server."""

    def __init__(self, api):
        self.entries, self._told, self._api, self._start = [], 0, api, api.clock.now()
        self._watches = [api.store.watch(resource, view=lambda change: ("", change)) for resource in NOTED]
        for verb in VERBS:
            setattr(api, verb, self._noting(getattr(api, verb)))

    def _noting(self, write):
        def noted(*args, **how):
            try:
                return write(*args, **how)
            finally:
                self._note((how.get("options") or how["user"]).user)

        return noted

    def _note(self, who):
        changes = [change for watch in self._watches for _, change in watch.poll()]
        for change in sorted(changes):
            self.entries.append(entry(change, self._api.clock.now() - self._start, who))

    @property
    def unread(self):
        """Whether somebody has written since `news` was last asked."""
        return len(self.entries) > self._told

    def news(self):
        """The writes since this was last asked."""
        new, self._told = self.entries[self._told :], len(self.entries)
        return Lines(new)


class Lines(list):
    """Entries that print one a line, or say that there are none."""

    def __repr__(self):
        width = max((len(one.object) for one in self), default=0)
        return "\n".join(one.line(max(width, 14)) for one in self) or "(nobody has written anything)"


def entry(change, t, who):
    """A change of the store, as a line of the journal."""
    name = f"{NOTED[change.key.resource]}/{change.key.name}"
    if change.type != "MODIFIED":
        part = "deleted" if change.type == "DELETED" else "created"
        return Entry(change.revision, t, who, name, part, part)
    differs = differences(change.previous, change.object)
    part = "spec" if "spec" in differs or "status" not in differs else "status"
    return Entry(change.revision, t, who, name, part, words(differs))


def differences(before, after):
    """What differs, two levels deep: such as {"spec": ["nodeName"], "status": ["conditions"]}."""
    found = {}
    for top in ("metadata", "spec", "data", "status"):
        old, new = before.get(top) or {}, after.get(top) or {}
        names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name) and name not in BOOKKEEPING]
        if names:
            found[top] = names
    return found


def words(differs):
    """The fields that differ, at most two of each part: "spec: nodeName; status: phase, conditions"."""
    return "; ".join(f"{part}: {', '.join(_shortened(names))}" for part, names in differs.items())


def _shortened(names):
    telling = [name for name in FIRST if name in names] + [name for name in names if name not in FIRST]
    return telling if len(telling) <= 2 else [*telling[:2], "…"]
