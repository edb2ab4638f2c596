package lobster

import (
	"slices"

	"github.com/hustings/hustings/load/naive"
)

// Table compares the trades of an exchange with what the venue did.
type Table struct {
	Executions int `json:"executions"` // that the venue reports
	Agreed     int `json:"agreed"`     // filled in one piece against the very order that the venue chose
	Differing  int `json:"differing"`  // filled in another way, or in part
	Unfilled   int `json:"unfilled"`   // nothing was there

	Adds         int `json:"adds"`
	AddsOut      int `json:"adds_out_of_range"`
	AddsCrossing int `json:"adds_crossing"` // that traded on arrival
	Amendments   int `json:"amendments"`
	Deletes      int `json:"deletes"`
	DeletesGone  int `json:"deletes_of_gone_orders"`
	AmendsGone   int `json:"amendments_of_gone_orders"`
}

// Reconcile counts how the messages of a plan came out. Trades are those of the order with each number.
func (p *Plan) Reconcile(trades func(order uint32) []naive.Trade) Table {
	var t Table
	for i := range p.Steps {
		s := &p.Steps[i]
		switch s.Type {
		case Add:
			t.add(s, trades)
		case Reduce:
			if s.Gone || s.Out {
				t.AmendsGone++
			} else {
				t.Amendments++
			}
		case Delete:
			if s.Gone || s.Out {
				t.DeletesGone++
			} else {
				t.Deletes++
			}
		case Execute:
			t.execute(s, trades)
		}
	}
	return t
}

func (t *Table) add(s *Step, trades func(uint32) []naive.Trade) {
	t.Adds++
	switch {
	case s.Out:
		t.AddsOut++
	case len(trades(s.Order)) > 0:
		t.AddsCrossing++
	}
}

func (t *Table) execute(s *Step, trades func(uint32) []naive.Trade) {
	t.Executions++
	var got []naive.Trade
	if !s.Out {
		got = trades(s.Order)
	}
	switch {
	case len(got) == 0:
		t.Unfilled++
	case len(got) == 1 && got[0].Maker == s.Venue && got[0].Quantity == s.Quantity:
		t.Agreed++
	default:
		t.Differing++
	}
}

// Expected returns the trades that each order must make by the rules, by number. Resting orders that others trade with
// have none of their own.
func (p *Plan) Expected() [][]naive.Trade {
	all := make([][]naive.Trade, p.Orders+1)
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Type == Add || s.Type == Execute {
			all[s.Order] = s.Trades
		}
	}
	return all
}

// Report is the end of a drive: the table of the exchange's own trades, and whether everything adds up.
type Report struct {
	Table
	Messages int     `json:"messages"`
	Requests int     `json:"requests"`
	Trades   int     `json:"trades"`
	Seconds  float64 `json:"seconds"`

	AsExpected        bool `json:"as_expected"`        // each order traded as in the naive replay
	AnswersRight      bool `json:"answers_right"`      // nothing was refused but what had to be
	FillsMatched      bool `json:"fills_matched"`      // both halves of each trade were reported, as the orders' answers said
	MoneyConserved    bool `json:"money_conserved"`    // cash, holds, escrow and fees are what was paid in
	PositionsBalanced bool `json:"positions_balanced"` // as many Yes as No contracts
	JournalVerified   bool `json:"journal_verified"`   // its chain, or the proof of each trade
	TradesInJournal   bool `json:"trades_in_journal"`  // the journal has the reported trades and no others
	// Repeated tells whether a second run gave the same journal. It is there when there was one.
	Repeated   *bool `json:"repeated,omitempty"`
	Reconciled bool  `json:"reconciled"` // all of the above

	Digest   string   `json:"journal_digest,omitempty"`
	Problems []string `json:"problems,omitempty"`
}

// Report compares what an exchange did with the plan. The journal is still to be checked.
func (p *Plan) Report(messages []Message, o *Outcome, a *Audit) *Report {
	trades := o.ByOrder(a.Trades)
	r := &Report{
		Table:    p.Reconcile(func(order uint32) []naive.Trade { return trades[order] }),
		Messages: len(messages), Requests: o.Requests, Trades: len(a.Trades), Seconds: o.Took.Seconds(),
		AsExpected:   slices.EqualFunc(trades, p.Expected(), slices.Equal[[]naive.Trade]),
		AnswersRight: o.Problems.Count == 0, FillsMatched: a.Matched,
		MoneyConserved: a.Conserved, PositionsBalanced: a.Balanced,
	}
	r.Problems = slices.Concat(o.Problems.Texts, a.Problems.Texts)
	return r
}

// Judge sets Reconciled.
func (r *Report) Judge() {
	r.Reconciled = r.AsExpected && r.AnswersRight && r.FillsMatched && r.MoneyConserved && r.PositionsBalanced &&
		r.JournalVerified && r.TradesInJournal && (r.Repeated == nil || *r.Repeated)
}
