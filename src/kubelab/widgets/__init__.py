"""Widgets: a cluster to look at and to change while a notebook runs, and an editor for manifests.

    widgets.cluster(lab)
    widgets.editor(lab, "manifests/web.yaml")

Law: may import the lab and the figures, and is imported by neither. A widget needs a kernel to live. It ends with its
lab; what stays in the notebook, in the saved file as in the book, is the figure that it showed when its cell ran, with
a description for those who cannot see it. Whatever goes wrong in a callback is a sentence inside the widget.
"""

from __future__ import annotations

from kubelab.widgets.editing import ManifestEditor, editor
from kubelab.widgets.view import ClusterView, cluster

__all__ = ["ClusterView", "ManifestEditor", "cluster", "editor"]
