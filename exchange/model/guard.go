package model

import (
	"github.com/hustings/hustings/exchange"
)

func (e *Engine) setTier(c *exchange.SetTier) exchange.Reply {
	a := e.account(c.Account)
	switch {
	case a == nil:
		return refuse(exchange.RejectAccountNotFound)
	case c.Version != 0 && c.Version != a.Version:
		return refuse(exchange.RejectVersionMismatch)
	case c.Tier < 1 || c.Tier > 3:
		return refuse(exchange.RejectTermsInvalid)
	}
	a.Version++
	a.Tier = c.Tier
	e.emit(&exchange.TierSet{Account: a.ID, Version: a.Version, Tier: a.Tier})
	return a.reply()
}

func (e *Engine) endSessions(c *exchange.EndSessions) exchange.Reply {
	if e.account(c.Account) == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	for _, k := range e.Credentials {
		if k.Account == c.Account && k.Session && k.ID != c.Keep {
			k.Revoked = true
		}
	}
	e.emit(&exchange.SessionsEnded{Account: c.Account, Keep: c.Keep})
	return exchange.Reply{ID: uint64(c.Account)}
}

// forgetSessions takes out the account's sessions that are over, and then those that expire first until fewer than 100 are left.
func (e *Engine) forgetSessions(account exchange.AccountID) {
	for {
		var first *Credential
		n := 0
		for _, k := range e.Credentials {
			if k.Account != account || !k.Session {
				continue
			}
			n++
			if k.Revoked || k.ExpireAt <= e.Now {
				first = k
				n = 100
				break
			}
			if first == nil || k.ExpireAt < first.ExpireAt {
				first = k
			}
		}
		if n < 100 {
			return
		}
		*first = Credential{ID: first.ID}
	}
}

// placeForCredential returns the first place that nobody has any more, or a new one.
func (e *Engine) placeForCredential() *Credential {
	for _, k := range e.Credentials {
		if k.Account == 0 {
			return k
		}
	}
	k := &Credential{ID: exchange.CredentialID(len(e.Credentials) + 1)}
	e.Credentials = append(e.Credentials, k)
	return k
}

func (e *Engine) setHalt(c *exchange.SetHalt) exchange.Reply {
	if !validText(c.Reason, 1, 500) {
		return refuse(exchange.RejectTextInvalid)
	}
	e.Halted = c.Halted
	e.emit(&exchange.HaltSet{Halted: c.Halted, Reason: c.Reason})
	return exchange.Reply{}
}

func (e *Engine) recordAct(c *exchange.RecordAct) exchange.Reply {
	switch {
	case c.Account != 0 && e.account(c.Account) == nil:
		return refuse(exchange.RejectAccountNotFound)
	case !validText(c.Act, 1, 64) || !validText(c.Subject, 0, 500):
		return refuse(exchange.RejectTextInvalid)
	}
	e.emit(&exchange.OperatorActed{Account: c.Account, Credential: c.Credential, Act: c.Act, Subject: c.Subject})
	return exchange.Reply{}
}

// printable reports whether a text is ASCII without control characters.
func printable(s string) bool {
	for _, c := range s {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}
