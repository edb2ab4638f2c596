package shard

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// The keys of all commands about a market can be found by it, refused ones too, also in a restored state. A command that opens
// a market without naming it is not about one: its key stays when the market moves.
func TestKeysAreFoundByTheirMarket(t *testing.T) {
	s := New()
	key := func(n byte) exchange.Key { return exchange.Key{n} }
	spec := exchange.MarketSpec{Question: "Will it be found?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 1_000}
	order := exchange.NewOrderID(1, 1)
	act := func(n byte) exchange.MarketAction { return exchange.MarketAction{Key: key(n), Market: 1} }
	for _, cmd := range []exchange.Command{&exchange.Register{Name: "alice", Key: key(1)}, &exchange.Deposit{Account: 1, Amount: 1_000_0000, Key: key(2)},
		&exchange.CreateMarket{Spec: spec, Key: key(3)}, &exchange.CreateMarket{Spec: spec, Key: key(4)},
		&exchange.PlaceOrder{Account: 1, Market: 1, Price: 4_000, Quantity: 10, Key: key(5)},
		&exchange.PlaceOrder{Account: 1, Market: 2, Price: 4_000, Quantity: 10, Key: key(6)},
		&exchange.PlaceOrder{Account: 1, Market: 1, Price: 4_000, Quantity: 0, Key: key(7)},
		&exchange.AmendOrder{Account: 1, Market: 1, Order: order, Price: 4_100, Key: key(8)},
		&exchange.CancelOrder{Account: 1, Market: 1, Order: order, Key: key(9)},
		&exchange.MassCancel{Account: 1, Key: key(10)},
		&exchange.MassCancel{Account: 1, Market: 1, Key: key(11)},
		&exchange.SuspendMarket{MarketAction: act(12)},
		&exchange.PlaceOrder{Account: 1, Market: 3, Price: 4_000, Quantity: 10, Key: key(13)},
		&exchange.PlaceOrder{Account: 1, Market: 1, Price: 4_000, Quantity: 10, Key: key(5)}} {
		answer(t, s, cmd)
	}
	_, load := dump(t, s.Freeze())
	for name, s := range map[string]*Shard{"live": s, "restored": load()} {
		for market, want := range map[exchange.MarketID][]byte{1: {12, 11, 9, 8, 7, 5}, 2: {6}} {
			var got []byte
			m := s.market(market)
			for e := s.keys.Newest(&m.Keys, market); e != nil; e = s.keys.Older(e) {
				got = append(got, e.Key[0])
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: market %d has the keys %v, want %v", name, market, got, want)
			}
		}
	}
}
