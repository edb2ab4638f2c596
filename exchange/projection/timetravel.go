package projection

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// A MarketAt is one market as it was at some instant. It is fed the market's own events up to then, in their order,
// and nothing else. Make one with NewMarketAt. Apply belongs to one goroutine, as that of a View does.
type MarketAt struct {
	v    *View
	id   exchange.MarketID
	keys []uint64
}

// NewMarketAt returns the market before its first event, MarketCreated.
func NewMarketAt(id exchange.MarketID) *MarketAt {
	v := New()
	v.alone = true
	return &MarketAt{v: v, id: id}
}

// View returns the market as a View in which there is no other, with its books, orders and positions. As it has seen
// no event of an account's own, it knows neither names nor cash.
func (f *MarketAt) View() *View { return f.v }

// Apply folds the next event of the market, given as its frame. Errors are final, and as those of View.Apply.
func (f *MarketAt) Apply(now exchange.Time, seq exchange.Seq, frame []byte) error {
	v := f.v
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed != nil {
		return v.failed
	}
	event, err := v.decoder.Event(frame)
	if err != nil {
		v.failed = fmt.Errorf("reading event %d: %w", seq, err)
		return v.failed
	}
	v.now, v.seq = now, seq
	v.seen.Store(uint64(seq))
	if fault := v.event(event); fault != nil {
		fault.complete(seq, event)
		v.failed = fault
		return fault
	}
	return nil
}

// ApplyRecord folds those events of a journal record that belong to the market, given the record as to View.Apply.
func (f *MarketAt) ApplyRecord(now exchange.Time, first exchange.Seq, events []byte, count int) error {
	for i := range count {
		seq := first + exchange.Seq(i)
		frame, rest, err := wire.Next(events)
		if err != nil {
			return fmt.Errorf("reading event %d: %w", seq, err)
		}
		events = rest
		if f.keys = AppendKeys(frame, f.keys[:0]); !slices.Contains(f.keys, MarketKey(f.id)) {
			continue
		}
		if err := f.Apply(now, seq, frame); err != nil {
			return err
		}
	}
	return nil
}

// Orders returns the orders that rest on one side of a book of a market, best price first, and among equals in the
// order of priority.
func (v *View) Orders(id exchange.MarketID, outcome exchange.Outcome, side exchange.Side) []Order {
	v.mu.RLock()
	defer v.mu.RUnlock()
	m := v.marketOf(id)
	if m == nil || uint8(outcome) >= m.bookCount || side > exchange.Sell {
		return nil
	}
	var all []Order
	v.queues(v.bookAt(m, outcome), side, func(o *order) { all = append(all, v.readOrder(o)) })
	return all
}

// Holders returns all positions with contracts of a market, sorted by account and outcome.
func (v *View) Holders(id exchange.MarketID) []Position {
	v.mu.RLock()
	defer v.mu.RUnlock()
	m := v.marketOf(id)
	if m == nil {
		return nil
	}
	var all []Position
	for i := m.positions; i != 0; {
		p := v.positions.at(i)
		i = p.next
		if p.yes+p.no > 0 {
			all = append(all, readPosition(p))
		}
	}
	slices.SortFunc(all, func(a, b Position) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Outcome, b.Outcome))
	})
	return all
}
