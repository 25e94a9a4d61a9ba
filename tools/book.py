"""Build the book: run every lab, then make the pages from what the labs printed. `make book` calls both.

    python tools/book.py run      copy the sources to _build/book and run every notebook there
    python tools/book.py build    make _build/html from them, warnings as errors

Law: the sources stay as they are; a lab that fails ends the build, and no page shows an output of another run.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import notebooks

ROOT = notebooks.ROOT
STAGE = ROOT / "_build" / "book"
SOURCES = ("book", "labs", "images", "src", "tools/sphinx", "_config.yml", "_toc.yml", "CHANGELOG.md")
LEFT_OUT = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", "*.egg-info", ".kubelab")


def stage() -> None:
    """A fresh copy of everything that pages are made from."""
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    for name in SOURCES:
        source, target = ROOT / name, STAGE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT_OUT)
        elif source.exists():
            shutil.copy2(source, target)


def repository() -> str:
    """The address of the repository that this book is built from, or "" when it is only on this machine."""
    if os.environ.get("GITHUB_REPOSITORY"):
        return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{os.environ['GITHUB_REPOSITORY']}"
    command = ["git", "remote", "get-url", "origin"]
    try:
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    except OSError:  # the course came as an archive, to a machine without git
        return ""
    found = re.fullmatch(r"(?:git@|https://)(github\.com|gitlab\.com)[:/](.+?)(?:\.git)?", said.strip())
    return f"https://{found[1]}/{found[2]}" if found else ""


def link_to_repository() -> None:
    """Give the staged settings the repository's address and the buttons that need it."""
    address = repository()
    if not address:
        print("  git remote origin is no public repository, so the pages get no launch buttons", flush=True)
        return
    settings = STAGE / "_config.yml"
    config = yaml.safe_load(settings.read_text(encoding="utf-8"))
    config["sphinx"]["config"]["html_theme_options"] |= {
        "repository_url": address,
        "repository_branch": "main",
        "path_to_docs": "",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
    }
    settings.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")


def run() -> int:
    """Stage the sources and run every notebook in place there."""
    stage()
    results = notebooks.run_all(notebooks.discover(STAGE), "practice", save=True)
    return 1 if not results or any(result.problem for result in results) else 0


def build() -> int:
    """Make the pages. Sphinx's warnings fail the build, all of them shown."""
    link_to_repository()
    shutil.rmtree(ROOT / "_build" / "html", ignore_errors=True)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [str(jupyter_book), "build", str(STAGE), "--path-output", str(ROOT)]
    return subprocess.call([*command, "--all", "-W", "-n", "--keep-going"])


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["build"]):
        sys.exit("usage: python tools/book.py run|build")
    sys.exit(run() if sys.argv[1] == "run" else build())
