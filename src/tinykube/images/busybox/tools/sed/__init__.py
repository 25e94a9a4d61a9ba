"""sed: `script` reads the commands, `machine` runs them, `main` is the program.

Law: a script that cannot be read fails as a whole before any input is; the machine knows nothing of files.
"""
