package manipulation

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/watch"
)

// Episode is a planted manipulation.
type Episode struct {
	Kind     watch.Kind
	Markets  []exchange.MarketID
	Accounts []exchange.AccountID
	From, To exchange.Time
}

// Series is what happened, and what of it was planted.
type Series struct {
	Records  []watch.Record   // of all shards, in the order in which it happened
	Journals [][]watch.Record // the same by shard, home first
	Events   int
	Episodes []Episode
}

const second = exchange.Time(1e9)

// world is the exchange, its people, and what they mean to do later.
type world struct {
	*rand.Rand
	shards  []*shard.Shard // home first
	out     shard.Output
	series  Series
	now     exchange.Time // a second
	tick    exchange.Time // within it: what happens in markets has a time of its own
	begin   exchange.Time
	end     exchange.Time
	plans   map[exchange.Time][]func()
	markets []*place
	people  int
}

// place is a market, as those who trade there see it.
type place struct {
	id     exchange.MarketID
	shard  exchange.ShardID
	fair   float64 // in ticks of a cent
	rate   float64 // traders that come in a second
	quoted float64 // contracts that makers quote in a second
	phase  float64
}

func newWorld(c Config) *world {
	w := &world{Rand: rand.New(rand.NewPCG(c.Seed, 1)), plans: map[exchange.Time][]func(){}, now: exchange.Time(1_800_000_000) * second}
	w.series.Journals = make([][]watch.Record, c.Shards)
	for id := range exchange.ShardID(c.Shards) {
		w.shards = append(w.shards, shard.New())
		w.also(id+1, &exchange.SwitchRules{Version: exchange.RulesVersion})
	}
	w.begin = w.now
	w.end = w.now + exchange.Time(c.Hours)*3600*second
	return w
}

// do has a shard execute a command now.
func (w *world) do(id exchange.ShardID, cmd exchange.Command) *exchange.Reply {
	w.tick++
	return w.also(id, cmd)
}

// also has a shard execute a command at the time of the one before.
func (w *world) also(id exchange.ShardID, cmd exchange.Command) *exchange.Reply {
	batch, err := wire.AppendCommand(wire.AppendBatchHead(nil, w.now+w.tick, 1), cmd)
	if err == nil {
		err = w.shards[id-1].Apply(batch, &w.out)
	}
	if err != nil {
		panic(fmt.Sprintf("manipulation: %v", err)) // what is made here is well formed
	}
	w.keep(id)
	return &w.out.Replies[0]
}

// keep keeps the events of the batch.
func (w *world) keep(id exchange.ShardID) {
	if w.out.Count > 0 {
		r := watch.Record{Shard: id, Time: w.out.Time, First: w.out.FirstSeq, Count: w.out.Count, Events: bytes.Clone(w.out.Events)}
		w.series.Records = append(w.series.Records, r)
		w.series.Journals[id-1] = append(w.series.Journals[id-1], r)
		w.series.Events += w.out.Count
	}
}

// settle lets the exchange do what it has still to do, such as the single cancels of a mass cancel.
func (w *world) settle() {
	for i, s := range w.shards {
		for s.Backlog() {
			w.tick++
			if err := s.Apply(wire.AppendBatchHead(nil, w.now+w.tick, 0), &w.out); err != nil {
				panic(fmt.Sprintf("manipulation: %v", err))
			}
			w.keep(exchange.ShardID(i + 1))
		}
	}
}

// later plans something.
func (w *world) later(seconds float64, do func()) {
	at := w.now + max(1, exchange.Time(seconds))*second
	w.plans[at] = append(w.plans[at], do)
}

// account makes one with money enough on every shard.
func (w *world) account() exchange.AccountID {
	const home, amount = exchange.HomeShard, 1e12
	w.people++
	id := exchange.AccountID(w.do(home, &exchange.Register{Name: fmt.Sprintf("person-%d", w.people), PasswordHash: "-"}).ID)
	w.do(home, &exchange.Deposit{Account: id, Amount: amount})
	for i := range w.shards[1:] {
		w.also(home+1+exchange.ShardID(i), &exchange.ReceiveTransfer{From: home, Number: uint64(w.people), Account: id, Amount: amount})
	}
	return id
}

// market makes the next market, on the shard whose turn it is.
func (w *world) market() *place {
	n := len(w.markets)
	on := exchange.ShardID(n%len(w.shards) + 1)
	r := w.do(on, &exchange.CreateMarket{ID: exchange.MarketID(n + 1), Spec: exchange.MarketSpec{Question: "Will this be a market to watch?", Tick: exchange.TickRule{Middle: 100},
		PositionLimit: exchange.MaxPosition, Flags: exchange.SelfTradesAllowed}})
	return &place{id: exchange.MarketID(r.ID), shard: on, fair: 20 + 60*w.Float64(), rate: 0.03 * math.Pow(20, w.Float64()), phase: 2 * math.Pi * w.Float64()}
}

// cents makes a price of ticks, inside what is allowed.
func cents(ticks float64) exchange.Price {
	return exchange.Price(max(1, min(99, math.Round(ticks)))) * 100
}

// order places an order, and returns its id and what is left of it to rest.
func (w *world) order(who exchange.AccountID, m *place, side exchange.Side, ticks float64, quantity int, tif exchange.TimeInForce) (exchange.OrderID, exchange.Quantity) {
	r := w.do(m.shard, &exchange.PlaceOrder{Account: who, Market: m.id, Side: side, TimeInForce: tif, Price: cents(ticks), Quantity: exchange.Quantity(max(1, quantity))})
	if r.Code != exchange.Accepted {
		return 0, 0
	}
	return exchange.OrderID(r.ID), r.Remaining
}

func (w *world) cancel(who exchange.AccountID, m *place, id exchange.OrderID) {
	if id != 0 {
		w.do(m.shard, &exchange.CancelOrder{Account: who, Market: m.id, Order: id})
	}
}

// toward is one tick times the direction that a side wants: up for a buyer.
func toward(side exchange.Side) float64 {
	if side == exchange.Buy {
		return 1
	}
	return -1
}

func (w *world) side() exchange.Side { return exchange.Side(w.IntN(2)) }

// between draws evenly.
func (w *world) between(low, high float64) float64 { return low + (high-low)*w.Float64() }

// size is how much somebody orders: mostly little.
func (w *world) size() int { return 1 + int(w.ExpFloat64()*15) }
