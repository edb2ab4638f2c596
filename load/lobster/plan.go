package lobster

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hustings/hustings/load/naive"
)

// Step is one message as the exchange is to see it.
type Step struct {
	Message int // index of the message
	Type    Type
	// Order is the number of the order that the step places or changes, from 1 in the order of their placing; 0 where
	// the order never arrived here. It is of an execution the immediate order that makes it happen.
	Order    uint32
	Venue    uint32 // executions only: the resting order that the venue chose; 0: it never arrived here
	Account  int    // index of the account that acts
	Side     uint8  // of the order that is placed
	Tick     uint16
	Quantity uint32        // of the order; of a reduction, the new total, what is filled included
	Gone     bool          // the order to change is not in the book any more
	Out      bool          // the price lies outside the market's range: nothing is sent
	Trades   []naive.Trade // what the order must trade with, by the rules
}

// Roles of accounts: those below Crosser are always there.
const (
	Maker   = 0 // places what rests
	Taker   = 1 // places the immediate orders that make executions happen, and so never has an order in the book
	Crosser = 2 // and up: place orders that rest but trade first, when the accounts before them own what they trade with
)

// Plan is a recording translated for one market.
type Plan struct {
	Steps    []Step
	Accounts int
	Orders   uint32 // orders that are placed, executions included
	Median   int64  // of the messages' prices, in hundredths of a currency unit: tick 5,000
}

// maxQuantity is the greatest quantity of an order on the exchange.
const maxQuantity = 1_000_000

// NewPlan translates a recording. Ticks are hundredths of a currency unit around the median price, which becomes tick
// 5,000.
func NewPlan(messages []Message) (*Plan, error) {
	median, err := medianCent(messages)
	if err != nil {
		return nil, err
	}
	p := planner{
		plan: &Plan{Median: median, Accounts: Crosser}, book: naive.New(),
		numbers: map[uint64]uint32{}, totals: []uint32{0}, owners: []int{0},
	}
	for i := range messages {
		if err := p.message(i, &messages[i]); err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	p.plan.Orders = p.book.Next() - 1
	return p.plan, nil
}

func cent(price int64) int64 {
	c := price / 100
	if price%100 < 0 {
		c--
	}
	return c
}

func medianCent(messages []Message) (int64, error) {
	var cents []int64
	for i := range messages {
		if messages[i].Type <= Hidden {
			cents = append(cents, cent(messages[i].Price))
		}
	}
	if len(cents) == 0 {
		return 0, errors.New("the recording has no message about an order")
	}
	slices.Sort(cents)
	return cents[len(cents)/2], nil
}

// planner follows the recording with a naive book.
type planner struct {
	plan    *Plan
	book    *naive.Book
	numbers map[uint64]uint32 // by the venue's id
	totals  []uint32          // by number: quantity, what is filled included
	owners  []int             // by number: account
}

func (p *planner) message(i int, m *Message) error {
	if m.Type >= Hidden {
		return nil
	}
	if m.Size > maxQuantity {
		return fmt.Errorf("a size of %d, where an order may have %d", m.Size, maxQuantity)
	}
	tick := 5_000 + cent(m.Price) - p.plan.Median
	s := Step{Message: i, Type: m.Type, Quantity: m.Size, Out: tick < 1 || tick > naive.MaxTick}
	if m.Sell {
		s.Side = naive.Sell
	}
	if !s.Out {
		s.Tick = uint16(tick)
		p.act(&s, m)
	}
	p.plan.Steps = append(p.plan.Steps, s)
	return nil
}

func (p *planner) act(s *Step, m *Message) {
	switch s.Type {
	case Add:
		p.place(s, true)
		p.numbers[m.Order] = s.Order
	case Execute:
		s.Side ^= 1
		s.Venue = p.numbers[m.Order]
		p.place(s, false)
	case Reduce, Delete:
		s.Order = p.numbers[m.Order]
		s.Account = p.owners[s.Order]
		p.change(s)
	}
}

func (p *planner) place(s *Step, mayRest bool) {
	s.Order = p.book.Next()
	s.Trades = slices.Clone(p.book.Place(s.Side, s.Tick, s.Quantity, mayRest))
	s.Account = Taker
	if mayRest {
		s.Account = p.chooseAccount(s.Trades)
	}
	p.totals = append(p.totals, s.Quantity)
	p.owners = append(p.owners, s.Account)
}

// change reduces or deletes an order. A reduction to nothing is a deletion.
func (p *planner) change(s *Step) {
	o := p.book.Order(s.Order)
	s.Gone = o.Open == 0
	if s.Gone {
		return
	}
	if s.Type == Reduce && s.Quantity < o.Open {
		p.book.Reduce(s.Order, s.Quantity)
		p.totals[s.Order] -= s.Quantity
		s.Quantity = p.totals[s.Order]
		return
	}
	s.Type = Delete
	p.book.Cancel(s.Order)
}

// chooseAccount returns the first account that owns none of the orders that an arriving one trades with, so that
// self-trade prevention never acts.
func (p *planner) chooseAccount(trades []naive.Trade) int {
	for account := Maker; ; account++ {
		owns := func(t naive.Trade) bool { return p.owners[t.Maker] == account }
		if account != Taker && !slices.ContainsFunc(trades, owns) {
			p.plan.Accounts = max(p.plan.Accounts, account+1)
			return account
		}
	}
}
