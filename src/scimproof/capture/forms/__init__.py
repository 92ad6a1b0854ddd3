"""Files of others that are read as captures: HAR and report.json, recognised by their content."""
