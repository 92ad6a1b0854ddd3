"""`python -m scimproof`."""

from scimproof.cli import main

if __name__ == "__main__":
    main()
