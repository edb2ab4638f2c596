package manipulation

import (
	"math"

	"github.com/hustings/hustings/exchange"
)

// maker quotes both sides of a market.
type maker struct {
	who      exchange.AccountID
	at       *place
	bid, ask exchange.OrderID
	width    float64
	size     int
}

// quote replaces both quotes. After a fill, or after a while, it quotes again.
func (m *maker) quote(w *world) {
	w.cancel(m.who, m.at, m.bid)
	w.cancel(m.who, m.at, m.ask)
	size := int(float64(m.size) * w.between(0.5, 1.5))
	m.bid, _ = w.order(m.who, m.at, exchange.Buy, m.at.fair-m.width, size, exchange.GoodTillCancelled)
	m.ask, _ = w.order(m.who, m.at, exchange.Sell, m.at.fair+m.width, size, exchange.GoodTillCancelled)
	if w.Float64() < 0.02 { // gets rid of what it holds
		side := w.side()
		w.order(m.who, m.at, side, m.at.fair+3*toward(side), int(float64(m.size)*w.between(0.3, 0.7)), exchange.ImmediateOrCancel)
	}
	w.later(w.between(2, 2*meanQuote-2), func() { m.quote(w) })
}

// meanQuote is how long a quote stands, in seconds.
const meanQuote = 5.5

// crowd has traders come to a market for a second.
func (w *world) crowd(m *place, people []exchange.AccountID) {
	hour := float64(w.now-w.begin) / float64(3600*second)
	rate := m.rate * (1 + 0.6*math.Sin(hour*2+m.phase))
	for range w.poisson(rate) {
		who, side := people[w.IntN(len(people))], w.side()
		switch p := w.Float64(); {
		case p < 0.65:
			w.order(who, m, side, m.fair+3*toward(side), w.size(), exchange.ImmediateOrCancel)
		case p < 0.97:
			w.patient(who, m, side, w.size())
		default:
			w.patient(who, m, side, 100+w.IntN(400))
		}
	}
	m.fair = max(5, min(95, m.fair+0.05*w.NormFloat64()))
}

// patient places an order that waits, and may be taken back.
func (w *world) patient(who exchange.AccountID, m *place, side exchange.Side, quantity int) {
	id, rest := w.order(who, m, side, m.fair-w.between(1, 5)*toward(side), quantity, exchange.GoodTillCancelled)
	if rest > 0 {
		w.later(w.between(5, 400), func() { w.cancel(who, m, id) })
	}
}

// poisson draws how many of what comes at random come (Knuth's method).
func (w *world) poisson(mean float64) (n int) {
	for p, least := w.Float64(), math.Exp(-mean); p > least; p *= w.Float64() {
		n++
	}
	return n
}

// regulars are two who trade with each other again and again, always in the same direction: no wash.
func (w *world) regulars(m *place) {
	seller, buyer := w.account(), w.account()
	for range 12 {
		w.later(w.between(60, float64((w.end-w.now)/second)-60), func() {
			id, _ := w.order(seller, m, exchange.Sell, m.fair, 20+w.IntN(30), exchange.GoodTillCancelled)
			w.later(1, func() {
				w.order(buyer, m, exchange.Buy, m.fair+1, 20+w.IntN(30), exchange.ImmediateOrCancel)
				w.cancel(seller, m, id)
			})
		})
	}
}
