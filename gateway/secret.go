package gateway

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/hustings/hustings/exchange"
)

const (
	secretPrefix = "pm_"
	secretLen    = len(secretPrefix) + 43 // 32 bytes in base64url without padding
)

// writeSecret makes the text of an API key or session token.
func writeSecret(raw []byte) string { return secretPrefix + base64.RawURLEncoding.EncodeToString(raw) }

// hashSecret returns what the exchange stores of a secret; ok is false for what cannot be one.
func hashSecret(s string) (hash [32]byte, ok bool) {
	if len(s) != secretLen || !strings.HasPrefix(s, secretPrefix) {
		return hash, false
	}
	return sha256.Sum256([]byte(s)), true
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: it ends the process instead
	return b
}

// derived returns 32 bytes that a retry with the same idempotency key gets again, or random ones without a key.
func (s *Server) derived(purpose string, account exchange.AccountID, key exchange.Key) []byte {
	if key == (exchange.Key{}) {
		return randomBytes(sha256.Size)
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("hustings " + purpose + " 1\x00"))
	mac.Write(binary.LittleEndian.AppendUint32(nil, uint32(account)))
	mac.Write(key[:])
	return mac.Sum(nil)
}
