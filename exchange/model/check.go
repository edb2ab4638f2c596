package model

import (
	"fmt"

	"github.com/hustings/hustings/exchange"
)

// Check returns an error if an invariant does not hold. All must hold after every command and every Drain.
func (e *Engine) Check() error {
	if err := e.checkConservation(); err != nil {
		return err
	}
	seen := map[named]bool{}
	for _, o := range e.AllOrders() {
		if seen[named{o.Market, o.ID}] {
			return fmt.Errorf("order %d rests twice", o.ID.Number())
		}
		seen[named{o.Market, o.ID}] = true
		if err := e.checkOrderState(o); err != nil {
			return fmt.Errorf("order %d: %w", o.ID.Number(), err)
		}
	}
	for _, m := range e.Markets {
		if m.Move.Stage > Frozen { // not all of it is there
			continue
		}
		if err := m.check(); err != nil {
			return fmt.Errorf("market %d: %w", m.ID, err)
		}
	}
	return nil
}

// checkConservation: cash + holds + escrow + fees − receivables + what is on its way to other shards = deposits −
// withdrawals + what came from other shards − what they have got, and nobody owes by himself.
func (e *Engine) checkConservation() error {
	sum := e.House + e.underWay()
	for _, a := range e.Accounts {
		if a.Cash < 0 || a.Receivable < 0 {
			return fmt.Errorf("account %d: cash %v, receivable %v", a.ID, a.Cash, a.Receivable)
		}
		sum += a.Cash - a.Receivable
	}
	e.eachOrder(func(o *Order) { sum += o.Hold })
	for _, m := range e.Markets {
		sum += m.Escrow + m.Fees
	}
	if in := e.World + e.Received - e.Released + e.MovedIn - e.MovedOut; sum != in {
		return fmt.Errorf("%v is accounted for, but %v came in", sum, in)
	}
	return nil
}

func (e *Engine) checkOrderState(o *Order) error {
	m := e.market(o.Market)
	a := e.account(o.Account)
	mayStay := m.State == exchange.StateOpen ||
		m.State == exchange.StateSuspended && m.Spec.Flags&exchange.KeepOrdersOnSuspend != 0
	triggered := o.Group != 0 && byID(e.Groups, o.Group).Triggered
	switch {
	case o.Closing < 0 || o.Opening < 0 || o.Open() == 0 || o.Filled+o.Open() != o.Quantity:
		return fmt.Errorf("quantity %d, filled %d, closing %d, opening %d", o.Quantity, o.Filled, o.Closing, o.Opening)
	case !o.Resting || !o.mayRest():
		return fmt.Errorf("it may not rest")
	case o.Hold != m.HoldOf(o) || o.Hold < 0:
		return fmt.Errorf("holds %v instead of %v", o.Hold, m.HoldOf(o))
	case o.Fee.Overpaid().Sign() < 0 || ceil(o.Fee.Overpaid()) > 1:
		return fmt.Errorf("overpaid %v", o.Fee.Overpaid())
	case len(o.Doomed) == 0 && m.here() && (a.Blocked || !mayStay || triggered):
		return fmt.Errorf("it may still trade")
	case o.has(exchange.ReduceOnly) && o.Opening > 0:
		return fmt.Errorf("it is reduce-only and opens %d", o.Opening)
	}
	return nil
}

func (m *Market) check() error {
	var pairs int64
	var net exchange.Money
	if m.State == exchange.StateSettled || m.State == exchange.StateVoided {
		return m.checkEnded()
	}
	for i, b := range m.Books {
		yes, err := b.check(int64(m.Spec.PositionLimit), m.paying())
		if err != nil {
			return fmt.Errorf("book %d: %w", i, err)
		}
		pairs += yes
	}
	for _, id := range m.participants() {
		net += m.net(id)
	}
	switch {
	case !m.paying() && m.Escrow != cost(exchange.One, pairs):
		return fmt.Errorf("escrow %v for %d pairs", m.Escrow, pairs)
	case m.Fees < 0:
		return fmt.Errorf("fees %v", m.Fees)
	case net != m.Escrow+m.Fees:
		return fmt.Errorf("accounts paid %v, escrow %v and fees %v are there", net, m.Escrow, m.Fees)
	}
	return nil
}

// checkEnded: nothing is left in a market that has come to its end.
func (m *Market) checkEnded() error {
	if len(m.participants()) > 0 || m.hasOrders() || m.Escrow != 0 || m.Fees != 0 {
		return fmt.Errorf("%v with escrow %v and fees %v", m.State, m.Escrow, m.Fees)
	}
	return nil
}

// paying reports whether payouts or refunds may be under way, so that only some positions are left.
func (m *Market) paying() bool {
	return m.State == exchange.StateResolved || m.State == exchange.StateVoiding
}

// check returns the number of pairs in the book.
func (b *Book) check(limit int64, paying bool) (int64, error) {
	if err := b.checkQueue(); err != nil {
		return 0, err
	}
	reserved, opening := b.reservations()
	var yes, no int64
	for _, id := range sortedKeys(b.Positions) {
		p := b.Positions[id]
		yes += p.Yes
		no += p.No
		r, opens := reserved[id], opening[id]
		switch {
		case p.ReservedYes != r.ReservedYes || p.ReservedNo != r.ReservedNo:
			return 0, fmt.Errorf("account %d has %+v, its orders have reserved %d and %d", id, *p, r.ReservedYes, r.ReservedNo)
		case p.Yes < 0 || p.No < 0 || p.FreeYes() < 0 || p.FreeNo() < 0:
			return 0, fmt.Errorf("account %d has %+v", id, *p)
		case min(p.FreeYes(), p.FreeNo()) > 0:
			return 0, fmt.Errorf("account %d has free pairs: %+v", id, *p)
		case p.Yes+opens[exchange.Buy] > limit || p.No+opens[exchange.Sell] > limit:
			return 0, fmt.Errorf("account %d passes the limit of %d: %+v, orders open %v", id, limit, *p, opens)
		}
	}
	if yes != no && !paying {
		return 0, fmt.Errorf("%d yes but %d no", yes, no)
	}
	return yes, nil
}

// reservations adds up what each account's orders in the book have reserved, and what they may open on either side.
func (b *Book) reservations() (map[exchange.AccountID]Position, map[exchange.AccountID][2]int64) {
	reserved, opening := map[exchange.AccountID]Position{}, map[exchange.AccountID][2]int64{}
	for side, orders := range b.Sides {
		for _, o := range orders {
			r, opens := reserved[o.Account], opening[o.Account]
			r.reserve(o.Side, o.Closing)
			opens[side] += o.Opening
			reserved[o.Account], opening[o.Account] = r, opens
		}
	}
	return reserved, opening
}

// checkQueue: the sides do not cross, and each is sorted by price, then by arrival.
func (b *Book) checkQueue() error {
	bids, asks := b.Sides[exchange.Buy], b.Sides[exchange.Sell]
	if len(bids) > 0 && len(asks) > 0 && bids[0].Price >= asks[0].Price {
		return fmt.Errorf("bid %v meets ask %v", bids[0].Price, asks[0].Price)
	}
	for _, side := range b.Sides {
		for i := 1; i < len(side); i++ {
			ahead, behind := side[i-1], side[i]
			better := ahead.Price != behind.Price && !behind.accepts(ahead.Price)
			if !better && (ahead.Price != behind.Price || ahead.Arrived > behind.Arrived) {
				return fmt.Errorf("order %d stands before order %d", ahead.ID.Number(), behind.ID.Number())
			}
		}
	}
	return nil
}
