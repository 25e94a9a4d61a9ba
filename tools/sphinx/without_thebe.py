"""Leave Thebe out of the pages. Jupyter Book always brings it along; it would fetch its program from elsewhere, and its
settings, written twice, make browsers complain."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Disconnect what sphinx_thebe would write into pages; its style sheet, which is local, may stay."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if getattr(listener.handler, "__name__", "") in ("init_thebe_core", "update_thebe_context"):
                app.disconnect(listener.id)
    return {"version": "1", "parallel_read_safe": True}
