"""The programs beside Python that the course uses: kubectl for everybody, Chromium and busybox for the tests.

Law: standard library only. A program that is on the machine is used as it is; a missing one is fetched into `.venv`
where that is possible without touching the system. What cannot be had is said in a sentence, with how to get it.
"""

import hashlib
import json
import os
import platform
import shutil
import stat
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import debian
from console import SetupError, Ticker, say

KUBECTL_OLDEST = (1, 28)
KUBECTL_VERSION = "v1.36.2"
KUBECTL_SITE = "https://dl.k8s.io/release"
DEBIAN_SUITES = ("testing", "stable")  # bookworm's own kubectl, 1.20, is too old
Find = Callable[[], str | None]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)


# ---------------------------------------------------------------- kubectl


def kubectl_version(executable: str) -> tuple[int, int] | None:
    """(major, minor) of a kubectl, or None when it is none or does not answer within 20 seconds."""
    try:
        done = subprocess.run(
            [executable, "version", "--client", "-o", "json"],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        version = json.loads(done.stdout)["clientVersion"]
        return int(version["major"]), int(version["minor"].rstrip("+"))
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired):
        return None


def find_kubectl(bin_folder: Path) -> str | None:
    """A kubectl that is new enough: PATH's first, then the one in .venv."""
    for executable in (shutil.which("kubectl"), shutil.which("kubectl", path=str(bin_folder))):
        if executable and (kubectl_version(executable) or (0, 0)) >= KUBECTL_OLDEST:
            return executable
    return None


def get_kubectl(bin_folder: Path, log: Path) -> bool:
    """Find kubectl or fetch one into `bin_folder`; say which. False when it cannot be had."""
    found = find_kubectl(bin_folder)
    if found:
        major, minor = kubectl_version(found) or (0, 0)
        say(f"  kubectl: {found}, version {major}.{minor}")
        return True
    say(f"  kubectl: none here of version {_dotted(KUBECTL_OLDEST)} or newer; fetching one into {bin_folder}")
    for source in (_kubectl_from_kubernetes, _kubectl_from_debian):
        try:
            say(f"  kubectl: {source(bin_folder, log)}")
            return True
        except (SetupError, OSError, subprocess.SubprocessError) as error:
            say(f"    {_first_line(error)}")
    say(
        "  kubectl could not be fetched. Install version "
        f"{_dotted(KUBECTL_OLDEST)} or newer (https://kubernetes.io/docs/tasks/tools/),\n"
        "  see that `kubectl version --client` answers, and run this again."
    )
    return False


def _kubectl_from_kubernetes(bin_folder: Path, log: Path) -> str:
    """The official download, compared with the published checksum."""
    system = platform.system().lower()
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    name = "kubectl.exe" if system == "windows" else "kubectl"
    address = f"{KUBECTL_SITE}/{KUBECTL_VERSION}/bin/{system}/{machine}/{name}"
    expected = _fetch(address + ".sha256").decode().split()[0]
    content = _fetch(address, "kubectl")
    if hashlib.sha256(content).hexdigest() != expected:
        raise SetupError(f"The download from {address} does not match its checksum; it was thrown away.")
    _place(content, bin_folder / name)
    return f"downloaded {KUBECTL_VERSION} from {KUBECTL_SITE}"


def _fetch(address: str, what: str = "") -> bytes:
    """The bytes at an address; shows how far it is when `what` names it."""
    ticker, parts, size = Ticker(), [], 0
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            while part := answer.read(1 << 18):
                parts.append(part)
                size += len(part)
                if what:
                    ticker.show(f"{what}: {size >> 20} of {total >> 20} MiB")
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise SetupError(f"{address} cannot be reached from here ({reason}).") from error
    finally:
        ticker.done()
    return b"".join(parts)


def _kubectl_from_debian(bin_folder: Path, log: Path) -> str:
    """Debian's package of a newer suite, unpacked beside the packages; the system stays as it is."""
    if not debian.is_here():
        raise SetupError("There is no apt here, so Debian's kubectl is no way either.")
    for suite in DEBIAN_SUITES:
        with tempfile.TemporaryDirectory() as folder:
            try:
                version = debian.unpack("kubectl", suite, Path(folder), log)
            except SetupError as error:
                say(f"    Debian {suite}: {_first_line(error)}")
                continue
            unpacked = Path(folder) / "usr/bin/kubectl"
            if (kubectl_version(str(unpacked)) or (0, 0)) >= KUBECTL_OLDEST:
                _place(unpacked.read_bytes(), bin_folder / "kubectl")
                return f"Debian's package {version} of {suite}, unpacked into {bin_folder}"
    raise SetupError("Debian's archive has no kubectl that runs here.")


def _place(content: bytes, target: Path) -> None:
    """Write an executable whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    partial.write_bytes(content)
    partial.chmod(partial.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    partial.replace(target)


# ---------------------------------------------------------------- what the tests compare with


def find_chromium() -> str | None:
    """A Chromium or Chrome: $CHROMIUM, on PATH, or in its usual place."""
    named = os.environ.get("CHROMIUM")
    if named and Path(named).is_file():
        return named
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    return next((place for place in CHROMIUM_PLACES if Path(place).is_file()), None)


def get_for_tests(log: Path) -> None:
    """Chromium and busybox, where the system can be asked for them; the tests skip, and say so, without."""
    _get_from_debian("Chromium", "chromium", find_chromium, "the browser tests", log)
    _get_from_debian("busybox", "busybox-static", lambda: shutil.which("busybox"), "the shell's comparison", log)


def _get_from_debian(name: str, package: str, find: Find, user: str, log: Path) -> None:
    if found := find():
        say(f"  {name}: {found}")
        return
    if debian.can_install():
        say(f"  {name}: none here; installing Debian's {package}")
        try:
            debian.install([package], log)
        except (SetupError, OSError) as error:
            say(f"    {_first_line(error)}")
    if found := find():
        say(f"  {name}: {found}")
    else:
        say(f"  {name}: not here, so {user} will be skipped. Install it (Debian: {package}) to run them.")


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
