package gateway

import (
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// grant makes a secret, has the exchange store its hash, and answers with it when it works here. Of a key that signs the caller has
// the secret, and there is the hash already.
//
// A retry with the same idempotency key must give the same secret and the same command, expiry included. The secret
// follows from the key. An expiry that the caller left to us is counted from now, so that of the first try is found
// again by the secret's hash.
func (c *call) grant(purpose string, cmd *exchange.CreateCredential, life time.Duration) *api.Problem {
	var secret string
	if cmd.Scheme == exchange.SchemeSecret {
		secret = writeSecret(c.s.derived(purpose, cmd.Account, cmd.Key))
		cmd.Hash, _ = hashSecret(secret)
	}
	if p := c.mayHaveMore(cmd); p != nil {
		return p
	}
	choose := cmd.ExpireAt == 0
	if choose {
		cmd.ExpireAt = exchange.Time(c.s.now().Add(life).UnixNano())
		c.expireAsBefore(cmd)
	}
	r, p := c.try(cmd)
	if p == nil && choose && r.Code == exchange.RejectKeyReused {
		// Perhaps by another try at the same moment, which the read model had not seen.
		if p = c.catchUp(); p == nil && c.expireAsBefore(cmd) {
			r, p = c.try(cmd)
		}
	}
	if p != nil {
		return p
	}
	if r.Code != exchange.Accepted {
		return api.RejectProblem(r.Code, r.Seq, "")
	}
	if p := c.wait(r.Seq); p != nil {
		return p
	}
	return c.answer(api.KeyAnswer{
		Receipt: receipt(r), Account: api.ID(cmd.Account), Key: api.ID(r.ID), Secret: secret,
		Permissions: permissionWords(cmd.Permissions), ExpiresAt: api.Time(cmd.ExpireAt),
	})
}

// maxKeys is how many keys an account may have made, for none is ever forgotten. The operator may make more.
const maxKeys = 1_000

// mayHaveMore refuses a key beyond maxKeys, but not the retry of one that is there. It asks the read model here, so requests at the same
// moment may go a little beyond: what counts is that memory is bounded.
func (c *call) mayHaveMore(cmd *exchange.CreateCredential) *api.Problem {
	if cmd.Session || c.endpoint.Listener != api.Public {
		return nil
	}
	if _, found := c.s.reader.CredentialByHash(cmd.Hash); found {
		return nil
	}
	keys := 0
	for _, k := range c.s.reader.Credentials(cmd.Account) {
		if !k.Session {
			keys++
		}
	}
	if keys >= maxKeys {
		return api.CodeTooManyKeys.Problem("", "")
	}
	return nil
}

// expireAsBefore takes the expiry of the credential that has the same secret, if there is one.
func (c *call) expireAsBefore(cmd *exchange.CreateCredential) bool {
	before, found := c.s.reader.CredentialByHash(cmd.Hash)
	if found {
		cmd.ExpireAt = before.ExpireAt
	}
	return found
}
