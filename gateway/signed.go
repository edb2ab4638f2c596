package gateway

import (
	"net/http"
	"strconv"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/signature"
)

// signed reports whether a request carries any part of a signature. Then all of it is wanted, and a secret beside it is not.
func signed(h http.Header) bool {
	return len(h[signature.HeaderKey])+len(h[signature.HeaderSignature])+len(h[signature.HeaderTimestamp])+len(h[signature.HeaderNonce]) > 0
}

// authenticateSigned lets in who has signed the request. The signature is checked before anybody looks who that is: so who does
// not have the key learns nothing, and costs nobody but this node.
func (c *call) authenticateSigned() (p *api.Problem) {
	h := c.r.Header
	invalid := func(field, detail string) *api.Problem { return api.CodeSignatureInvalid.Problem(field, detail) }
	if len(h["Authorization"]) > 0 {
		return invalid("Authorization", "Send a secret or a signature, not both.")
	}
	key, ok := signature.ParseKey(only(h, signature.HeaderKey))
	if !ok {
		return invalid(signature.HeaderKey, "It is one public key: 43 characters of base64url without padding.")
	}
	sig, ok := signature.ParseSignature(only(h, signature.HeaderSignature))
	if !ok {
		return invalid(signature.HeaderSignature, "It is one signature: 86 characters of base64url without padding.")
	}
	at, ok := signature.ParseTimestamp(only(h, signature.HeaderTimestamp))
	if !ok {
		return invalid(signature.HeaderTimestamp, "It is one time: milliseconds since 1970, digits only.")
	}
	if !signature.NonceOK(only(h, signature.HeaderNonce)) {
		return invalid(signature.HeaderNonce, "It is one nonce: 16 to 64 letters, digits, '-' and '_'.")
	}
	if off := c.s.now().Sub(at); off > c.s.signatureWindow || off < -c.s.signatureWindow {
		return api.CodeTimestampOutOfWindow.Problem(signature.HeaderTimestamp, "")
	}
	if c.body, p = readBody(c.r, c.body); p != nil {
		return p
	}
	c.bodyRead = true
	r := signature.Request{
		Method: c.r.Method, Path: c.r.URL.EscapedPath(), Query: c.r.URL.RawQuery, Timestamp: only(h, signature.HeaderTimestamp),
		Nonce: only(h, signature.HeaderNonce), IdempotencyKey: only(h, api.HeaderKey), IfMatch: only(h, "If-Match"), Body: c.body,
	}
	if !r.Verify(key, sig) {
		return invalid(signature.HeaderSignature, "")
	}
	c.who, ok = c.credential(signature.Hash(key))
	if p := c.admit(ok && c.who.Scheme == exchange.SchemeEd25519); p != nil {
		if p.Code == api.CodeUnauthenticated.Code {
			p = api.CodeUnauthenticated.Problem(signature.HeaderKey, "")
		}
		return p
	}
	c.nonce = r.Nonce
	switch c.s.nonces.use(c.who.ID, r.Nonce, at.Add(c.s.signatureWindow), c.s.now()) {
	case nonceUsed:
		return api.CodeNonceUsed.Problem(signature.HeaderNonce, "")
	case noncesFull:
		return api.CodeOverloaded.Problem("", "")
	}
	return nil
}

// only returns the value of a header that is there once, else "".
func only(h http.Header, name string) string {
	if given := h[name]; len(given) == 1 {
		return given[0]
	}
	return ""
}

// keyOfSignature is the idempotency key of a signed mutation that has none of its own: the same request, sent to another node, is
// the same there. No header can have such a key.
func (c *call) keyOfSignature() string {
	return "\x00signed " + strconv.FormatUint(uint64(c.who.ID), 10) + " " + c.nonce
}

const defaultSignatureWindow = 5 * time.Second
