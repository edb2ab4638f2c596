package projection

import "github.com/hustings/hustings/exchange"

// Rules returns the version of the rules that hold.
func (v *View) Rules() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return int(v.rules)
}

// Halted reports whether the operator has halted order entry.
func (v *View) Halted() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.halted
}

func (v *View) rulesSwitched(e *exchange.RulesSwitched) *InconsistencyError {
	if e.Version <= v.rules {
		return broken("version %d of the rules follows version %d", e.Version, v.rules)
	}
	v.rules = e.Version
	return nil
}
