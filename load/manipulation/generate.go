package manipulation

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/watch"
)

// Config says how much is made.
type Config struct {
	Seed     uint64
	Hours    int // of log time
	Markets  int
	Shards   int // on which the markets take turns; what happens is the same on however many
	Planted  int // manipulations of each kind, every other one in three markets at once
	Traders  int
	PerMaker int // markets that a maker quotes
}

// Default is a series that takes seconds to make.
func Default(seed uint64) Config {
	return Config{Seed: seed, Hours: 3, Markets: 24, Shards: 1, Planted: 10, Traders: 200, PerMaker: 6}
}

// settling is how long everything runs before anything is planted: nothing is unusual where nothing is known.
const settling = 1800 * second

// Generate makes a series. The same Config makes the same one.
func Generate(c Config) *Series {
	w := newWorld(c)
	var traders []exchange.AccountID
	for range c.Traders {
		traders = append(traders, w.account())
	}
	for range c.Markets {
		w.markets = append(w.markets, w.market())
	}
	for first := 0; first < c.Markets; first += max(1, c.PerMaker/3) { // three makers in each market
		who := w.account()
		for i := range c.PerMaker {
			m := &maker{who: who, at: w.markets[(first+i)%c.Markets], width: w.between(1.2, 2.5), size: 60 + w.IntN(120)}
			m.at.quoted += 2 * float64(m.size) / meanQuote
			w.later(w.between(1, 5), func() { m.quote(w) })
		}
	}
	for _, m := range w.markets[:c.Markets/4] {
		w.regulars(m)
	}
	for kind, begin := range plants {
		for n := range c.Planted {
			at := w.between(float64(settling/second), float64((w.end-w.begin)/second)-1800)
			where := []*place{w.markets[w.IntN(len(w.markets))]}
			if n%2 == 1 && watch.Kind(kind) != watch.VolumeSurge {
				where = append(where, w.beside(where[0], 1), w.beside(where[0], 2))
			}
			w.later(at, func() {
				from := w.now
				e := begin(w, where)
				e.Kind, e.From = watch.Kind(kind), from
				for _, m := range where {
					e.Markets = append(e.Markets, m.id)
				}
				w.series.Episodes = append(w.series.Episodes, e)
			})
		}
	}
	for ; w.now < w.end; w.now, w.tick = w.now+second, 0 {
		for plans := w.plans[w.now]; len(plans) > 0; plans = plans[1:] {
			plans[0]()
		}
		delete(w.plans, w.now)
		for _, m := range w.markets {
			w.crowd(m, traders)
		}
		w.settle()
	}
	return &w.series
}

// beside is the market so many places behind another one.
func (w *world) beside(m *place, places int) *place {
	return w.markets[(int(m.id)-1+places)%len(w.markets)]
}
