"""The shell: `scanner` and `parser` read scripts into the trees of `syntax`, `expand` expands words, `simple` and
`interpreter` run commands, `shell` is the state that they change, `main` the program.

Law: reading runs nothing; a command runs as a process of the container, on the cluster's clock, and streams. What the
shell cannot do it says, as ash would say a syntax error.

Models busybox's shell/ash.c.
"""
