"""awk: `lexer`, `parser` and `syntax` read programs, `interpreter` runs them, `main` is the program.

Why our own: bashkit's awk is called once with all of its input, so `tail -F log | awk …` would never print; and its
messages are not busybox's. The language is small.
"""
