"""Sweeps: what is looked for in every document, and what its sentences say to it."""
