package model

import "github.com/hustings/hustings/exchange"

// switchRules brings in a later version of the rules. What a version does not know is malformed while it holds.
func (e *Engine) switchRules(c *exchange.SwitchRules) exchange.Reply {
	if c.Version <= e.Rules {
		return refuse(exchange.RejectVersionMismatch)
	}
	if c.Version > 5 {
		panic("model: there are five versions of the rules")
	}
	e.Rules = c.Version
	e.emit(&exchange.RulesSwitched{Version: c.Version})
	return exchange.Reply{Version: c.Version}
}
