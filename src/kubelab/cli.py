"""The `kubelab` command: clusters up and down, their clock, what is missing, how far you are.

Law: words and exit codes only; the work is done by `clusters`, `doctor`, `images` and `checks.progress`. Exit codes:
0 done, 1 not possible (a sentence says why), 2 the command line is wrong, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import click

from kubelab import clusters, durations, kubeconfig_entries, reporting
from kubelab.clusters import KINDS, Cluster, Options, Selection, Status
from kubelab.errors import KubelabError

_CLUSTER = click.option("--cluster", "kind", type=click.Choice(KINDS), help="Which kind of cluster.")
_NAME = click.option("--name", default="", help="The cluster's name (for `current`: a context).")


class _Sentences(click.Group):
    """Errors as sentences, without a traceback."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except KubelabError as error:
            click.echo(f"{error.what}\n{error.next_step}".strip(), err=True)
            context.exit(1)
        except BrokenPipeError:  # whoever reads has enough: click's to end
            raise
        except OSError as error:
            click.echo(f"That did not work: {error}.\n`kubelab doctor` looks for the cause.", err=True)
            context.exit(1)
        except KeyboardInterrupt:
            click.echo("\nInterrupted. Run the command again to go on.", err=True)
            context.exit(130)


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kubernetes-hands-on", prog_name="kubelab")
def main() -> None:
    """The lab toolkit of "Kubernetes, Hands On"."""
    for stream in (sys.stdout, sys.stderr):  # on Windows a pipe takes the letters of one code page only
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


@main.command()
@_CLUSTER
@_NAME
@click.option("--nodes", type=click.IntRange(1, 20), help="How many nodes.")
@click.option("--clock", type=click.Choice(["real", "stepped"]), default="real", help="How time moves (practice only).")
@click.option(
    "--speed", type=click.FloatRange(0.1, 1000), default=1.0, help="Cluster seconds per second (practice only)."
)
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    help="practice and kind: also enter the cluster in this file. current: read this file.",
)
@click.option(
    "--allow", default="", metavar="CONTEXT", help="Use this context although it looks shared (current only)."
)
def up(
    kind: str | None, name: str, nodes: int | None, clock: str, speed: float, kubeconfig: Path | None, allow: str
) -> None:
    """Start a cluster (the practice cluster unless told otherwise), or say that it is running."""
    kind = kind or "practice"
    entered = str(kubeconfig.absolute()) if kubeconfig else _chosen(kind, name or kind).kubeconfig
    selection = Selection(kind, name, entered, allow)
    cluster = clusters.make(selection)
    options = Options(nodes=nodes, clock="stepped" if clock == "stepped" else "real", speed=speed)
    with reporting.steps() as progress:
        status = cluster.up(options, progress)
    clusters.remember(Selection(selection.kind, cluster.name, selection.kubeconfig, allow))
    if entered and kind == "practice":
        kubeconfig_entries.enter(Path(cluster.access().kubeconfig), Path(entered))
    _tell_up(cluster, status)


@main.command()
@_CLUSTER
@_NAME
def down(kind: str | None, name: str) -> None:
    """Remove the cluster that `up` started, and nothing else."""
    selection = _chosen(kind, name)
    cluster = clusters.make(selection)
    if selection.kind == "practice" and selection.kubeconfig and cluster.status().state != "stopped":
        kubeconfig_entries.remove(Path(cluster.access().kubeconfig), Path(selection.kubeconfig))
    with reporting.steps() as progress:
        status = cluster.down(progress)
    if _is_selected(selection):
        clusters.forget()
    click.echo(status.detail)


@main.command()
@_CLUSTER
@_NAME
def status(kind: str | None, name: str) -> None:
    """Say how the cluster is; the exit code is 0 only if it is running."""
    cluster = clusters.make(_chosen(kind, name))
    found = cluster.status()
    click.echo(found.detail)
    if found.state != "running":
        raise SystemExit(1)
    if cluster.clock().jumps:
        click.echo(_about_clock(cluster))
    _tell_access(cluster)


@main.command("fast-forward")
@click.argument("duration")
@_CLUSTER
@_NAME
def fast_forward(duration: str, kind: str | None, name: str) -> None:
    """Move a practice cluster's time on by DURATION, such as 90s, 5m or 1h."""
    seconds = durations.parse(duration)
    cluster = clusters.make(_chosen(kind, name))
    found = cluster.status()
    if found.state != "running":
        raise KubelabError(found.detail)
    clock = cluster.clock()
    if not clock.jumps:
        raise KubelabError("Nobody can move this cluster's clock.", "Wait, or use the practice cluster: `kubelab up`.")
    with reporting.steps() as progress:
        progress(f"Moving time on by {durations.show(seconds)}")
        clock.advance(seconds)
    click.echo(f"It is now {durations.show(seconds)} later in the cluster.")


@main.command(hidden=True)
def prepare() -> None:
    """Bring up, and look over, the cluster that $CLUSTER or `up` chose: before a run of many notebooks."""
    from kubelab import connecting

    with reporting.steps() as progress:
        detail = connecting.prepare(progress)
    click.echo(detail)


@main.command()
def doctor() -> None:
    """Look for what the labs need: what is there, what is missing, and how to get it."""
    from kubelab import doctor as examination

    with reporting.steps() as progress:
        findings = examination.examine(progress)
    for finding in findings:
        click.echo(finding.line())
    if any(finding.blocks for finding in findings):
        raise SystemExit(1)


@main.command()
def images() -> None:
    """List the images that the labs use, and those that the practice cluster can run."""
    from kubelab import images as listing
    from kubelab.clusters import practice

    for image in listing.load():
        click.echo(f"{image.name:32} {'built from labs/images' if image.source else 'public'}")
    click.echo("\nThe practice cluster can run these; kind and other clusters run any image.")
    for name, tags, about in practice.images():
        click.echo(f"\n{name}: {about}\n    {tags}")


@main.command()
def progress() -> None:
    """Show which exercises you have solved."""
    from kubelab.checks import progress as record

    click.echo(record.summary())


def _chosen(kind: str | None, name: str) -> Selection:
    """What the command line names, else what `up` was last used for, else the practice cluster."""
    remembered = clusters.selected()
    if kind is None and not name:
        return remembered or Selection("practice")
    if remembered and remembered.kind == (kind or "practice") and (not name or remembered.name == name):
        return remembered
    return Selection(kind or "practice", name)


def _is_selected(selection: Selection) -> bool:
    remembered = clusters.selected()
    return remembered is not None and clusters.make(remembered).name == clusters.make(selection).name


def _tell_up(cluster: Cluster, status: Status) -> None:
    click.echo(("Already up. " if status.already else "") + status.detail)
    _tell_access(cluster)
    if cluster.kind != "current":
        click.echo("Remove it:       kubelab down")


def _tell_access(cluster: Cluster) -> None:
    if cluster.kind == "current":
        return
    kubeconfig = cluster.access().kubeconfig
    if os.name == "nt":
        click.echo(f'Use it anywhere: $env:KUBECONFIG = "{kubeconfig}"')
    else:
        click.echo(f"Use it anywhere: export KUBECONFIG={kubeconfig}")


def _about_clock(cluster: Cluster) -> str:
    clock = cluster.clock()
    if clock.stepped:
        return "Its clock is stepped: time stands still until a lab or `kubelab fast-forward` moves it."
    pace = "with the wall's" if clock.speed == 1 else f"{clock.speed:g} times as fast as the wall's"
    return f"Its clock runs {pace}; `kubelab fast-forward 5m` jumps."


if __name__ == "__main__":
    sys.exit(main())
