"""Values and text tools that everything else is made of; imports nothing else of scimproof."""
