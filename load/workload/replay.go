package workload

import "github.com/hustings/hustings/load/naive"

// Replay matches a whole stream in the plainest way. It returns the tally of all trades, prefill included, and how
// many orders rest at the end. A cancel of an order that has left the book does nothing.
func Replay(s *Stream) (Tally, int) {
	b := naive.New()
	tally := NewTally()
	for _, r := range s.Records {
		switch {
		case r.Kind != Cancel:
			for _, t := range b.Place(r.Side, r.Tick, r.Quantity, true) {
				tally.Add(t.Maker, r.ID, uint32(t.Tick), t.Quantity)
			}
		case b.Order(r.ID).Open > 0:
			b.Cancel(r.ID)
		}
	}
	return tally, len(b.Live())
}
