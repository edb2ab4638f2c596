package client

import (
	"crypto/ed25519"
	"strconv"
	"strings"
	"time"

	"github.com/hustings/hustings/signature"
)

// appendSignature appends the headers of a signature of a request. Each try has a nonce of its own; what makes it the same request
// as the try before is its idempotency key.
func appendSignature(b []byte, key ed25519.PrivateKey, r *Request, now time.Time) []byte {
	path, query, _ := strings.Cut(r.Path, "?")
	s := signature.Request{
		Method: r.Method, Path: path, Query: query, Timestamp: signature.FormatTimestamp(now), Nonce: NewKey(), IdempotencyKey: r.Key,
		Body: r.Raw,
	}
	if r.Version != 0 {
		s.IfMatch = strconv.Quote(strconv.FormatUint(uint64(r.Version), 10))
	}
	public, _ := key.Public().(ed25519.PublicKey) // it is always one
	for _, h := range [][2]string{
		{signature.HeaderKey, signature.FormatKey(public)}, {signature.HeaderTimestamp, s.Timestamp},
		{signature.HeaderNonce, s.Nonce}, {signature.HeaderSignature, s.Sign(key)},
	} {
		b = append(append(append(append(b, h[0]...), ": "...), h[1]...), "\r\n"...)
	}
	return b
}
