"""The fault table, played: 16 faults on three networks, with a worker killed at each of five points besides.

`python -m tests.faults` (make faults) plays thousands of runs and prints what it counted.
"""
