"""Request files from a capture: its requests as templates, with blanks for what belongs to people."""
