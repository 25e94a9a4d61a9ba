"""sed: `script` reads the commands, `machine` runs them, `main` is the program."""
