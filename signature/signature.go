// Package signature says what is signed of a request, for both sides: the client that signs and the server that verifies. See
// docs/formats/signature.md.
//
// It knows bytes only. Whose key it is, whether the time is near enough and whether the nonce is new is for the server to find out.
package signature

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"
)

// Headers of a signed request.
const (
	HeaderKey       = "Hustings-Key"       // the public key, 43 characters of base64url without padding
	HeaderTimestamp = "Hustings-Timestamp" // when it was signed: milliseconds since 1970, digits without a leading zero
	HeaderNonce     = "Hustings-Nonce"     // 16 to 64 letters, digits, '-' and '_', never used before with the key
	HeaderSignature = "Hustings-Signature" // 86 characters of base64url without padding
)

const (
	leastNonce, mostNonce = 16, 64
	mostTimestamp         = 15 // digits
)

// version begins what is signed, so that no signature of anything else is one of a request.
const version = "hustings request 1"

// Request is what a signature covers. Texts are as they are on the wire; what a request does not have is empty.
type Request struct {
	Method         string
	Path           string // as in the request line, without the query
	Query          string // behind the '?'
	Timestamp      string
	Nonce          string
	IdempotencyKey string
	IfMatch        string
	Body           []byte
}

// Append appends the text that is signed: its parts in this order, each but the last with a line feed behind it. No part can have one
// in it that HTTP lets through.
func (r *Request) Append(b []byte) []byte {
	sum := sha256.Sum256(r.Body)
	for _, part := range [...]string{version, r.Method, r.Path, r.Query, r.Timestamp, r.Nonce, r.IdempotencyKey, r.IfMatch} {
		b = append(append(b, part...), '\n')
	}
	return hex.AppendEncode(b, sum[:])
}

// Sign returns the value of HeaderSignature.
func (r *Request) Sign(key ed25519.PrivateKey) string {
	return base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, r.Append(nil)))
}

// Verify reports whether a signature, as ParseSignature read it, is that of the key for the request.
func (r *Request) Verify(key ed25519.PublicKey, sig []byte) bool {
	return ed25519.Verify(key, r.Append(nil), sig)
}

// strict refuses a text whose unused last bits are not 0: each value has one spelling.
var strict = base64.RawURLEncoding.Strict()

// ParseKey reads a public key.
func ParseKey(text string) (ed25519.PublicKey, bool) {
	b, ok := decode(text, ed25519.PublicKeySize)
	return b, ok
}

// FormatKey is the inverse of ParseKey.
func FormatKey(key ed25519.PublicKey) string { return base64.RawURLEncoding.EncodeToString(key) }

// ParseSignature reads a signature.
func ParseSignature(text string) ([]byte, bool) { return decode(text, ed25519.SignatureSize) }

func decode(text string, length int) ([]byte, bool) {
	if len(text) != base64.RawURLEncoding.EncodedLen(length) {
		return nil, false
	}
	for i := range len(text) { // the decoder would skip line breaks
		if text[i] == '\n' || text[i] == '\r' {
			return nil, false
		}
	}
	b, err := strict.DecodeString(text)
	return b, err == nil
}

// ParseTimestamp reads a time.
func ParseTimestamp(text string) (time.Time, bool) {
	if len(text) > mostTimestamp {
		return time.Time{}, false
	}
	ms, err := strconv.ParseUint(text, 10, 63)
	if err != nil || strconv.FormatUint(ms, 10) != text {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)), true
}

// FormatTimestamp is the inverse of ParseTimestamp.
func FormatTimestamp(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// NonceOK reports whether a text can be a nonce.
func NonceOK(text string) bool {
	if len(text) < leastNonce || len(text) > mostNonce {
		return false
	}
	for _, c := range []byte(text) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// Hash is what the exchange stores of a public key. No secret has the same.
func Hash(key ed25519.PublicKey) [32]byte {
	return sha256.Sum256(append([]byte("hustings ed25519 key 1\x00"), key...))
}
