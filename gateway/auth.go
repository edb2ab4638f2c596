package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// bearer returns the credential that a request carries, "" if there is not exactly one.
func bearer(h http.Header) string {
	given := h["Authorization"]
	if len(given) != 1 {
		return ""
	}
	const scheme = "bearer "
	if len(given[0]) < len(scheme) || !strings.EqualFold(given[0][:len(scheme)], scheme) {
		return ""
	}
	return given[0][len(scheme):]
}

// authenticate finds out who asks and whether the route is open to them. Missing, malformed, unknown, revoked and
// expired credentials are answered alike.
func (c *call) authenticate() *api.Problem {
	need := c.endpoint.Need
	switch need {
	case api.NeedNothing:
		return nil
	case api.NeedOperator:
		sum := sha256.Sum256([]byte(bearer(c.r.Header)))
		if subtle.ConstantTimeCompare(sum[:], c.s.adminKeyHash[:]) != 1 {
			return api.CodeUnauthenticated.Problem("Authorization", "Send the admin key: Authorization: Bearer …")
		}
		return nil
	}
	var ok bool
	c.who, ok = c.caller()
	expired := c.who.ExpireAt != 0 && int64(c.who.ExpireAt) <= c.s.now().UnixNano()
	if !ok || expired || c.who.Revoked {
		c.who = projection.Credential{}
		return api.CodeUnauthenticated.Problem("Authorization", "")
	}
	if !permits(c.who.Permissions, need) {
		return api.CodeForbidden.Problem("Authorization", "")
	}
	return nil
}

// credential looks a credential up. One that is not known may have been made at another node a moment ago, so a quorum is
// asked before it is refused; for a few at a time, so that a flood of wrong ones is no burden to anybody else.
func (c *call) credential(hash [32]byte) (projection.Credential, bool) {
	who, ok := c.s.reader.CredentialByHash(hash)
	if ok || c.s.cluster == nil {
		return who, ok
	}
	select {
	case c.s.strangers <- struct{}{}:
		defer func() { <-c.s.strangers }()
	default:
		return who, false
	}
	if c.fresh("") != nil {
		return who, false
	}
	return c.s.reader.CredentialByHash(hash)
}

// strangers is for how many unknown credentials a quorum is asked at once.
const strangers = 32

// permits reports whether a set of permissions satisfies a need. Who may trade may read.
func permits(has exchange.Permission, need api.Need) bool {
	if need == api.NeedTrade {
		return has&exchange.PermTrade != 0
	}
	return has&(exchange.PermRead|exchange.PermTrade) != 0
}
