"""Launch of a load run from the command line: starts the generator processes, cleans up. No gevent."""
