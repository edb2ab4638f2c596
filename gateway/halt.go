package gateway

import (
	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

func (c *call) getExchange() *api.Problem {
	return c.answer(api.ExchangeInfo{Halted: c.s.reader.Halted(), Rules: c.s.reader.Rules(), Seq: api.ID(c.seq)})
}

// haltExchange and resumeExchange answer when this node refuses, or takes, orders.
func (c *call) haltExchange() *api.Problem   { return c.setHalt(true) }
func (c *call) resumeExchange() *api.Problem { return c.setHalt(false) }

func (c *call) setHalt(halted bool) *api.Problem {
	req, p := decode[api.SetHalt](&c.scan, c.body)
	if p != nil {
		return p
	}
	if p := reasonText.check("reason", req.Reason); p != nil {
		return p
	}
	if p := c.needRules(exchange.GuardRules); p != nil {
		return p
	}
	r, p := c.do(&exchange.SetHalt{Key: c.coreKey(), Halted: halted, Reason: req.Reason})
	if p != nil {
		return p
	}
	if p := c.wait(r.Seq); p != nil {
		return p
	}
	return c.answer(api.HaltAnswer{Receipt: receipt(r), Halted: halted})
}

// needRules refuses what the rules that hold do not know yet.
func (c *call) needRules(version int) *api.Problem {
	if c.s.reader.Rules() < version {
		return api.CodeRulesTooOld.Problem("", "")
	}
	return nil
}

// setTier changes an account's tier.
func (c *call) setTier(account exchange.AccountID) *api.Problem {
	req, p := decode[api.SetTier](&c.scan, c.body)
	if p != nil {
		return p
	}
	tier, p := readTier(req.Tier)
	if p == nil && tier == exchange.TierUnset {
		p = api.CodeMissingField.Problem("tier", "")
	}
	if p == nil {
		p = c.needRules(exchange.GuardRules)
	}
	if p != nil {
		return p
	}
	r, p := c.do(&exchange.SetTier{Account: account, Key: c.coreKey(), Version: c.version, Tier: tier})
	if p != nil {
		return p
	}
	return c.answer(api.AccountAnswer{Receipt: receipt(r), Account: api.ID(account), Version: r.Version})
}

func readTier(word string) (exchange.Tier, *api.Problem) {
	for t := exchange.TierUnset; t.Known(); t++ {
		if t.String() == word {
			return t, nil
		}
	}
	return 0, api.CodeInvalidField.Problem("tier", "tier must be one of: standard, premium, institutional.")
}
