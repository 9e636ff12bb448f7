"""From a question to ranked passages: index terms, routing, fusion. Pure; the flow reads the catalog."""
