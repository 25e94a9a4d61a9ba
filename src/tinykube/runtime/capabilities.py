"""Capabilities: the parts that root's power is made of, of which a container's root has only some.

Law: pure. A set of them is a number, one bit each, as the kernel shows it. What is enforced here is what files are
asked about: CHOWN, DAC_OVERRIDE and FOWNER.

Models Linux's include/uapi/linux/capability.h and containerd's internal/cri/opts (WithCapabilities).
"""

from __future__ import annotations

from collections.abc import Iterable

NAMES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip
_BITS = {name: 1 << number for number, name in enumerate(NAMES)}
CHOWN, DAC_OVERRIDE, FOWNER = _BITS["CHOWN"], _BITS["DAC_OVERRIDE"], _BITS["FOWNER"]
EVERY = (1 << len(NAMES)) - 1
DEFAULT = sum(
    _BITS[name]
    for name in (
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    )
)  # fmt: skip


def granted(add: Iterable[str], drop: Iterable[str]) -> int:
    """The default set with those added and those dropped, by name; ALL is every one of them. As runc does it, a name
    that is none (such as one that begins with CAP_) changes nothing."""
    more, fewer = {name.upper() for name in add}, {name.upper() for name in drop}
    held = 0 if "ALL" in fewer else EVERY if "ALL" in more else DEFAULT
    for name in more:
        held |= _BITS.get(name, 0)
    for name in fewer:
        held &= ~_BITS.get(name, 0)
    return held
