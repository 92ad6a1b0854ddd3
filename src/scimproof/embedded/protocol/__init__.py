"""What the embedded target adds to the protocol of scim2-server: answers, bodies, cursors, bulk circles."""
