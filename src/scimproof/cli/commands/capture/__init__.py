"""The commands about captures of real traffic."""
