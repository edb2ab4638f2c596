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
	if need == api.NeedNothing {
		return nil
	}
	if c.wasKnown() {
		return c.admit(true)
	}
	if signed(c.r.Header) {
		return c.authenticateSigned()
	}
	given := bearer(c.r.Header)
	if need == api.NeedOperator && c.s.isAdminKey(given) {
		c.root = true
		return nil
	}
	hash, ok := hashSecret(given)
	if ok {
		c.who, ok = c.credential(hash)
	}
	return c.admit(ok && c.who.Scheme == exchange.SchemeSecret)
}

func (s *Server) isAdminKey(given string) bool {
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], s.adminKeyHash[:]) == 1
}

// admit lets the holder of a credential that was found in, if it is good for this route, here and now.
func (c *call) admit(found bool) *api.Problem {
	operator := c.endpoint.Need == api.NeedOperator
	if !found || !c.s.lives(&c.who) || operator && c.who.Permissions&exchange.PermAdmin == 0 {
		c.who = projection.Credential{}
		if p := c.knock(); p != nil {
			return p
		}
		detail := ""
		if operator {
			detail = "Send the admin key: Authorization: Bearer …"
		}
		return api.CodeUnauthenticated.Problem("Authorization", detail)
	}
	if !mayComeFrom(c.who.Addresses, c.r.RemoteAddr) {
		return api.CodeAddressNotAllowed.Problem("Authorization", "")
	}
	if !operator && !permits(c.who.Permissions, c.endpoint.Need) {
		return api.CodeForbidden.Problem("Authorization", "")
	}
	return nil
}

// lives reports whether a credential is neither revoked nor expired. One ends at its instant, not after it.
func (s *Server) lives(who *projection.Credential) bool {
	return !who.Revoked && (who.ExpireAt == 0 || int64(who.ExpireAt) > s.now().UnixNano())
}

// Authenticate finds out whose credential a request carries, which must permit reading. It is for what is served beside the routes
// of this server, such as the upgrade to a feed; a signature must be of a request without a body.
func (s *Server) Authenticate(r *http.Request) (projection.Credential, *api.Problem) {
	c := newCall(s, &endpoint{Route: api.Route{Name: "authenticate", Method: r.Method, Need: api.NeedRead}}, nil, r)
	defer c.free()
	p := c.authenticate()
	return c.who, p
}

// Valid reports whether a credential that was let in is still good: neither revoked nor expired. It asks the read model here and
// costs a fraction of a microsecond, so it can be asked for every socket every second.
func (s *Server) Valid(who *projection.Credential) bool {
	now, found := s.reader.CredentialByHash(who.Hash)
	return found && now.ID == who.ID && s.lives(&now)
}

// Tier returns the tier that the holder of a credential has: the credential's, at most that of its account, which is at least what
// the policy of the limits gives everybody, or this account.
func (s *Server) Tier(who *projection.Credential) exchange.Tier {
	a, _ := s.reader.Account(who.Account)
	if g := s.limits.guard; g != nil {
		a.Tier = max(a.Tier, exchange.TierStandard+exchange.Tier(g.KeyTier(uint32(who.Account))))
	}
	return who.Tier.Within(a.Tier)
}

// credential looks a credential up. One that is not known may have been made at another node a moment ago, so a quorum is
// asked before it is refused. All that wait for such a look share one, so a flood of wrong ones asks no more often than one at
// a time does.
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
	if !c.s.looks.join(c.r.Context(), c.s.submitter.Fresh) {
		return who, false
	}
	return c.s.reader.CredentialByHash(hash)
}

// strangers is how many unknown credentials wait for a look at once.
const strangers = 256

// permits reports whether a set of permissions satisfies a need. Who may trade may read.
func permits(has exchange.Permission, need api.Need) bool {
	if need == api.NeedTrade {
		return has&exchange.PermTrade != 0
	}
	return has&(exchange.PermRead|exchange.PermTrade) != 0
}
