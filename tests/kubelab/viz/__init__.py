"""Figures drawn from what a real cluster did."""
