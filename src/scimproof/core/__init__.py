"""Values and text tools of all other packages: HTTP messages, results, definitions, errors, redaction."""
