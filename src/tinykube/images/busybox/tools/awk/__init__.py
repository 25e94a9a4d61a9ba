"""awk: `lexer`, `parser` and `syntax` read programs, `interpreter` runs them, `main` is the program.

Why our own: it reads its input as it comes, so that `tail -F log | awk …` prints while the log grows, and its messages
are busybox's. The language is small.
"""
