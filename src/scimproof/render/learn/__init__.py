"""Forms of the learn document: the table of a terminal, and a page."""
