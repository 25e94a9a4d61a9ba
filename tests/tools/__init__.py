"""The set-up, and the repository's own promises."""
