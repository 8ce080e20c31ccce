"""What an attacker who reads everything that is public can know of secret votes: `make privacy`."""
