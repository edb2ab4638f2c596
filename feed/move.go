package feed

import (
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// An adoption is a market that has come to a shard. The logs of shards are folded one independently of the other, and what
// the market did before it left comes first, so the shard it came to waits until the other one is folded that far. That
// cannot go in circles: what is waited for has happened before. It does not last for ever either, since a node may never
// see it: a replica that was behind is given a copy of the state.
type adoption struct {
	market exchange.MarketID
	move   uint32
	until  time.Time // of the wait
}

// patience is how long a shard waits for another. Then the market is followed anew, and those who watch it get an image.
const patience = 2 * time.Second

// over reports whether the wait is over.
func (a *adoption) over(f *Feed) bool {
	return f.left(a) || !f.config.Now().Before(a.until)
}

// left reports whether everything that an adopted market did before is folded.
func (f *Feed) left(a *adoption) bool {
	m := f.markets[a.market]
	return m == nil || m.in == nil || m.frozen == a.move || m.epoch >= a.move
}

// steps takes the moves on that were given up with a record, and returns the markets that have come with it.
func (f *Feed) steps(in *inlet, r *record) (all []adoption) {
	for events := r.events; len(events) > 0; {
		frame, rest, err := wire.Next(events)
		if err != nil {
			return all
		}
		events = rest
		kind := wire.EventKind(frame)
		if kind != exchange.KindMarketPartAdopted && kind != exchange.KindMarketThawed {
			continue
		}
		event, err := f.decoder.Event(frame)
		if err != nil {
			return all // the read model has read it
		}
		switch e := event.(type) {
		case *exchange.MarketPartAdopted:
			if e.Last {
				all = append(all, adoption{market: e.Market, move: e.Move})
			}
		case *exchange.MarketThawed:
			if m := f.here(in, r, e.Market); m != nil {
				m.frozen, m.epoch = 0, e.Move
			}
		}
	}
	return all
}

// wait returns the first adoption that has to be waited for, nil if there is none or it has been waited for enough.
func (f *Feed) wait(waited *adoption, all []adoption) *adoption {
	for i := range all {
		a := &all[i]
		switch {
		case f.left(a):
		case waited != nil && waited.market == a.market && waited.move == a.move:
			return nil
		default:
			a.until = f.config.Now().Add(patience)
			return a
		}
	}
	return nil
}

// adopt has a market go on at the shard to which it has come: its book is what it was, and its chains go on.
func (f *Feed) adopt(in *inlet, a *adoption) {
	m := f.markets[a.market]
	switch {
	case m == nil || m.in == in && m.epoch >= a.move:
	case m.frozen == a.move && m.in != nil:
		m.in, m.epoch, m.frozen, m.began = in, a.move, 0, in.seen
	default:
		f.reset(m)
	}
}
