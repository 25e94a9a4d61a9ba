"""Operating-system errors as Linux words them, whatever system tinykube itself runs on.

Law: everything in `runtime` that a real system call would refuse raises an `OSError` made here, so that a program
can print `error.strerror` and get the words that the C library prints.

Models Linux's errno(3) and strerror(3).
"""

from __future__ import annotations

import errno

STRERROR = {
    errno.EPERM: "Operation not permitted",
    errno.ENOENT: "No such file or directory",
    errno.ESRCH: "No such process",
    errno.EINTR: "Interrupted system call",
    errno.EIO: "I/O error",
    errno.ENOEXEC: "Exec format error",
    errno.EBADF: "Bad file descriptor",
    errno.EACCES: "Permission denied",
    errno.EBUSY: "Resource busy",
    errno.EEXIST: "File exists",
    errno.EXDEV: "Cross-device link",
    errno.ENOTDIR: "Not a directory",
    errno.EISDIR: "Is a directory",
    errno.EINVAL: "Invalid argument",
    errno.ENOSPC: "No space left on device",
    errno.ESPIPE: "Illegal seek",
    errno.EROFS: "Read-only file system",
    errno.EPIPE: "Broken pipe",
    errno.ENOTEMPTY: "Directory not empty",
    errno.ELOOP: "Too many symbolic links encountered",
    errno.ENAMETOOLONG: "File name too long",
    errno.EADDRINUSE: "Address already in use",
    errno.EADDRNOTAVAIL: "Cannot assign requested address",
    errno.ENETUNREACH: "Network is unreachable",
    errno.ECONNRESET: "Connection reset by peer",
    errno.ETIMEDOUT: "Connection timed out",
    errno.ECONNREFUSED: "Connection refused",
    errno.EHOSTUNREACH: "No route to host",
}


def oserror(code: int, path: str | None = None) -> OSError:
    """The `OSError` (of the fitting subclass, such as FileNotFoundError) for an errno, with Linux's words."""
    words = STRERROR.get(code, f"Unknown error {code}")
    return OSError(code, words) if path is None else OSError(code, words, path)
