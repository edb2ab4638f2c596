package watch

import (
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
)

// tape shows events to a Watch, one after the other.
type tape struct {
	*Watch
	shard exchange.ShardID
	now   exchange.Time
	seq   exchange.Seq
	order exchange.OrderID
	found []Finding
}

func newTape() *tape {
	t := &tape{shard: 1, now: exchange.Time(1_800_000_000) * second}
	t.Watch = New(DefaultRoom(), func(f Finding) { t.found = append(t.found, f) })
	return t
}

func (t *tape) event(e exchange.Event) exchange.Seq {
	t.seq++
	t.Event(t.shard, t.now, t.seq, e)
	return t.seq
}

func (t *tape) place(market exchange.MarketID, who exchange.AccountID, side exchange.Side, quantity, resting exchange.Quantity) exchange.OrderID {
	t.order = exchange.NewOrderID(t.order.Number()+1, 1)
	t.event(&exchange.OrderPlaced{Market: market, Order: t.order, Account: who, Side: side, Quantity: quantity, Resting: resting})
	return t.order
}

func (t *tape) cancel(market exchange.MarketID, who exchange.AccountID, id exchange.OrderID, quantity exchange.Quantity, why exchange.CancelReason) {
	t.event(&exchange.OrderCancelled{Release: exchange.Release{Market: market, Order: id, Account: who, Quantity: quantity}, Reason: why})
}

// trade has one account buy from another, whose order rested.
func (t *tape) trade(market exchange.MarketID, seller, buyer exchange.AccountID, quantity exchange.Quantity) {
	maker := t.place(market, seller, exchange.Sell, quantity, quantity)
	taker := t.place(market, buyer, exchange.Buy, quantity, 0)
	t.event(&exchange.OrderMatched{Market: market, TakerSide: exchange.Buy, Price: 5_000, Quantity: quantity,
		Maker: maker, Taker: taker, MakerAccount: seller, TakerAccount: buyer})
}

func (t *tape) wait(seconds exchange.Time) { t.now += seconds * second }

func (t *tape) kinds() (kinds []string) {
	for _, f := range t.found {
		kinds = append(kinds, f.Kind.String())
	}
	return kinds
}

// traffic is a market in which so many contracts are ordered in each of some minutes, by many.
func (t *tape) traffic(market exchange.MarketID, minutes int, contracts func(minute int) exchange.Quantity) {
	for m := range minutes {
		for part := range 6 {
			t.place(market, exchange.AccountID(1000+6*m+part), exchange.Buy, contracts(m)/6, 0)
			t.wait(10)
		}
	}
}

func steady(contracts exchange.Quantity) func(int) exchange.Quantity {
	return func(int) exchange.Quantity { return contracts }
}

func TestVolumeSurge(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*tape)
		want int
	}{
		{"ten times what is usual", func(t *tape) { t.traffic(1, 60, steady(6000)); t.traffic(1, 2, steady(60_000)) }, 1},
		{"a half more", func(t *tape) { t.traffic(1, 60, steady(6000)); t.traffic(1, 5, steady(9000)) }, 0},
		{"never any deviation, then a little", func(t *tape) { t.traffic(1, 60, steady(600)); t.traffic(1, 2, steady(900)) }, 0},
		{"nobody knows what is usual yet", func(t *tape) { t.traffic(1, 5, steady(600)); t.traffic(1, 2, steady(60_000)) }, 0},
		{"a still market wakes up", func(t *tape) { t.traffic(1, 1, steady(6)); t.wait(3600); t.traffic(1, 2, steady(6000)) }, 1},
		{"another market", func(t *tape) {
			t.traffic(1, 60, steady(60_000))
			t.traffic(2, 60, steady(6000))
			t.traffic(2, 1, steady(60_000))
		}, 1},
		{"told once for one surge", func(t *tape) { t.traffic(1, 60, steady(6000)); t.traffic(1, 10, steady(60_000)) }, 1},
		{"it doubles in half a day: people come", func(t *tape) {
			t.traffic(1, 720, func(m int) exchange.Quantity { return exchange.Quantity(6000 + 6000*m/720) })
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := newTape()
			c.tell(tape)
			if len(tape.found) != c.want {
				t.Errorf("%d findings, not %d: %+v", len(tape.found), c.want, tape.found)
			}
			for _, f := range tape.found {
				if f.Kind != VolumeSurge || f.Score <= 100 || f.Observed <= f.Limit || len(f.Evidence) == 0 {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// Who raises the volume by one per cent a minute for hours, so that the last hour always looks usual, is seen by the slow average.
func TestSlowPoisoningIsFound(t *testing.T) {
	tape := newTape()
	tape.traffic(1, 300, steady(6000))
	tape.traffic(1, 240, func(m int) exchange.Quantity {
		q := 6000.0
		for range m {
			q *= 1.01
		}
		return exchange.Quantity(q)
	})
	if !slices.Contains(tape.kinds(), "volume_surge") {
		t.Error("the volume grew tenfold in four hours, and nobody noticed")
	}
}

// Minutes that are far out move what is usual only so much: the second surge is found as well as the first.
func TestASurgeDoesNotHideTheNext(t *testing.T) {
	tape := newTape()
	tape.traffic(1, 60, steady(6000))
	for range 10 {
		tape.traffic(1, 3, steady(18_000))
		tape.traffic(1, 20, steady(6000))
	}
	if len(tape.found) != 10 {
		t.Errorf("%d of 10 surges are found", len(tape.found))
	}
}

func TestOrderToTrade(t *testing.T) {
	flood := func(t *tape, orders int, life exchange.Time, every int) {
		for i := range orders {
			id := t.place(1, 7, exchange.Buy, 1, 1)
			t.now += life
			t.cancel(1, 7, id, 1, exchange.CancelRequested)
			if every > 0 && i%every == 0 {
				t.trade(1, 8, 7, 1)
			}
		}
	}
	for _, c := range []struct {
		name string
		tell func(*tape)
		want []string
	}{
		{"a flood of orders that are taken back at once", func(t *tape) { flood(t, 400, second/100, 0) }, []string{"order_to_trade"}},
		{"as many, and it trades", func(t *tape) { flood(t, 400, second/100, 20) }, nil},
		{"quotes that stand for seconds", func(t *tape) { flood(t, 400, 2*second, 0) }, nil},
		{"too few to matter", func(t *tape) { flood(t, 200, second/100, 0) }, nil},
		{"spread over an hour", func(t *tape) {
			for range 12 {
				flood(t, 40, second/100, 0)
				t.wait(300)
			}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := newTape()
			c.tell(tape)
			if diff := cmp.Diff(c.want, tape.kinds()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLayering(t *testing.T) {
	type shape struct {
		shown, traded exchange.Quantity
		opposite      exchange.Quantity // that the account shows where it trades
		before, after exchange.Time     // the trade
		why           exchange.CancelReason
		times         int
	}
	usual := shape{shown: 300, traded: 10, before: 5, after: 2, times: 3}
	for _, c := range []struct {
		name   string
		change func(*shape)
		want   []string
	}{
		{"shown, traded against, taken away; three times", func(*shape) {}, []string{"layering"}},
		{"twice", func(s *shape) { s.times = 2 }, nil},
		{"five times is told once", func(s *shape) { s.times = 5 }, []string{"layering"}},
		{"a maker shows as much on both sides", func(s *shape) { s.opposite = 200 }, nil},
		{"little was shown", func(s *shape) { s.shown = 100 }, nil},
		{"as much is traded as was shown", func(s *shape) { s.traded = 300 }, nil},
		{"it stood for long before", func(s *shape) { s.before = 120 }, nil},
		{"it stood for long after", func(s *shape) { s.after = 60 }, nil},
		{"the market was suspended", func(s *shape) { s.why = exchange.CancelMarketOperator }, nil},
		{"by a mass cancel", func(s *shape) { s.why = exchange.CancelMass }, []string{"layering"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := usual
			c.change(&s)
			tape := newTape()
			for range s.times {
				id := tape.place(1, 7, exchange.Buy, s.shown, s.shown)
				var quote exchange.OrderID
				if s.opposite > 0 {
					quote = tape.place(1, 7, exchange.Sell, s.opposite, s.opposite)
				}
				tape.wait(s.before)
				tape.trade(1, 7, 8, s.traded)
				tape.wait(s.after)
				tape.cancel(1, 7, id, s.shown, s.why)
				if quote != 0 {
					tape.cancel(1, 7, quote, s.opposite, s.why)
				}
				tape.wait(90)
			}
			if diff := cmp.Diff(c.want, tape.kinds()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWash(t *testing.T) {
	back := func(t *tape, times int) {
		for i := range times {
			t.trade(1, exchange.AccountID(7+i%2), exchange.AccountID(8-i%2), 50)
			t.wait(20)
		}
	}
	for _, c := range []struct {
		name string
		tell func(*tape)
		want []string
	}{
		{"back and forth", func(t *tape) { back(t, 5) }, []string{"wash_pair"}},
		{"too seldom to say", func(t *tape) { back(t, 4) }, nil},
		{"always the same way", func(t *tape) {
			for range 20 {
				t.trade(1, 7, 8, 50)
				t.wait(20)
			}
		}, nil},
		{"they trade far more with others", func(t *tape) {
			for i := range exchange.AccountID(8) {
				t.trade(1, 100+i, 7, 200)
			}
			back(t, 5)
		}, nil},
		{"with itself", func(t *tape) {
			for range 3 {
				t.trade(1, 7, 7, 10)
				t.wait(20)
			}
		}, []string{"self_trade"}},
		{"round three, three times", func(t *tape) {
			for range 3 {
				t.trade(1, 7, 8, 50)
				t.trade(1, 8, 9, 49)
				t.trade(1, 9, 7, 48)
				t.wait(60)
			}
		}, []string{"wash_ring"}},
		{"once round three, whichever of the last trades is counted", func(t *tape) {
			t.trade(1, 7, 8, 50)
			t.trade(1, 8, 9, 50)
			for range 5 {
				t.trade(1, 9, 7, 50)
			}
		}, nil},
		{"round three, in different sizes", func(t *tape) {
			for range 3 {
				t.trade(1, 7, 8, 50)
				t.trade(1, 8, 9, 10)
				t.trade(1, 9, 7, 90)
				t.wait(60)
			}
		}, nil},
		{"round three, too slowly to be one deal", func(t *tape) {
			for range 3 {
				for i := range exchange.AccountID(3) {
					t.trade(1, 7+i, 7+(i+1)%3, 50)
					t.wait(120)
				}
			}
		}, nil},
		{"along the same chain, again and again", func(t *tape) {
			for range 4 {
				t.trade(1, 7, 8, 50)
				t.trade(1, 8, 9, 50)
				t.trade(1, 9, 10, 50)
				t.wait(240)
			}
		}, nil},
		{"along a chain", func(t *tape) {
			for i := range exchange.AccountID(20) {
				t.trade(1, 7+i, 8+i, 50)
				t.wait(5)
			}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := newTape()
			c.tell(tape)
			if diff := cmp.Diff(c.want, tape.kinds()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What accounts do a little in each of several markets, on several shards, counts as if it were in one, and is told once.
func TestAccountsAreSeenOverMarkets(t *testing.T) {
	in := func(t *tape, n int) exchange.MarketID {
		t.shard = exchange.ShardID(1 + n%3)
		return exchange.MarketID(1 + n%3)
	}
	for _, c := range []struct {
		name string
		tell func(*tape)
		want []string
	}{
		{"back and forth", func(t *tape) {
			for n := range 5 {
				market := in(t, n)
				t.trade(market, 7, 8, 50)
				t.wait(20)
				t.trade(market, 8, 7, 50)
				t.wait(20)
			}
		}, []string{"wash_pair"}},
		{"back and forth, and far more with others in yet another market", func(t *tape) {
			for i := range exchange.AccountID(8) {
				t.trade(9, 100+i, 7, 200)
			}
			for n := range 5 {
				market := in(t, n)
				t.trade(market, 7, 8, 50)
				t.wait(20)
				t.trade(market, 8, 7, 50)
				t.wait(20)
			}
		}, nil},
		{"one way in one market, the other way in another: nothing is given back", func(t *tape) {
			for n := range 12 {
				t.trade(in(t, n%2), exchange.AccountID(7+n%2), exchange.AccountID(8-n%2), 50)
				t.wait(20)
			}
		}, nil},
		{"with itself", func(t *tape) {
			for n := range 6 {
				t.trade(in(t, n), 7, 7, 10)
				t.wait(20)
			}
		}, []string{"self_trade"}},
		{"round three, once in each", func(t *tape) {
			for n := range 3 {
				market := in(t, n)
				t.trade(market, 7, 8, 50)
				t.trade(market, 8, 9, 49)
				t.trade(market, 9, 7, 48)
				t.wait(60)
			}
		}, []string{"wash_ring"}},
		{"each third of a round in another market: no contracts go round", func(t *tape) {
			for range 5 {
				t.trade(in(t, 0), 7, 8, 50)
				t.trade(in(t, 1), 8, 9, 50)
				t.trade(in(t, 2), 9, 7, 50)
				t.wait(60)
			}
		}, nil},
		{"layers", func(t *tape) {
			for n := range 3 {
				market := in(t, n)
				id := t.place(market, 7, exchange.Buy, 300, 300)
				t.trade(market, 7, 8, 10)
				t.cancel(market, 7, id, 300, exchange.CancelRequested)
				t.wait(90)
			}
		}, []string{"layering"}},
		{"messages", func(t *tape) {
			for n := range 300 {
				market := in(t, n)
				t.cancel(market, 7, t.place(market, 7, exchange.Buy, 1, 1), 1, exchange.CancelRequested)
			}
		}, []string{"order_to_trade"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := newTape()
			c.tell(tape)
			if diff := cmp.Diff(c.want, tape.kinds()); diff != "" {
				t.Error(diff)
			}
			for _, f := range tape.found {
				other := func(e Evidence) bool { return e.Shard != f.Evidence[0].Shard }
				if len(f.Markets) < 2 || !slices.ContainsFunc(f.Evidence, other) {
					t.Errorf("of one market or shard: %+v", f)
				}
			}
		})
	}
}

// A market that moves keeps what is known of it, and its orders, of which the other shard may have others by the same ids.
func TestAMarketThatMovesIsKnown(t *testing.T) {
	tape := newTape()
	tape.traffic(1, 60, steady(6000))
	first := tape.order
	for n := range 3 {
		tape.shard = 1
		id := tape.place(1, 7, exchange.Buy, 300, 300)
		tape.shard = 2
		tape.order -= exchange.NewOrderID(1, 0) // the other shard counts by itself
		tape.place(2, 9, exchange.Sell, 1, 1)
		tape.trade(1, 7, 8, 10)
		tape.cancel(1, 7, id, 300, exchange.CancelRequested)
		tape.wait(90)
		if n == 0 && id <= first {
			t.Fatal("not a later order")
		}
	}
	tape.traffic(1, 2, steady(60_000))
	if diff := cmp.Diff([]string{"layering", "volume_surge"}, tape.kinds()); diff != "" {
		t.Error(diff)
	}
}

// A finding says who, where, when, and by which events.
func TestAFindingCanBeFollowed(t *testing.T) {
	tape := newTape()
	begun := tape.now
	for range 3 {
		tape.trade(5, 7, 7, 10)
		tape.wait(20)
	}
	want := []Finding{{Kind: SelfTrade, Markets: []exchange.MarketID{5}, Accounts: []exchange.AccountID{7}, From: begun, To: begun + 40*second,
		Evidence: []Evidence{{3, 5, 1}, {6, 5, 1}, {9, 5, 1}}, Score: 100, Observed: 3, Limit: 3}}
	if diff := cmp.Diff(want, tape.found); diff != "" {
		t.Error(diff)
	}
}

func TestKindsHaveNames(t *testing.T) {
	for k := range Kinds {
		if back, ok := ParseKind(k.String()); !ok || back != k {
			t.Errorf("kind %d is called %q", k, k)
		}
	}
	if _, ok := ParseKind("unknown"); ok {
		t.Error("unknown is a kind")
	}
}

// A million markets and accounts take no more memory than a few.
func TestMemoryIsBounded(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	tape := newTape()
	tape.place(1, 1, exchange.Buy, 10, 10) // room for the orders of a shard is made when it has one
	before := heap()
	for i := range 1_000_000 {
		tape.place(exchange.MarketID(1+i), exchange.AccountID(1+i), exchange.Buy, 10, 10)
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	runtime.KeepAlive(tape)
}

// The table finds what it holds, and of what does not fit the one used last stays.
func TestTableKeepsWhatIsUsed(t *testing.T) {
	table := newTable[int](64)
	for i := range 10_000 {
		if v := table.at(1); i > 0 && *v != 7 {
			t.Fatal("what was used last is gone")
		}
		*table.at(1) = 7
		*table.at(uint64(2 + i)) = i
	}
	if v := table.find(1); v == nil || *v != 7 {
		t.Error("what was used all the time is gone")
	}
	kept := 0
	for i := range 10_000 {
		if v := table.find(uint64(2 + i)); v != nil {
			kept++
			if *v != i {
				t.Fatalf("key %d has the value %d", 2+i, *v)
			}
		}
	}
	if kept == 0 || kept > 64 {
		t.Errorf("%d entries are kept in room for 64", kept)
	}
}

// What was traded in the last hour is known right after the hour, too: no share of it is great only because counting began anew.
func TestTradedIsOfTheLastHour(t *testing.T) {
	var x traded
	now := exchange.Time(1_800_000_000) * second
	for _, c := range []struct {
		wait exchange.Time
		want uint32
	}{{0, 100}, {30 * minute, 200}, {30 * minute, 300}, {15 * minute, 350}, {45 * minute, 300}, {3 * hour, 100}} {
		now += c.wait
		if got := x.add(now, 100); got != c.want {
			t.Errorf("after %v: %d, not %d", c.wait/minute, got, c.want)
		}
	}
}
