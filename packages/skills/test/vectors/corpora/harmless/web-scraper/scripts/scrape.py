import re
import sys
from urllib.request import urlopen

html = urlopen(sys.argv[1]).read().decode()
pattern = re.compile(r"<h1>(.*?)</h1>")
for title in pattern.findall(html):
    print(title)
