"""What the repository promises about itself."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
DISTRIBUTIONS = {
    "websocket": "websocket-client",
    "yaml": "pyyaml", "google": "protobuf", "IPython": "ipython", "traitlets": "traitlets", "numpy": "numpy",
    "dateutil": "python-dateutil",
}  # fmt: skip
PROGRAMS = {"jupyterlab", "ipykernel", "ipywidgets", "anywidget"}  # what notebooks run in, imported by nobody here
BROUGHT_ALONG = {"ipython": "ipykernel", "traitlets": "ipykernel", "numpy": "matplotlib", "multidict": "aiohttp"}


def requirements(name):
    """The names that a requirements file pins."""
    lines = (ROOT / name).read_text().splitlines()
    return {line.split("==")[0].lower().replace("_", "-"): line for line in lines if line and line[0] not in "#-"}


def imported():
    """Every third-party package that src/ imports at run time."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    found -= {"kubelab", "tinykube", *sys.stdlib_module_names}
    return {DISTRIBUTIONS.get(name, name).lower().replace("_", "-") for name in found}


def test_everything_that_the_packages_import_is_required():
    pinned = requirements("requirements.txt")

    missing = {name for name in imported() if BROUGHT_ALONG.get(name, name) not in pinned}

    assert missing == set()


def test_nothing_is_required_that_nobody_imports():
    assert set(requirements("requirements.txt")) - imported() - PROGRAMS == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "tools/constraints.txt"])
def test_every_version_is_pinned(name):
    assert [line for line in requirements(name).values() if not re.fullmatch(r"[\w.\-]+==[\w.]+", line)] == []


def test_what_is_required_is_constrained_to_the_same_version():
    constrained = requirements("tools/constraints.txt")
    asked = requirements("requirements.txt") | requirements("requirements-dev.txt")

    different = {name: line for name, line in asked.items() if constrained.get(name, line).lower() != line.lower()}

    assert different == {}
    assert set(asked) <= set(constrained)


def test_the_packages_name_what_they_need_as_the_requirements_do():
    with (ROOT / "pyproject.toml").open("rb") as file:
        named = {name.lower() for name in tomllib.load(file)["project"]["dependencies"]}

    assert named <= set(requirements("requirements.txt"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_call_only_make_and_the_course_itself(workflow):
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    lines = [line.strip() for job in jobs for step in job["steps"] for line in step.get("run", "").splitlines()]
    strangers = [line for line in lines if re.match(r"(?:\S*python3?|pip|pytest|jupyter|npm|npx)\b", line)]

    assert strangers == []


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())

    explained = set(re.findall(r"^([a-z-]+):[^#\n]*## ", makefile, re.MULTILINE))

    assert explained == phony


@pytest.mark.parametrize("text", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_and_path_that_the_door_names_exists(text):
    content = (ROOT / text).read_text(encoding="utf-8")
    targets = set(re.findall(r"make ([a-z-]+)(?=[\s`]|$)", content)) - {"and"}
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", content) if "://" not in link}

    makefile = (ROOT / "Makefile").read_text()
    assert {target for target in targets if f"\n{target}:" not in makefile} == set()
    assert {link for link in links if not (ROOT / link).exists()} == set()


def test_no_committed_file_names_a_place_of_the_machine_it_was_made_on():
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this is no clone, so nothing says which files are committed")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    pattern = re.compile(r"/(?:work|home/\w+|Users/\w+)/(?:main|shared|notes)\b")
    found = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".ipynb", ".yml", ".yaml", ".toml", ".txt", ".json", ".sh"} and path.exists():
            found += [name] if pattern.search(path.read_text(encoding="utf-8")) else []

    assert found == []
