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
	Planted  int // manipulations of each kind
	Traders  int
	PerMaker int // markets that a maker quotes
}

// Default is a series that takes seconds to make.
func Default(seed uint64) Config {
	return Config{Seed: seed, Hours: 3, Markets: 24, Planted: 10, Traders: 200, PerMaker: 6}
}

// settling is how long everything runs before anything is planted: nothing is unusual where nothing is known.
const settling = 1800 * second

// Generate makes a series. The same Config makes the same one.
func Generate(c Config) *Series {
	w := newWorld(c.Seed, c.Hours)
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
		for range c.Planted {
			at := w.between(float64(settling/second), float64((w.end-w.begin)/second)-1800)
			m := w.markets[w.IntN(len(w.markets))]
			w.later(at, func() {
				from := w.now
				e := begin(w, m)
				e.Kind, e.From = watch.Kind(kind), from
				w.series.Episodes = append(w.series.Episodes, e)
			})
		}
	}
	for ; w.now < w.end; w.now += second {
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
