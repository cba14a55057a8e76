import os
import requests
from dotenv import load_dotenv

load_dotenv(".env")
key = os.environ["API_KEY"]
reply = requests.post("https://api.example.com/v1/items", headers={"Authorization": f"Bearer {key}"}, json={"name": "x"})
print(reply.json())
