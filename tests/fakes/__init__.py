"""Servers of other people's, played by ourselves over real HTTP on the loopback."""
