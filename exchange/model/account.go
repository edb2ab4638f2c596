package model

import (
	"strings"

	"github.com/hustings/hustings/exchange"
)

// Account is a trader's account. What its orders hold is kept with the orders.
type Account struct {
	ID            exchange.AccountID
	Name          string
	PasswordHash  string
	Version       uint32
	MaxOpenOrders uint32
	Blocked       bool
	Tier          exchange.Tier
	Cash          exchange.Money // free
	Receivable    exchange.Money // owed to the house
	Deadline      exchange.Time  // of the dead-man's switch; 0: not armed
	Absent        bool           // nobody has this id here: a place in the list
}

// Credential is an API key or session. One without an account is a place in the list.
type Credential struct {
	ID       exchange.CredentialID
	Account  exchange.AccountID
	Hash     [32]byte
	ExpireAt exchange.Time
	Session  bool
	Revoked  bool
}

// account finds an account, or nil.
func (e *Engine) account(id exchange.AccountID) *Account {
	if a := byID(e.Accounts, id); a != nil && !a.Absent {
		return a
	}
	return nil
}

func (e *Engine) register(c *exchange.Register) exchange.Reply {
	for _, a := range e.Accounts {
		if a.Name == c.Name && c.Name != "" { // accounts that came by a transfer have none
			return refuse(exchange.RejectNameTaken)
		}
	}
	if !validName(c.Name) {
		return refuse(exchange.RejectNameInvalid)
	}
	a := &Account{ID: exchange.AccountID(len(e.Accounts) + 1), Name: c.Name, PasswordHash: c.PasswordHash, Version: 1,
		MaxOpenOrders: DefaultOpenOrders, Tier: exchange.TierStandard}
	e.Accounts = append(e.Accounts, a)
	e.emit(&exchange.AccountRegistered{Account: a.ID, Name: a.Name, PasswordHash: a.PasswordHash})
	return a.reply()
}

func validName(s string) bool {
	if len(s) < 3 || len(s) > 32 {
		return false
	}
	for _, c := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_-.", c) {
			return false
		}
	}
	return true
}

func (a *Account) reply() exchange.Reply {
	return exchange.Reply{ID: uint64(a.ID), Version: a.Version}
}

func (e *Engine) setPassword(c *exchange.SetPassword) exchange.Reply {
	a := e.account(c.Account)
	if a == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	a.PasswordHash = c.PasswordHash
	e.emit(&exchange.PasswordSet{Account: a.ID, PasswordHash: a.PasswordHash})
	return exchange.Reply{ID: uint64(a.ID)}
}

func (e *Engine) createCredential(c *exchange.CreateCredential) exchange.Reply {
	a := e.account(c.Account)
	if a == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	for _, k := range e.Credentials {
		if k.Account != 0 && k.Hash == c.Hash {
			return refuse(exchange.RejectCredentialExists)
		}
	}
	switch {
	case !validText(c.Label, 0, 100) || len(c.Addresses) > 1500 || !printable(c.Addresses):
		return refuse(exchange.RejectTextInvalid)
	case c.ExpireAt <= e.Now:
		return refuse(exchange.RejectExpiryPassed)
	case c.Tier > a.Tier:
		return refuse(exchange.RejectTierTooHigh)
	}
	if e.Rules >= 4 && c.Session {
		e.forgetSessions(a.ID)
	}
	k := e.placeForCredential()
	*k = Credential{ID: k.ID, Account: a.ID, Hash: c.Hash, ExpireAt: c.ExpireAt, Session: c.Session}
	e.emit(&exchange.CredentialCreated{Account: c.Account, Credential: k.ID, Hash: c.Hash, Permissions: c.Permissions,
		Session: c.Session, ExpireAt: c.ExpireAt, Label: c.Label, Tier: c.Tier, Scheme: c.Scheme, Addresses: c.Addresses})
	return exchange.Reply{ID: uint64(k.ID)}
}

func (e *Engine) revokeCredential(c *exchange.RevokeCredential) exchange.Reply {
	if e.account(c.Account) == nil {
		return refuse(exchange.RejectAccountNotFound)
	}
	k := byID(e.Credentials, c.Credential)
	if k == nil || k.Account != c.Account || k.Revoked {
		return refuse(exchange.RejectCredentialNotFound)
	}
	k.Revoked = true
	e.emit(&exchange.CredentialRevoked{Account: c.Account, Credential: k.ID})
	return exchange.Reply{ID: uint64(k.ID)}
}

func (e *Engine) deposit(c *exchange.Deposit) exchange.Reply {
	a := e.account(c.Account)
	switch {
	case a == nil:
		return refuse(exchange.RejectAccountNotFound)
	case !validText(c.Reference, 0, 200):
		return refuse(exchange.RejectTextInvalid)
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount || c.Amount > e.room():
		return refuse(exchange.RejectAmountOutOfRange)
	}
	e.World += c.Amount
	repaid := a.credit(c.Amount)
	e.emit(&exchange.FundsDeposited{Account: a.ID, Amount: c.Amount, Repaid: repaid, Cash: a.Cash, Reference: c.Reference})
	return exchange.Reply{ID: uint64(a.ID)}
}

// credit gives an account money from outside; what it owes the house is repaid first.
func (a *Account) credit(amount exchange.Money) (repaid exchange.Money) {
	repaid = min(amount, a.Receivable)
	a.Receivable -= repaid
	a.Cash += amount - repaid
	return repaid
}

func (e *Engine) withdraw(c *exchange.Withdraw) exchange.Reply {
	a := e.account(c.Account)
	switch {
	case a == nil:
		return refuse(exchange.RejectAccountNotFound)
	case a.Blocked:
		return refuse(exchange.RejectAccountBlocked)
	case !validText(c.Reference, 0, 200):
		return refuse(exchange.RejectTextInvalid)
	case c.Amount <= 0 || c.Amount > exchange.MaxAmount:
		return refuse(exchange.RejectAmountOutOfRange)
	case c.Amount > a.Cash:
		return refuse(exchange.RejectInsufficientFunds)
	case e.looking:
		return exchange.Reply{}
	case !e.alone(c):
		return refuse(exchange.RejectApprovalNeeded)
	}
	e.World -= c.Amount
	a.Cash -= c.Amount
	e.emit(&exchange.FundsWithdrawn{Account: a.ID, Amount: c.Amount, Cash: a.Cash, Reference: c.Reference})
	return exchange.Reply{ID: uint64(a.ID)}
}

func (e *Engine) setLimits(c *exchange.SetLimits) exchange.Reply {
	a := e.account(c.Account)
	switch {
	case a == nil:
		return refuse(exchange.RejectAccountNotFound)
	case c.Version != 0 && c.Version != a.Version:
		return refuse(exchange.RejectVersionMismatch)
	}
	newlyBlocked := c.Blocked && !a.Blocked
	if m := e.movingWith(c.Account); m != nil && newlyBlocked {
		return m.onItsWay()
	}
	a.Version++
	a.MaxOpenOrders = c.MaxOpenOrders
	a.Blocked = c.Blocked
	e.emit(&exchange.LimitsSet{Account: a.ID, Version: a.Version, MaxOpenOrders: a.MaxOpenOrders, Blocked: a.Blocked})
	if newlyBlocked {
		e.cancelAll(a.ID, 0, 0, exchange.CancelAccountBlocked)
	}
	return a.reply()
}

// openOrders counts an account's orders in all books, doomed ones included.
func (e *Engine) openOrders(id exchange.AccountID) int {
	n := 0
	e.eachOrder(func(o *Order) {
		if o.Account == id {
			n++
		}
	})
	return n
}
