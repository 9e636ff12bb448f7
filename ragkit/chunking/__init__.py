"""Text in, chunks out: sentences, sections, facts about the document, and chunks for a window."""
