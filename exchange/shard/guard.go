package shard

import (
	"unicode/utf8"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

const (
	maxAddresses = 1500
	maxReason    = 500
	maxAct       = 64
	maxSubject   = 500
)

// fieldsSince walks over the scalars that there are since a later version of the rules.
func (s *Shard) fieldsSince(c *codec.Codec) {
	if s.rules >= exchange.GuardRules {
		codec.Flag(c, &s.halted)
	}
	if s.rules >= exchange.ApprovalRules {
		s.approval.fields(c)
	}
}

// doGuard executes a command that guards the exchange.
func (s *Shard) doGuard(cmd exchange.Command, r *exchange.Reply) exchange.Reject {
	switch c := cmd.(type) {
	case *exchange.SetTier:
		return s.setTier(c, r)
	case *exchange.EndSessions:
		return s.endSessions(c, r)
	case *exchange.SetHalt:
		return s.setHalt(c)
	case *exchange.RecordAct:
		return s.recordAct(c)
	}
	return exchange.RejectMalformed
}

func (s *Shard) setTier(c *exchange.SetTier, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	switch {
	case acct == nil:
		return exchange.RejectAccountNotFound
	case c.Version != 0 && c.Version != acct.Version:
		return exchange.RejectVersionMismatch
	case c.Tier == exchange.TierUnset || !c.Tier.Known():
		return exchange.RejectTermsInvalid
	}
	acct.SetTier(c.Tier)
	acct.Version++
	r.ID, r.Version = uint64(c.Account), acct.Version
	s.emit(&exchange.TierSet{Account: c.Account, Version: acct.Version, Tier: c.Tier})
	return exchange.Accepted
}

func (s *Shard) endSessions(c *exchange.EndSessions, r *exchange.Reply) exchange.Reject {
	if s.ledger.Account(c.Account) == nil {
		return exchange.RejectAccountNotFound
	}
	for _, id := range s.names.sessions[c.Account] {
		if id != c.Keep {
			s.names.credentials.At(uint32(id)).revoked = true
		}
	}
	r.ID = uint64(c.Account)
	s.emit(&exchange.SessionsEnded{Account: c.Account, Keep: c.Keep})
	return exchange.Accepted
}

func (s *Shard) setHalt(c *exchange.SetHalt) exchange.Reject {
	if !validText(c.Reason, maxReason) || c.Reason == "" {
		return exchange.RejectTextInvalid
	}
	s.halted = c.Halted
	s.emit(&exchange.HaltSet{Halted: c.Halted, Reason: c.Reason})
	return exchange.Accepted
}

func (s *Shard) recordAct(c *exchange.RecordAct) exchange.Reject {
	if c.Account != 0 && s.ledger.Account(c.Account) == nil {
		return exchange.RejectAccountNotFound
	}
	if !validText(c.Act, maxAct) || c.Act == "" || !validText(c.Subject, maxSubject) {
		return exchange.RejectTextInvalid
	}
	s.emit(&exchange.OperatorActed{Account: c.Account, Credential: c.Credential, Act: c.Act, Subject: c.Subject})
	return exchange.Accepted
}

// validAddresses reports whether a list of addresses is a text of printable ASCII; what it means is not for the core.
func validAddresses(s string) bool {
	if len(s) > maxAddresses {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf-1 {
			return false
		}
	}
	return true
}
