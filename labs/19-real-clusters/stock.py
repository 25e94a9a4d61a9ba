"""What a cluster is made of and what it acts upon: asked, and drawn."""

from kubelab.viz import Picture
from kubelab.viz.picture import blank

PARTS = {"m": 1000, "u": 1_000_000, "n": 1_000_000_000}


def asked(lab, pod, address):
    """Whether that Pod gets an answer from the address, within two seconds."""
    return not lab.exec(pod, f"wget -q -T 2 -O /dev/null {address}").exit_code


def cpus(text):
    """A quantity of CPU, such as 4 or 500m, as a number."""
    text = str(text)
    return int(text[:-1]) / PARTS[text[-1]] if text[-1] in PARTS else float(text)


def nodes(lab):
    """How many CPUs each node has for Pods."""
    return {node.name: cpus(node["status"]["allocatable"]["cpu"]) for node in lab.list("nodes")}


def wishes(lab, before, after, said):
    """What was asked of the cluster, who would have to act, and whether anybody did.

    before, after: whether web answered without and with the NetworkPolicy; said: about a Pod that breaks `restricted`.
    """
    web, told = lab.get("deployment/web"), lab.get("hpa/web").get("status", {}).get("currentMetrics")
    return [
        ("Deployment web", "the cluster itself", bool(web["status"].get("readyReplicas"))),
        ("Service web", "every node", before),
        ("Service door, LoadBalancer", "a controller of load balancers", has_address(lab.get("service/door"))),
        ("Ingress front", "an Ingress controller", has_address(lab.get("ingress/front"))),
        ("HorizontalPodAutoscaler web", "a metrics server", any("resource" in one for one in told or [])),
        ("NetworkPolicy nobody-in", "a network plug-in", before and not after),
        ("label: enforce restricted", "the API server", "violates PodSecurity" in said),
    ]


def has_address(found):
    """Whether somebody has given it an address outside."""
    return bool(found["status"].get("loadBalancer", {}).get("ingress"))


def drawn_wishes(rows, title):
    """A row for each wish: whether it was accepted, and whether it was acted upon."""
    words = " ".join(
        f"{what}: accepted, {'and acted upon' if done else 'and nothing happened'} (who acts: {who})."
        for what, who, done in rows
    )
    return Picture(lambda palette: _wishes(rows, title, palette), title, words)


def _wishes(rows, title, palette):
    figure = blank(7.0, 0.9 + 0.34 * len(rows), palette)
    axes = figure.subplots()
    for place, (_, who, done) in enumerate(rows):
        axes.scatter([0, 1], [place, place], 70, [palette.ready, palette.ready if done else "none"],
                     edgecolors=[palette.ready, palette.ready if done else palette.failed], linewidths=1.6)  # fmt: skip
        axes.text(1.75, place, who, va="center", color=palette.muted)
    axes.set_yticks(range(len(rows)), [what for what, *_ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(-0.5, 3.9)
    axes.set_xticks([0, 1, 1.75], ["accepted", "acted upon", "who acts"])
    axes.xaxis.tick_top()
    axes.get_xticklabels()[2].set_horizontalalignment("left")
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def drawn_sizes(sizes, wanted, title):
    """A bar for each node's CPUs, and one for each wish: {name: CPUs}."""
    words = " ".join(f"{name}: {amount:g} CPUs." for name, amount in {**sizes, **wanted}.items())
    return Picture(lambda palette: _sizes(sizes, wanted, title, palette), title, words)


def _sizes(sizes, wanted, title, palette):
    rows = [(name, amount, palette.revision(0)) for name, amount in sizes.items()]
    rows += [(name, amount, palette.failed if amount > max(sizes.values()) else palette.ready)
             for name, amount in wanted.items()]  # fmt: skip
    figure = blank(7.0, 1.0 + 0.34 * len(rows), palette)
    axes = figure.subplots()
    axes.barh(range(len(rows)), [amount for _, amount, _ in rows], 0.55, color=[color for *_, color in rows])
    for place, (_, amount, _) in enumerate(rows):
        axes.annotate(f"{amount:g}", (amount, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1.08 * max(amount for _, amount, _ in rows))
    axes.set_xlabel("CPUs")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def changed(lab, path):
    """What `kubectl diff` says would change, line by line, without what surrounds it."""
    said = lab.kubectl(f"diff -f {path}")
    if said.code > 1:
        return said
    lines = [line for line in said.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]
    return "\n".join(line for line in lines if "generation:" not in line)
