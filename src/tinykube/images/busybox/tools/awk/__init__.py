"""awk: `lexer`, `parser` and `syntax` read programs, `interpreter` runs them, `main` is the program.

Law: a program that cannot be read fails as a whole before any input is; what is read is run as POSIX and busybox do.

Why our own: it reads its input as it comes, so that `tail -F log | awk …` prints while the log grows, and its messages
are busybox's. The language is small.
"""
