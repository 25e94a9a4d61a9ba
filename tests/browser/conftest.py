"""JupyterLab as a learner starts it, and a browser to open it with.

Both end with their module: Playwright's event loop, and the environment that JupyterLab is started in, would be in the
way of every other test of the same worker.
"""

import secrets

import pytest

import labs
from tests import ports
from tests.browser import server_kernels


@pytest.fixture(scope="module")
def browser(chromium):
    """Chromium without its own errands."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory):
    """The project's JupyterLab on a fresh copy of the labs: a function from a notebook's path to its address."""
    home = tmp_path_factory.mktemp("learner")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labs, "MINE", home / "my-labs")
        patch.setenv("KUBELAB_HOME", str(home / "kubelab"))
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR"):
            patch.setenv(name, str(home / name))
        (home / "JUPYTER_CONFIG_DIR").mkdir()
        settings = home / "JUPYTER_CONFIG_DIR" / "jupyter_server_config.py"
        settings.write_text(server_kernels.CONFIGURATION, encoding="utf-8")
        patch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(home / "workspaces"))
        patch.delenv("CLUSTER", raising=False)
        labs.hand_out()
        port, token = ports.own(), secrets.token_hex(16)
        server = labs.start(port, token)
        try:
            assert labs.wait_until_it_answers(port, server)
            yield lambda path: f"http://127.0.0.1:{port}/lab/tree/{path}?token={token}"
        finally:
            labs.stop(server)
