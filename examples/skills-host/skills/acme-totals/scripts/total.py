"""Prints the sum of the last column of a table."""

import csv
import sys

with open(sys.argv[1], newline="") as table:
    rows = list(csv.reader(table))[1:]
print(sum(float(row[-1]) for row in rows))
