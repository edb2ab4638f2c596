package manipulation

import (
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/watch"
)

// plant has a manipulation begin now in one market, or in several of them in turn, and returns when it will be over.
type plant func(w *world, where []*place) Episode

var plants = [watch.Kinds]plant{
	watch.VolumeSurge: plantSurge, watch.OrderToTrade: plantMessages, watch.Layering: plantLayers,
	watch.WashPair: plantPair, watch.SelfTrade: plantSelf, watch.WashRing: plantRing,
}

// plantSurge has a crowd of new accounts order far more than is usual, for some minutes.
func plantSurge(w *world, where []*place) Episode {
	m := where[0]
	var crowd []exchange.AccountID
	for range 20 {
		crowd = append(crowd, w.account())
	}
	length := w.between(120, 240)
	each := w.between(3, 6) * (m.quoted + 16*m.rate) // contracts a second
	for at := 1.0; at < length; at++ {
		w.later(at, func() {
			for left := w.between(0.5, 1.5) * each; left > 0; {
				n := 1 + w.IntN(60)
				left -= float64(n)
				side := w.side()
				w.order(crowd[w.IntN(len(crowd))], m, side, m.fair+2*toward(side), n, exchange.ImmediateOrCancel)
			}
		})
	}
	return Episode{To: w.now + exchange.Time(length)*second}
}

// plantMessages has an account flood a market with orders that it takes back at once.
func plantMessages(w *world, where []*place) Episode {
	who := w.account()
	length := w.between(240, 400)
	for at := 1.0; at < length; at++ {
		m := where[int(at)%len(where)]
		w.later(at, func() {
			for range 1 + w.IntN(3) {
				side := w.side()
				id, _ := w.order(who, m, side, m.fair-w.between(3, 8)*toward(side), 1+w.IntN(5), exchange.GoodTillCancelled)
				w.cancel(who, m, id)
			}
		})
	}
	return Episode{Accounts: []exchange.AccountID{who}, To: w.now + exchange.Time(length)*second}
}

// plantLayers has an account show much on one side, trade little on the other, and take back what it showed; some times.
func plantLayers(w *world, where []*place) Episode {
	who := w.account()
	at := 1.0
	for n := range 4 + w.IntN(3) {
		w.later(at, func() { w.layer(who, where[n%len(where)]) })
		at += w.between(60, 300)
	}
	return Episode{Accounts: []exchange.AccountID{who}, To: w.now + exchange.Time(at+60)*second}
}

func (w *world) layer(who exchange.AccountID, m *place) {
	shown := w.side()
	var ids []exchange.OrderID
	layers := 1 + w.IntN(4)
	for i := range layers {
		id, _ := w.order(who, m, shown, m.fair-(4+float64(i))*toward(shown), (300+w.IntN(400))/layers, exchange.GoodTillCancelled)
		ids = append(ids, id)
	}
	w.later(w.between(2, 20), func() {
		w.order(who, m, shown.Opposite(), m.fair-3*toward(shown), 8+w.IntN(25), exchange.ImmediateOrCancel)
		for _, id := range ids {
			w.later(w.between(1, 6), func() { w.cancel(who, m, id) })
		}
	})
}

// handOver has one account sell to another at a price between the quotes.
func (w *world) handOver(from, to exchange.AccountID, m *place, quantity int) {
	id, _ := w.order(from, m, exchange.Sell, m.fair, quantity, exchange.GoodTillCancelled)
	w.order(to, m, exchange.Buy, m.fair, quantity, exchange.ImmediateOrCancel)
	w.cancel(from, m, id)
}

// plantPair has two accounts trade back and forth.
func plantPair(w *world, where []*place) Episode {
	a, b := w.account(), w.account()
	at, quantity := 1.0, 20+w.IntN(60)
	for n := range 4 + w.IntN(4) {
		m := where[n%len(where)]
		w.later(at, func() { w.handOver(a, b, m, quantity) })
		at += w.between(5, 90)
		w.later(at, func() { w.handOver(b, a, m, quantity-w.IntN(5)) })
		at += w.between(5, 90)
	}
	return Episode{Accounts: []exchange.AccountID{a, b}, To: w.now + exchange.Time(at+10)*second}
}

// plantSelf has an account trade with itself.
func plantSelf(w *world, where []*place) Episode {
	who := w.account()
	at := 1.0
	for n := range 4 + w.IntN(4) {
		m := where[n%len(where)]
		w.later(at, func() {
			quantity := exchange.Quantity(10 + w.IntN(40))
			id, _ := w.order(who, m, exchange.Sell, m.fair, int(quantity), exchange.GoodTillCancelled)
			w.do(m.shard, &exchange.PlaceOrder{Account: who, Market: m.id, Side: exchange.Buy, SelfTrade: exchange.AllowSelfTrade,
				TimeInForce: exchange.ImmediateOrCancel, Price: cents(m.fair), Quantity: quantity})
			w.cancel(who, m, id)
		})
		at += w.between(20, 120)
	}
	return Episode{Accounts: []exchange.AccountID{who}, To: w.now + exchange.Time(at+10)*second}
}

// plantRing has contracts go round three accounts.
func plantRing(w *world, where []*place) Episode {
	three := []exchange.AccountID{w.account(), w.account(), w.account()}
	at, quantity := 1.0, 30+w.IntN(40)
	for n := range 5 {
		for i := range three {
			w.later(at, func() { w.handOver(three[i], three[(i+1)%3], where[n%len(where)], quantity-w.IntN(4)) })
			at += w.between(3, 20)
		}
		at += w.between(10, 120)
	}
	return Episode{Accounts: three, To: w.now + exchange.Time(at+10)*second}
}
