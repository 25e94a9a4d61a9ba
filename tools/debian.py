"""Packages from Debian's archive, for machines that are Debian (or its kin) and lack a program.

Law: standard library only. `install` changes the system and is for root; `unpack` never touches the system: it keeps
its own package lists in a temporary folder, downloads one package and unpacks it where it is told to.
The archive's address is the one that the machine itself uses, so mirrors keep working.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from console import SetupError, run

APT_TIMEOUT = 300  # seconds for one apt command


def is_here() -> bool:
    """Is this a machine with apt and dpkg?"""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def can_install() -> bool:
    """May packages be installed on the system? Only root may, and nobody is asked for a password."""
    return is_here() and hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: list[str], log: Path) -> None:
    """Install packages on the system. Raises SetupError when apt cannot."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], log, env)
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], log, env)


def unpack(package: str, suite: str | None, into: Path, log: Path) -> str:
    """Fetch `package` from `suite` (None: the machine's own suites) and unpack it into a folder.

    Returns the package's version. Raises SetupError when the archive has no such package.
    """
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        here.chmod(0o755)
        options = _private_apt(here, suite) if suite else []
        if suite:
            run(["apt-get", "-q", *options, "update"], log)
        _download(package, options, here, log)
        found = sorted(here.glob("*.deb"))
        if not found:
            raise SetupError(f"Debian's archive gave no package {package}.")
        run(["dpkg-deb", "-x", str(found[0]), str(into)], log)
        return found[0].name.split("_")[1]


def _download(package: str, options: list[str], here: Path, log: Path) -> None:
    with log.open("a", encoding="utf-8") as file:
        result = subprocess.run(
            ["apt-get", "-q", *options, "download", package],
            cwd=here, stdout=file, stderr=file, timeout=APT_TIMEOUT, check=False,
        )  # fmt: skip
    if result.returncode != 0:
        raise SetupError(f"apt could not download {package}; {log} has its words.")


def _private_apt(here: Path, suite: str) -> list[str]:
    """Options that give apt lists, caches and a package database of its own, for one suite."""
    address, keyring = own_archive()
    for name in ("lists/partial", "cache/archives/partial"):
        (here / name).mkdir(parents=True)
    (here / "status").touch()
    signed = f"[signed-by={keyring}] " if keyring else ""
    (here / "sources.list").write_text(f"deb {signed}{address} {suite} main\n", encoding="utf-8")
    settings = {
        "Dir::Etc::SourceList": here / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": here / "lists",
        "Dir::State::Status": here / "status",
        "Dir::Cache": here / "cache",
        "APT::Sandbox::User": "",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def own_archive(etc: Path = Path("/etc/apt")) -> tuple[str, str]:
    """The address of the Debian archive that this machine uses, and the keyring that signs it ("" for apt's own).

    Raises SetupError on machines that use no Debian archive (Ubuntu, for one).
    """
    for file in [*sorted(etc.glob("sources.list.d/*.sources")), etc / "sources.list",
                 *sorted(etc.glob("sources.list.d/*.list"))]:  # fmt: skip
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        address = re.search(r"^(?:URIs:|deb)\s+(?:\[[^\]]*\]\s+)?(\S+/debian)/?(?:\s|$)", text, re.MULTILINE)
        if address:
            keyring = re.search(r"(?:Signed-By:\s*|signed-by=)(/[^\s\]]+)", text)
            return address.group(1), keyring.group(1) if keyring else ""
    raise SetupError("This machine uses no Debian archive.")
