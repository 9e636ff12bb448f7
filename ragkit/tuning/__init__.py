"""Learning a query adapter from marked passages, and whether it helps. Pure: arrays in, arrays out."""
