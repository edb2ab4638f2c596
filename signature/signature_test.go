package signature

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"
)

// The example of docs/formats/signature.md, word for word. The seed is that of the first test of RFC 8032.
const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

func exampleKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	b, err := hex.DecodeString(seed)
	if err != nil {
		t.Fatal(err)
	}
	return ed25519.NewKeyFromSeed(b)
}

func example() Request {
	return Request{
		Method: "POST", Path: "/api/markets/1/orders", Query: "", Timestamp: "1793742420123", Nonce: "5vZp3mJ0Q8aXr2Lw",
		IdempotencyKey: "order-1", IfMatch: "", Body: []byte(`{"outcome":"yes","side":"buy","price":"0.62","quantity":10}`),
	}
}

func TestExampleOfTheDocument(t *testing.T) {
	page, err := os.ReadFile("../docs/formats/signature.md")
	if err != nil {
		t.Fatal(err)
	}
	key, r := exampleKey(t), example()
	public, _ := key.Public().(ed25519.PublicKey)
	hash := Hash(public)
	for what, text := range map[string]string{
		"seed": seed, "public key": FormatKey(public), "body": string(r.Body), "text": "\n" + string(r.Append(nil)) + "\n",
		"signature": r.Sign(key), "hash": hex.EncodeToString(hash[:]),
	} {
		if !strings.Contains(string(page), text) {
			t.Errorf("the document lacks this %s:\n%s", what, text)
		}
	}
	sig, ok := ParseSignature(r.Sign(key))
	if !ok || !r.Verify(public, sig) {
		t.Error("the example does not verify")
	}
}

// Whatever the signature covers, it covers: each part changed once.
func TestEveryPartIsCovered(t *testing.T) {
	key := exampleKey(t)
	public, _ := key.Public().(ed25519.PublicKey)
	r := example()
	sig, _ := ParseSignature(r.Sign(key))
	for name, change := range map[string]func(*Request){
		"method": func(r *Request) { r.Method = "PUT" }, "path": func(r *Request) { r.Path = "/api/markets/2/orders" },
		"query": func(r *Request) { r.Query = "a=b" }, "timestamp": func(r *Request) { r.Timestamp = "1793742420124" },
		"nonce": func(r *Request) { r.Nonce = "5vZp3mJ0Q8aXr2Lx" }, "key": func(r *Request) { r.IdempotencyKey = "order-2" },
		"If-Match": func(r *Request) { r.IfMatch = `"1"` }, "body": func(r *Request) { r.Body = bytes.Replace(r.Body, []byte("10"), []byte("11"), 1) },
		"a part that moves": func(r *Request) { r.Path, r.Query = "/api/markets/1", "/orders" },
	} {
		changed := example()
		change(&changed)
		if changed.Verify(public, sig) {
			t.Errorf("%s is not covered", name)
		}
	}
}

func TestOneSpelling(t *testing.T) {
	public, _ := exampleKey(t).Public().(ed25519.PublicKey)
	text := FormatKey(public)
	if back, ok := ParseKey(text); !ok || !back.Equal(public) {
		t.Fatalf("%v, %v", back, ok)
	}
	for _, wrong := range []string{"", text + "=", text[1:], text + "A", text[:42] + "\n", strings.Replace(text, text[:1], "+", 1), text[:42] + string(text[42]+1)} {
		if _, ok := ParseKey(wrong); ok {
			t.Errorf("%q is a key", wrong)
		}
	}
	at := time.UnixMilli(1793742420123)
	if got, ok := ParseTimestamp(FormatTimestamp(at)); !ok || !got.Equal(at) {
		t.Errorf("%v, %v", got, ok)
	}
	for _, wrong := range []string{"", "-1", "+1", "01", "1.5", "1e3", " 1", "1793742420123000", "9223372036854775808"} {
		if _, ok := ParseTimestamp(wrong); ok {
			t.Errorf("%q is a time", wrong)
		}
	}
	for nonce, want := range map[string]bool{
		"": false, "short": false, "0123456789abcde": false, "0123456789abcdef": true, "AZaz09-_AZaz09-_": true,
		strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "0123456789abcdé": false, "0123456789abcd f": false, "0123456789abcd@f": false, "0123456789abcd[f": false,
	} {
		if NonceOK(nonce) != want {
			t.Errorf("%q: %v", nonce, !want)
		}
	}
}

// What can be read is written the same, and reading it never breaks.
func FuzzHeaders(f *testing.F) {
	public, _ := exampleKey(f).Public().(ed25519.PublicKey)
	r := example()
	f.Add(FormatKey(public), r.Sign(exampleKey(f)), r.Timestamp, r.Nonce)
	f.Add("", "\x00", "99999999999999999999", strings.Repeat("n", 64))
	f.Fuzz(func(t *testing.T, key, sig, at, nonce string) {
		if k, ok := ParseKey(key); ok && FormatKey(k) != key {
			t.Errorf("%q is written as %q", key, FormatKey(k))
		}
		if b, ok := ParseSignature(sig); ok && len(b) != ed25519.SignatureSize {
			t.Errorf("%q has %d bytes", sig, len(b))
		}
		if x, ok := ParseTimestamp(at); ok && FormatTimestamp(x) != at {
			t.Errorf("%q is written as %q", at, FormatTimestamp(x))
		}
		if NonceOK(nonce) && strings.ContainsAny(nonce, "\n\r \x00") {
			t.Errorf("%q is a nonce", nonce)
		}
	})
}
