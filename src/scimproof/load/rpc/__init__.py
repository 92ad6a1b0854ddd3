"""What master and workers of a load run tell each other, encrypted and authenticated."""
