"""The command line's side of a load run: starts the generator processes and removes what they made. No gevent."""
