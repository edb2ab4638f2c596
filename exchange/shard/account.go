package shard

import (
	"unicode/utf8"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/ledger"
	"github.com/hustings/hustings/exchange/slab"
)

// names is who the accounts are and which secrets speak for them. The core does not look at passwords or secrets: it
// keeps what others must find again after a restart.
type names struct {
	accounts    slab.Slab[identity] // slot = AccountID
	credentials slab.Slab[credential]
	byName      map[string]exchange.AccountID
	byHash      map[[32]byte]exchange.CredentialID
	sessions    map[exchange.AccountID][]exchange.CredentialID // those that are not forgotten; derived, in no order
	free        freeIDs                                        // derived
}

// identity is the name of an account. Its strings are replaced, never changed in place.
type identity struct {
	name         string
	passwordHash string
}

// credential is an API key or a session. One without an account is free.
type credential struct {
	hash        [32]byte
	label       string
	expireAt    exchange.Time
	account     exchange.AccountID
	permissions exchange.Permission
	session     bool
	revoked     bool
	tier        exchange.Tier
	scheme      exchange.Scheme
	addresses   string
}

const (
	maxReference    = 200
	maxPasswordHash = 200
	maxLabel        = 100
)

// doAccount executes a command about an account itself.
func (s *Shard) doAccount(cmd exchange.Command, r *exchange.Reply) exchange.Reject {
	switch c := cmd.(type) {
	case *exchange.Register:
		return s.register(c, r)
	case *exchange.SetPassword:
		return s.setPassword(c, r)
	case *exchange.CreateCredential:
		return s.createCredential(c, r)
	case *exchange.RevokeCredential:
		return s.revokeCredential(c, r)
	case *exchange.Deposit:
		return s.deposit(c, r)
	case *exchange.Withdraw:
		return s.withdrawFunds(c, r)
	case *exchange.SetLimits:
		return s.setLimits(c, r)
	}
	return exchange.RejectMalformed
}

func (s *Shard) register(c *exchange.Register, r *exchange.Reply) exchange.Reject {
	if _, taken := s.names.byName[c.Name]; taken {
		return exchange.RejectNameTaken
	}
	if !validName(c.Name) {
		return exchange.RejectNameInvalid
	}
	if len(c.PasswordHash) > maxPasswordHash {
		return exchange.RejectTextInvalid
	}
	id := s.ledger.Register(DefaultMaxOpenOrders)
	s.names.accounts.SetLen(uint32(id) + 1)
	*s.names.accounts.At(uint32(id)) = identity{c.Name, c.PasswordHash}
	if s.names.byName == nil {
		s.names.byName = map[string]exchange.AccountID{}
	}
	s.names.byName[c.Name] = id
	r.ID, r.Version = uint64(id), 1
	s.emit(&exchange.AccountRegistered{Account: id, Name: c.Name, PasswordHash: c.PasswordHash})
	return exchange.Accepted
}

// validName reports whether a name has 3 to 32 of a–z, 0–9, '_', '-' and '.'.
func validName(name string) bool {
	if len(name) < 3 || len(name) > 32 {
		return false
	}
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

func (s *Shard) setPassword(c *exchange.SetPassword, r *exchange.Reply) exchange.Reject {
	if s.ledger.Account(c.Account) == nil {
		return exchange.RejectAccountNotFound
	}
	if len(c.PasswordHash) > maxPasswordHash {
		return exchange.RejectTextInvalid
	}
	s.names.accounts.At(uint32(c.Account)).passwordHash = c.PasswordHash
	r.ID = uint64(c.Account)
	s.emit(&exchange.PasswordSet{Account: c.Account, PasswordHash: c.PasswordHash})
	return exchange.Accepted
}

func (s *Shard) createCredential(c *exchange.CreateCredential, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	if acct == nil {
		return exchange.RejectAccountNotFound
	}
	if _, exists := s.names.byHash[c.Hash]; exists {
		return exchange.RejectCredentialExists
	}
	if !validText(c.Label, maxLabel) || !validAddresses(c.Addresses) {
		return exchange.RejectTextInvalid
	}
	if c.ExpireAt <= s.now {
		return exchange.RejectExpiryPassed
	}
	if c.Tier > acct.Tier() {
		return exchange.RejectTierTooHigh
	}
	if c.Session && s.rules >= exchange.GuardRules {
		s.names.forgetSessions(c.Account, s.now)
	}
	id := s.names.takeID()
	k := s.names.credentials.At(uint32(id))
	*k = credential{hash: c.Hash, label: c.Label, expireAt: c.ExpireAt, account: c.Account, permissions: c.Permissions,
		session: c.Session, tier: c.Tier, scheme: c.Scheme, addresses: c.Addresses}
	s.names.index(id, k)
	r.ID = uint64(id)
	s.emit(&exchange.CredentialCreated{Account: c.Account, Credential: id, Hash: c.Hash, Permissions: c.Permissions,
		Session: c.Session, ExpireAt: c.ExpireAt, Label: c.Label, Tier: c.Tier, Scheme: c.Scheme, Addresses: c.Addresses})
	return exchange.Accepted
}

func (s *Shard) revokeCredential(c *exchange.RevokeCredential, r *exchange.Reply) exchange.Reject {
	if s.ledger.Account(c.Account) == nil {
		return exchange.RejectAccountNotFound
	}
	if c.Credential == 0 || uint32(c.Credential) >= s.names.credentials.Len() {
		return exchange.RejectCredentialNotFound
	}
	k := s.names.credentials.At(uint32(c.Credential))
	if k.account != c.Account || k.revoked {
		return exchange.RejectCredentialNotFound
	}
	k.revoked = true
	r.ID = uint64(c.Credential)
	s.emit(&exchange.CredentialRevoked{Account: c.Account, Credential: c.Credential})
	return exchange.Accepted
}

func (s *Shard) deposit(c *exchange.Deposit, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	switch {
	case acct == nil:
		return exchange.RejectAccountNotFound
	case !validText(c.Reference, maxReference):
		return exchange.RejectTextInvalid
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount || c.Amount > s.ledger.Totals.Room():
		return exchange.RejectAmountOutOfRange
	}
	repaid := s.ledger.Deposit(acct, c.Amount)
	r.ID = uint64(c.Account)
	s.emit(&exchange.FundsDeposited{Account: c.Account, Amount: c.Amount, Repaid: repaid, Cash: acct.Cash, Reference: c.Reference})
	return exchange.Accepted
}

func (s *Shard) withdrawFunds(c *exchange.Withdraw, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	switch {
	case acct == nil:
		return exchange.RejectAccountNotFound
	case acct.Flags&ledger.Blocked != 0:
		return exchange.RejectAccountBlocked
	case !validText(c.Reference, maxReference):
		return exchange.RejectTextInvalid
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount:
		return exchange.RejectAmountOutOfRange
	case c.Amount > acct.Cash:
		return exchange.RejectInsufficientFunds
	}
	if code := s.approval.agreed(s.approval.asked.Withdrawal(c.Amount)); code != exchange.Accepted {
		return code
	}
	s.ledger.Withdraw(acct, c.Amount)
	r.ID = uint64(c.Account)
	s.emit(&exchange.FundsWithdrawn{Account: c.Account, Amount: c.Amount, Cash: acct.Cash, Reference: c.Reference})
	return exchange.Accepted
}

func (s *Shard) setLimits(c *exchange.SetLimits, r *exchange.Reply) exchange.Reject {
	acct := s.ledger.Account(c.Account)
	switch {
	case acct == nil:
		return exchange.RejectAccountNotFound
	case c.Version != 0 && c.Version != acct.Version:
		return exchange.RejectVersionMismatch
	case c.MaxOpenOrders > DefaultMaxOpenOrders:
		return exchange.RejectTermsInvalid
	case c.Blocked && acct.Flags&ledger.Blocked == 0 && !s.reaches(c.Account, r):
		return exchange.RejectMarketMoving
	}
	wasBlocked := acct.Flags&ledger.Blocked != 0
	acct.MaxOpenOrders = c.MaxOpenOrders
	acct.Flags &^= ledger.Blocked
	if c.Blocked {
		acct.Flags |= ledger.Blocked
	}
	acct.Version++
	r.ID, r.Version = uint64(c.Account), acct.Version
	s.emit(&exchange.LimitsSet{Account: c.Account, Version: acct.Version, MaxOpenOrders: c.MaxOpenOrders, Blocked: c.Blocked})
	if c.Blocked && !wasBlocked {
		s.cancelAccount(c.Account, acct, exchange.CancelAccountBlocked)
	}
	return exchange.Accepted
}

func validText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most
}
