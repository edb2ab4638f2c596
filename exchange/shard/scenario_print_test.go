package shard_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hustings/hustings/exchange"
)

// answer writes a reply as one line.
func (s *stage) answer(cmd exchange.Command, o outcome) string {
	r := o.reply
	if r.Code != exchange.Accepted {
		return "refused: " + r.Code.String() + missingFunds(r)
	}
	switch cmd.(type) {
	case *exchange.PlaceOrder, *exchange.AmendOrder:
		return s.answerOrder(o)
	case *exchange.CancelOrder:
		return fmt.Sprintf("accepted o%d", exchange.OrderID(r.ID).Number())
	case *exchange.MassCancel:
		return "accepted"
	case *exchange.SetGroup, *exchange.CountGroup:
		return answerGroup(r)
	case *exchange.CreateGroup, *exchange.ChangeGroup:
		return fmt.Sprintf("accepted g%d", r.ID)
	case *exchange.SetHalt, *exchange.RecordAct, *exchange.EndSessions, *exchange.SetApprovals:
		return "accepted"
	case *exchange.ProposeAct, *exchange.DecideAct:
		return fmt.Sprintf("accepted p%d", r.ID)
	case *exchange.CreateCredential, *exchange.RevokeCredential:
		return fmt.Sprintf("accepted c%d", r.ID)
	case *exchange.SendTransfer, *exchange.ReceiveTransfer, *exchange.ReleaseTransfer:
		return answerTransfer(r)
	case *exchange.Register, *exchange.Deposit, *exchange.Withdraw, *exchange.SetPassword, *exchange.SetDeadMan:
		return "accepted"
	}
	return fmt.Sprintf("accepted, version %d", r.Version)
}

func (s *stage) answerOrder(o outcome) string {
	r := o.reply
	line := fmt.Sprintf("accepted o%d", exchange.OrderID(r.ID).Number())
	if r.Version > 1 {
		line += fmt.Sprintf(" version %d", r.Version)
	}
	if r.Filled > 0 {
		line += fmt.Sprintf(", filled %d for %v", r.Filled, r.Cost)
	}
	if r.Fees > 0 {
		line += fmt.Sprintf(", fees %v", r.Fees)
	}
	if r.Remaining > 0 {
		line += fmt.Sprintf(", rests %d", r.Remaining)
	}
	return line + s.detailsOf(o)
}

// detailsOf tells what an order holds, closes and whether it kept its place, as far as the answer comes with events.
func (s *stage) detailsOf(o outcome) string {
	var holds, closes, queue string
	closing := func(n exchange.Quantity) {
		if n > 0 {
			closes = fmt.Sprintf(", closes %d", n)
		}
	}
	rests := func(hold exchange.Money, n exchange.Quantity) {
		if n > 0 {
			holds = fmt.Sprintf(", holds %v", hold)
		}
	}
	for _, event := range o.events {
		switch e := event.(type) {
		case *exchange.OrderPlaced:
			closing(e.Closing)
			rests(e.Hold, e.Resting)
		case *exchange.OrderRested:
			rests(e.Hold, e.Resting)
		case *exchange.OrderAmended:
			closing(e.Closing)
			rests(e.Hold, e.Resting)
			queue = ", keeps its place"
			if e.LostPriority {
				queue = ", behind the others"
			}
		}
	}
	return holds + closes + queue
}

// tell writes what happened, a line for each event that is not in the answer already.
func (s *stage) tell(events []exchange.Event) []string {
	var out []string
	for _, event := range events {
		if text := s.sentence(event); text != "" {
			out = append(out, "  "+text)
		}
	}
	return out
}

// tellSorted writes what was worked off in the background, whose order is not part of the rules.
func (s *stage) tellSorted(events []exchange.Event) []string {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b exchange.Event) int {
		return cmp.Or(cmp.Compare(a.EventKind(), b.EventKind()), cmp.Compare(subject(a), subject(b)))
	})
	return s.tell(sorted)
}

// subject is the order or account by which events of one kind are sorted.
func subject(event exchange.Event) uint64 {
	switch e := event.(type) {
	case *exchange.OrderCancelled:
		return e.Order.Number()
	case *exchange.OrderExpired:
		return e.Order.Number()
	case *exchange.PayoutIssued:
		return uint64(e.Outcome)<<32 | uint64(e.Account)
	case *exchange.RefundIssued:
		return uint64(e.Account)
	case *exchange.PositionClosed:
		return uint64(e.Account)
	}
	return 0
}

func (s *stage) sentence(event exchange.Event) string {
	switch e := event.(type) {
	case *exchange.OrderMatched:
		return s.trade(e)
	case *exchange.OrderCancelled:
		return s.release("cancelled", &e.Release) + " (" + e.Reason.String() + ")"
	case *exchange.OrderExpired:
		return s.release("expired", &e.Release)
	case *exchange.OrderReduced:
		return s.release("reduced", &e.Release) + fmt.Sprintf(", %d left (%v)", e.Remaining, e.Reason)
	case *exchange.OrderAmended:
		if e.Merged > 0 {
			return s.people[e.Account] + " merges " + pairs(e.Merged)
		}
	case *exchange.GroupChanged:
		if e.ByFills {
			return fmt.Sprintf("g%d passes its limit", e.Group)
		}
	case *exchange.MassCancelAccepted:
		if e.Reason == exchange.CancelDeadMan {
			return s.people[e.Account] + "'s dead-man's switch goes off"
		}
	case *exchange.FundsDeposited:
		return repays(e.Repaid)
	case *exchange.TransferReceived:
		return repays(e.Repaid)
	default:
		return s.sentenceOfMarket(event)
	}
	return ""
}

func (s *stage) sentenceOfMarket(event exchange.Event) string {
	switch e := event.(type) {
	case *exchange.MarketClosed:
		return s.listed[e.Market].name + " closes"
	case *exchange.MarketSettled:
		if e.Void {
			return s.listed[e.Market].name + " is voided"
		}
		return fmt.Sprintf("%s is settled, fees %v", s.listed[e.Market].name, e.Fees)
	case *exchange.PositionOpened:
		if s.tells {
			return fmt.Sprintf("%s has a position in %s now", s.people[e.Account], s.listed[e.Market].name)
		}
	case *exchange.PositionClosed:
		if s.tells {
			return fmt.Sprintf("%s has no position in %s any more, paid %v in all", s.people[e.Account],
				s.listed[e.Market].name, e.Paid)
		}
	case *exchange.ActDecided:
		if e.Verdict == exchange.ProposalLapsed {
			return fmt.Sprintf("p%d lapses", e.Proposal)
		}
	case *exchange.PayoutIssued:
		return fmt.Sprintf("%s is paid %v for %d yes and %d no%s", s.people[e.Account], e.Amount, e.Yes, e.No,
			s.listed[e.Market].of(e.Outcome))
	case *exchange.RefundIssued:
		text := fmt.Sprintf("%s is refunded %v", s.people[e.Account], e.Amount)
		if e.Receivable > 0 {
			text += fmt.Sprintf(", owes %v of it", e.Receivable)
		}
		return text
	}
	return ""
}

// of names an outcome of a categorical market.
func (m *namedMarket) of(o exchange.Outcome) string {
	if len(m.outcomes) == 0 {
		return ""
	}
	return " of " + m.outcomes[o]
}

func (s *stage) trade(e *exchange.OrderMatched) string {
	line := fmt.Sprintf("o%d %s trades %d at %v with o%d %s", e.Taker.Number(), s.people[e.TakerAccount], e.Quantity,
		e.Price, e.Maker.Number(), s.people[e.MakerAccount])
	line += s.side(e.TakerAccount, e.TakerFee, e.TakerClosing, e.TakerMerged)
	return line + s.side(e.MakerAccount, e.MakerFee, e.MakerClosing, e.MakerMerged)
}

// side tells what is not plain about one account's half of a trade.
func (s *stage) side(who exchange.AccountID, fee exchange.Money, closing, merged exchange.Quantity) string {
	var parts []string
	if fee > 0 {
		parts = append(parts, fmt.Sprintf("pays a fee of %v", fee))
	}
	if closing > 0 {
		parts = append(parts, fmt.Sprintf("closes %d", closing))
	}
	if merged > 0 {
		parts = append(parts, "merges "+pairs(merged))
	}
	if len(parts) == 0 {
		return ""
	}
	return "; " + s.people[who] + " " + strings.Join(parts, ", ")
}

func (s *stage) release(verb string, r *exchange.Release) string {
	line := fmt.Sprintf("o%d %s: %d %s", r.Order.Number(), s.people[r.Account], r.Quantity, verb)
	if r.HoldReleased > 0 {
		line += fmt.Sprintf(", %v released", r.HoldReleased)
	}
	if r.Merged > 0 {
		line += ", " + pairs(r.Merged) + " merged"
	}
	return line
}

func pairs(n exchange.Quantity) string {
	if n == 1 {
		return "1 pair"
	}
	return fmt.Sprintf("%d pairs", n)
}
