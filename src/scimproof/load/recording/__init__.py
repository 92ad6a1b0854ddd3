"""Recordings as load: which sequence each recorded request stands for, and when that arrives. No gevent."""
