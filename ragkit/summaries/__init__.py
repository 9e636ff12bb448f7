"""What of a document stands in its summary: sentences that are chosen, and facts that rules find."""
