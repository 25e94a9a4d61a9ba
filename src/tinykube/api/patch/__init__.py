"""The four patches: JSON, merge, strategic merge and apply.

Law: pure functions on JSON data and shapes; no store, no clock. The registry decides what may be patched and what
is done with the result.
"""
