"""Harnesses that kill an ingest, fill its disk or start a second one, with a reader asking all the time."""
