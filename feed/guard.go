package feed

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/gobwas/ws"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// identify makes a credential that of a connection. It may have been revoked since it was looked at.
func (f *Feed) identify(c *conn, who projection.Credential) {
	if c.ended.Load() {
		return
	}
	c.who = who
	f.deaf.Store(false)
	f.conns[c] = struct{}{}
	if !f.holds(c, f.config.Now()) {
		f.expel(c)
	}
}

// holds reports whether a connection's credential is in force.
func (f *Feed) holds(c *conn, now time.Time) bool {
	if c.who.ExpireAt != 0 && int64(c.who.ExpireAt) <= now.UnixNano() {
		return false
	}
	if len(f.inlets) == 0 {
		return true
	}
	cred, ok := f.inlets[0].view.CredentialByHash(c.who.Hash)
	return !ok || !cred.Revoked // one that this node has not seen yet was seen elsewhere
}

// expire ends connections whose credential is over.
func (f *Feed) expire(now time.Time) {
	for c := range f.conns {
		if c.who.Account != 0 && !f.holds(c, now) {
			f.expel(c)
		}
	}
}

// revoked ends the connections of a credential.
func (f *Feed) revoked(account exchange.AccountID, id exchange.CredentialID) {
	for c := range f.conns {
		if c.who.Account == account && c.who.ID == id {
			f.expel(c)
		}
	}
}

// sessionsEnded ends the connections of an account's sessions but one.
func (f *Feed) sessionsEnded(account exchange.AccountID, keep exchange.CredentialID) {
	for c := range f.conns {
		if c.who.Account == account && c.who.Session && c.who.ID != keep {
			f.expel(c)
		}
	}
}

// expel ends a connection whose credential is over. Nothing of its account is sent any more.
func (f *Feed) expel(c *conn) {
	f.leave(c)
	c.lane.add(item{do: func() {
		c.lane.close(c, ws.StatusPolicyViolation, "the credential of this connection has been revoked or has expired")
	}})
}

func mayTrade(who projection.Credential) bool { return who.Permissions&exchange.PermTrade != 0 }

func randomKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return "disconnect-" + hex.EncodeToString(b[:])
}
