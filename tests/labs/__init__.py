"""Notebooks and exercises, run and checked."""
