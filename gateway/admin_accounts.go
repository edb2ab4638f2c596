package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

func (c *call) accountID() (exchange.AccountID, *api.Problem) {
	id, p := c.pathID("account", 1<<32-1, exchange.RejectAccountNotFound)
	return exchange.AccountID(id), p
}

// onAccount gives a handler of what the operator does with the account that the path names.
func onAccount(act func(*call, exchange.AccountID) *api.Problem) func(*call) *api.Problem {
	return func(c *call) *api.Problem {
		account, p := c.accountID()
		if p != nil {
			return p
		}
		return act(c, account)
	}
}

func (c *call) createAccount() *api.Problem {
	req, p := decode[api.CreateAccount](&c.scan, c.body)
	if p != nil {
		return p
	}
	if !nameOK(req.Name) {
		return api.RejectProblem(exchange.RejectNameInvalid, 0, "name")
	}
	r, p := c.do(&exchange.Register{Key: c.coreKey(), Name: req.Name, PasswordHash: noPassword})
	if p != nil {
		return p
	}
	return c.answer(api.RegisterAnswer{Receipt: receipt(r), Account: api.ID(r.ID), Name: req.Name})
}

func (c *call) setLimits(account exchange.AccountID) *api.Problem {
	req, p := decode[api.SetLimits](&c.scan, c.body)
	if p != nil {
		return p
	}
	r, p := c.do(&exchange.SetLimits{
		Account: account, Key: c.coreKey(), Version: c.version, MaxOpenOrders: req.MaxOpenOrders, Blocked: req.Blocked,
	})
	if p != nil {
		return p
	}
	return c.answer(api.AccountAnswer{Receipt: receipt(r), Account: api.ID(account), Version: r.Version})
}
