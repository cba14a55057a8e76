import csv
import sys
import matplotlib.pyplot as plt

rows = list(csv.reader(open(sys.argv[1])))
plt.plot([float(r[1]) for r in rows[1:]])
plt.savefig("out.png")
