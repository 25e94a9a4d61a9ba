"""Figures and players drawn from API objects and recorded changes.

Law: knows no cluster. Everything is drawn from plain objects, as the API sends them, and from a
`kubelab.record.Recording`; the same input gives the same picture, with a description for those who cannot see it.
"""
