"""busybox's tools, by kind; `applets` lists them by name.

Law: a tool is an async function of its process and returns its exit code. It reads its input as it comes, touches
nothing but its container's files and network, and complains in busybox's words.

Models busybox's coreutils, editors, findutils, networking and procps.
"""
