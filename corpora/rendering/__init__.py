"""From the text sources of the samples to their binary documents, a file for each kind."""
