"""The doors for people: each view loads, checks, calls a verb, answers."""
