"""Templates: what a summary of a kind of document has first, and the typed fields it is asked for."""
