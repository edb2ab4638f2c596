package shard

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// A RulesError says that a log or a snapshot needs rules which this program does not know. It is final.
type RulesError struct{ Known, Asked int }

func (e *RulesError) Error() string {
	return fmt.Sprintf("this version of hustings knows rules up to %d, the log asks for %d: upgrade this node", e.Known, e.Asked)
}

// Rules returns the version of the rules that hold.
func (s *Shard) Rules() int { return int(s.rules) }

// Support makes the shard behave as a program that knows rules up to this version, instead of exchange.RulesVersion.
func (s *Shard) Support(rules int) { s.supported = uint32(rules) }

// Support is that of the shard that is being loaded. It comes before the first chunk.
func (l *Loader) Support(rules int) { l.s.Support(rules) }

// knows reports whether a command means something under the rules that hold. What does not is malformed.
func (s *Shard) knows(cmd exchange.Command) bool {
	var named bool
	switch c := cmd.(type) {
	case *exchange.AmendOrder:
		return !c.FundsElsewhere || s.rules >= exchange.TransferRules
	case *exchange.CreateMarket:
		return c.ID == 0 || s.rules >= exchange.TransferRules
	case *exchange.SendTransfer:
		named = c.To != 0
	case *exchange.ReceiveTransfer:
		named = c.From != 0 && c.Number != 0
	case *exchange.ReleaseTransfer:
		named = c.To != 0 && c.Number != 0
	case *exchange.FreezeMarket:
		return s.rules >= exchange.MoveRules && c.To != 0
	case *exchange.AdoptMarket:
		return s.rules >= exchange.MoveRules && c.From != 0 && c.Move != 0 && len(c.Data) <= exchange.MaxPart
	case *exchange.AbandonMarket:
		return s.rules >= exchange.MoveRules && c.From != 0 && c.Move != 0
	case *exchange.SetPlacement:
		return s.rules >= exchange.MoveRules && len(c.Data) <= exchange.MaxPart
	case *exchange.SetGroup:
		return s.rules >= exchange.GroupRules && c.Valid()
	case *exchange.CountGroup:
		return s.rules >= exchange.GroupRules && c.From != 0 && c.Filled <= exchange.MaxGroupFilled
	case *exchange.ThawMarket, *exchange.ReleaseMarket:
		return s.rules >= exchange.MoveRules
	case *exchange.CreateCredential:
		return s.rules >= exchange.GuardRules && c.Tier.Known() && c.Scheme.Known() || c.Tier == 0 && c.Scheme == 0 && c.Addresses == ""
	case *exchange.SetTier, *exchange.EndSessions, *exchange.SetHalt, *exchange.RecordAct:
		return s.rules >= exchange.GuardRules
	case *exchange.SetApprovals, *exchange.DecideAct:
		return s.rules >= exchange.ApprovalRules
	case *exchange.ProposeAct:
		_, ok := wire.ReadProposable(c.Act)
		return s.rules >= exchange.ApprovalRules && ok
	default:
		return true
	}
	return named && s.rules >= exchange.TransferRules
}

// switchRules executes a SwitchRules command. That of a version which is not known here is for Apply to fail on: what
// it would do cannot be known either.
func (s *Shard) switchRules(c *exchange.SwitchRules, r *exchange.Reply) exchange.Reject {
	if c.Version <= s.rules {
		return exchange.RejectVersionMismatch
	}
	if c.Version > s.supported {
		s.asked = c.Version
		return exchange.RejectMalformed
	}
	s.rules = c.Version
	r.Version = c.Version
	s.emit(&exchange.RulesSwitched{Version: c.Version})
	return exchange.Accepted
}
