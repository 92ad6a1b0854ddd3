"""The forwarding process: `python -m scimproof.capture.proxy`, started by RecordingProxy."""

from scimproof.capture.proxy.forwarder import main

main()
