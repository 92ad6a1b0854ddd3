"""Dashboard of a load run: what browsers on this machine are told of it while it goes on."""
