"""The health of an installation, and the proof that nothing leaves it."""
