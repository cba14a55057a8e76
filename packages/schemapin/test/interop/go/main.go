// Signs schemas with Go's own JSON and ECDSA, hashed once, as SchemaPin's implementation in Go does: one JSON line in,
// one out.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
)

func orPanic[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func sign(texts []string) any {
	key := orPanic(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	spki := orPanic(x509.MarshalPKIXPublicKey(&key.PublicKey))
	signatures := make([][]byte, len(texts))
	for index, text := range texts {
		var schema map[string]any
		if err := json.Unmarshal([]byte(text), &schema); err != nil {
			panic(err)
		}
		digest := sha256.Sum256(orPanic(json.Marshal(schema)))
		signatures[index] = orPanic(ecdsa.SignASN1(rand.Reader, key, digest[:]))
	}
	return map[string]any{
		"public_key_pem": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
		"signatures":     signatures,
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var question struct {
			Ask   string
			About [][]string
		}
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			panic(err)
		}
		if question.Ask != "sign" {
			panic("no such question: " + question.Ask)
		}
		fmt.Println(string(orPanic(json.Marshal(sign(question.About[0])))))
	}
}
