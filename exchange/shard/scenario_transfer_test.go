package shard_test

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// parseShard reads the number of a shard.
func parseShard(w *words) exchange.ShardID { return exchange.ShardID(w.number()) }

// parseSending reads what comes after "sends".
func parseSending(who exchange.AccountID, w *words) exchange.Command {
	c := &exchange.SendTransfer{Account: who, Amount: w.money()}
	w.must("to")
	w.must("shard")
	c.To = parseShard(w)
	if w.is("key") {
		c.Key = w.key()
	}
	return c
}

// parseCourier reads what another shard is said to have sent, or to have got.
func (s *stage) parseCourier(w *words) request {
	other := parseShard(w)
	if w.is("has") {
		return request{cmd: &exchange.ReleaseTransfer{To: other, Number: uint64(w.number())}}
	}
	if w.is("filled") {
		return s.parseFilled(other, w)
	}
	w.must("sends")
	c := &exchange.ReceiveTransfer{From: other}
	name := w.next()
	id, known := s.accounts[name]
	if c.Account = id; !known {
		c.Account = exchange.AccountID(len(s.people))
	}
	c.Amount = w.money()
	w.must("as")
	c.Number = uint64(w.number())
	return request{cmd: c, accepted: func(exchange.Reply) {
		if !known {
			s.accounts[name] = c.Account
			s.people = append(s.people, name)
		}
	}}
}

func answerTransfer(r exchange.Reply) string {
	if r.Cost == 0 {
		return fmt.Sprintf("accepted: transfer %d was done before", r.ID)
	}
	return fmt.Sprintf("accepted: transfer %d of %v", r.ID, r.Cost)
}

func missingFunds(r exchange.Reply) string {
	if r.Code != exchange.RejectFundsElsewhere || r.Cost == 0 {
		return ""
	}
	return fmt.Sprintf(", %v more is needed", r.Cost)
}

// repays tells what of money that came in went to the house.
func repays(amount exchange.Money) string {
	if amount == 0 {
		return ""
	}
	return fmt.Sprintf("%v of it repays the house", amount)
}

func (s *stage) showOutbox() []string {
	st := s.state()
	var out []string
	for _, t := range st.Outbox {
		out = append(out, fmt.Sprintf("to shard %d: %d, %s %v", t.To, t.Number, s.people[t.Account], t.Amount))
	}
	if len(out) == 0 {
		out = []string{"nothing is under way"}
	}
	return append(out, fmt.Sprintf("received %v, released %v", st.Received, st.Released))
}
