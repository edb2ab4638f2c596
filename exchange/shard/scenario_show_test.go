package shard_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hustings/hustings/exchange"
)

// parseShow reads what is to be shown: an account, a market, a market's book or the house.
func (s *stage) parseShow(w *words) func() []string {
	switch name := w.next(); {
	case name == "house":
		return s.showHouse
	case name == "proposals":
		return s.showProposals
	case name == "outbox":
		return s.showOutbox
	case name == "rules":
		return func() []string { return []string{fmt.Sprintf("rules of version %d hold", s.state().Rules)} }
	case name == "book":
		m := s.market(w)
		var outcome exchange.Outcome
		if !w.empty() {
			outcome = m.outcome(w, w.next())
		}
		return func() []string { return s.showBook(m, outcome) }
	case s.markets[name] != nil:
		return func() []string { return s.showMarket(s.markets[name]) }
	default:
		id := s.account(w, name)
		return func() []string { return s.showAccount(id) }
	}
}

func (s *stage) showHouse() []string {
	st := s.state()
	var owed exchange.Money
	for _, a := range st.Accounts {
		owed += a.Receivable
	}
	return []string{fmt.Sprintf("the house has %v, is owed %v; %v were paid in", st.House, owed, st.World)}
}

func (s *stage) showAccount(id exchange.AccountID) []string {
	st := s.state()
	a := st.Accounts[id-1]
	line := fmt.Sprintf("%s: %v free, %v held", s.people[id], a.Cash, a.Holds)
	if a.Receivable > 0 {
		line += fmt.Sprintf(", owes %v", a.Receivable)
	}
	if a.Blocked {
		line += ", blocked"
	}
	out := []string{line}
	for i, m := range st.Markets {
		for o, b := range m.Books {
			for _, p := range b.Positions {
				if p.Account == id && p.Yes+p.No > 0 {
					name := s.listed[i+1].name + s.listed[i+1].of(exchange.Outcome(o))
					out = append(out, "  "+name+": "+contracts(p))
				}
			}
		}
	}
	return out
}

func contracts(p positionState) string {
	var parts []string
	add := func(n, reserved int64, name string) {
		switch {
		case reserved > 0:
			parts = append(parts, fmt.Sprintf("%d %s (%d reserved)", n, name, reserved))
		case n > 0:
			parts = append(parts, fmt.Sprintf("%d %s", n, name))
		}
	}
	add(p.Yes, p.ReservedYes, "yes")
	add(p.No, p.ReservedNo, "no")
	return strings.Join(parts, ", ")
}

func (s *stage) showMarket(m *namedMarket) []string {
	st := s.state().Markets[m.id-1]
	line := fmt.Sprintf("%s: %v, version %d, escrow %v, fees %v", m.name, st.State, st.Version, st.Escrow, st.Fees)
	for i, b := range st.Books {
		if b.Last != 0 {
			line += fmt.Sprintf(", last%s %v", m.of(exchange.Outcome(i)), b.Last)
		}
	}
	return []string{line}
}

// showBook writes a book as traders see it: asks above bids, the best ones in the middle, each level's queue in order.
func (s *stage) showBook(m *namedMarket, o exchange.Outcome) []string {
	b := s.state().Markets[m.id-1].Books[o]
	asks := s.levels("ask", b.Asks)
	slices.Reverse(asks)
	out := append(asks, s.levels("bid", b.Bids)...)
	if len(out) == 0 {
		return []string{"the book is empty"}
	}
	return out
}

func (s *stage) levels(side string, orders []orderState) []string {
	var out []string
	for i, o := range orders {
		item := fmt.Sprintf("o%d %s %d", o.Number, s.people[o.Account], o.Open)
		if i > 0 && orders[i-1].Price == o.Price {
			out[len(out)-1] += ", " + item
		} else {
			out = append(out, strings.Join([]string{side, o.Price.String(), item}, " "))
		}
	}
	return out
}
