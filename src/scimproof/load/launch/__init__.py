"""The command line's side of a load run: starts the generator processes, tidies up. No gevent."""
