package feed

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/feed/message"
)

// world is two shards with traders and markets, their read models, and feeds that follow them.
type world struct {
	*rand.Rand
	t      *testing.T
	now    exchange.Time
	shards [3]*shard.Shard
	views  [3][]*projection.View // one for each node
	at     map[exchange.MarketID]exchange.ShardID
	nodes  []*testNode
	sums   map[exchange.MarketID]map[message.Point]uint32 // the checksum of each market's books at each place where they changed
	moves  int
}

type testNode struct {
	feed   *Feed
	server *httptest.Server
}

const traders = 5

func newWorld(t *testing.T, seed uint64, nodes int, config Config) *world {
	return newWorldOver(httptest.NewServer, t, seed, nodes, config)
}

// newWorldOver is newWorld with another server, such as one with TLS.
func newWorldOver(serve func(http.Handler) *httptest.Server, t *testing.T, seed uint64, nodes int, config Config) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 7)), t: t, now: exchange.Time(time.Now().UnixNano()),
		at: map[exchange.MarketID]exchange.ShardID{}, sums: map[exchange.MarketID]map[message.Point]uint32{}}
	for i := exchange.ShardID(1); i <= 2; i++ {
		w.shards[i] = shard.New()
		for range nodes {
			w.views[i] = append(w.views[i], projection.New())
		}
	}
	for range nodes {
		n := &testNode{feed: New(config)}
		n.server = serve(n.feed)
		w.nodes = append(w.nodes, n)
		t.Cleanup(func() {
			n.feed.Close()
			n.server.Close()
		})
	}
	for i := exchange.ShardID(1); i <= 2; i++ {
		w.do(i, &exchange.SwitchRules{Version: exchange.MoveRules})
		for a := range exchange.AccountID(traders) {
			if i == 1 {
				w.do(i, &exchange.Register{Name: fmt.Sprintf("trader-%d", a+1)}, &exchange.Deposit{Account: a + 1, Amount: 90_000_0000})
				continue
			}
			w.do(1, &exchange.SendTransfer{Account: a + 1, To: i, Amount: 20_000_0000})
			w.do(i, &exchange.ReceiveTransfer{From: 1, Number: uint64(a + 1), Account: a + 1, Amount: 20_000_0000})
			w.do(1, &exchange.ReleaseTransfer{To: i, Number: uint64(a + 1)})
		}
	}
	for n, node := range w.nodes {
		for i := exchange.ShardID(1); i <= 2; i++ {
			node.feed.Open(i, w.views[i][n])
		}
	}
	return w
}

// create opens a market; with names it is a categorical one.
func (w *world) create(id exchange.MarketID, at exchange.ShardID, names ...string) {
	sumsMu.Lock()
	w.at[id], w.sums[id] = at, map[message.Point]uint32{}
	sumsMu.Unlock()
	created := w.do(at, &exchange.CreateMarket{ID: id, Spec: exchange.MarketSpec{Question: "Will it arrive in time?", Outcomes: names,
		Tick: exchange.TickRule{Middle: 1}, TakerFee: 700, PositionLimit: 100_000}})
	if created[0].Code != exchange.Accepted {
		w.t.Fatalf("creating market %d: %v", id, created[0].Code)
	}
}

// do applies commands as one batch, and has every node's read model fold what they did.
func (w *world) do(at exchange.ShardID, commands ...exchange.Command) []exchange.Reply {
	w.t.Helper()
	w.now += exchange.Time(1 + w.IntN(1e6))
	batch := wire.AppendBatchHead(nil, w.now, len(commands))
	for _, c := range commands {
		var err error
		if batch, err = wire.AppendCommand(batch, c); err != nil {
			w.t.Fatal(err)
		}
	}
	var out shard.Output
	s := w.shards[at]
	if err := s.Apply(batch, &out); err != nil {
		w.t.Fatal(err)
	}
	replies := append([]exchange.Reply(nil), out.Replies...)
	w.fold(at, &out)
	for s.Backlog() {
		w.now++
		if err := s.Apply(wire.AppendBatchHead(nil, w.now, 0), &out); err != nil {
			w.t.Fatal(err)
		}
		w.fold(at, &out)
	}
	return replies
}

func (w *world) fold(at exchange.ShardID, out *shard.Output) {
	if out.Count == 0 {
		return
	}
	for _, v := range w.views[at] {
		if err := v.Apply(out.Time, out.FirstSeq, out.Events, out.Count); err != nil {
			w.t.Fatal(err)
		}
	}
	v := w.views[at][0]
	sumsMu.Lock()
	defer sumsMu.Unlock()
	for id, home := range w.at {
		if home != at {
			continue
		}
		if moving, holds := v.Holds(id); holds && moving.Stage == projection.StageHere {
			p := message.Point{Epoch: moving.Move, Seq: joinSeq(at, v.Seq())}
			w.sums[id][p] = w.books(id).Checksum()
		}
	}
}

// books returns the books of a market as the read model has them.
func (w *world) books(id exchange.MarketID) *message.Books {
	v := w.views[w.at[id]][0]
	m, ok := v.Market(id)
	if !ok {
		w.t.Fatalf("market %d is not on shard %d", id, w.at[id])
	}
	b := message.NewBooks(len(m.Books))
	for i := range m.Books {
		d, _ := v.Depth(id, exchange.Outcome(i), int(exchange.One))
		b.Fill(exchange.Outcome(i), exchange.Buy, levels(d.Bids))
		b.Fill(exchange.Outcome(i), exchange.Sell, levels(d.Asks))
	}
	return b
}

// trade places, cancels and amends orders at random, a few in a batch.
func (w *world) trade(id exchange.MarketID) {
	var commands []exchange.Command
	v := w.views[w.at[id]][0]
	m, _ := v.Market(id)
	for range 1 + w.IntN(4) {
		account := exchange.AccountID(1 + w.IntN(traders))
		open := v.OpenOrders(account, id, 0, 20)
		switch {
		case len(open) > 0 && w.IntN(4) == 0:
			commands = append(commands, &exchange.CancelOrder{Account: account, Market: id, Order: open[w.IntN(len(open))].ID})
		case len(open) > 0 && w.IntN(6) == 0:
			o := open[w.IntN(len(open))]
			commands = append(commands, &exchange.AmendOrder{Account: account, Market: id, Order: o.ID, Price: w.price(), Quantity: o.Filled + exchange.Quantity(1+w.IntN(20))})
		default:
			commands = append(commands, &exchange.PlaceOrder{Account: account, Market: id, Outcome: exchange.Outcome(w.IntN(len(m.Books))),
				Side: exchange.Side(w.IntN(2)), Price: w.price(), Quantity: exchange.Quantity(1 + w.IntN(20)), SelfTrade: exchange.CancelBoth,
				TimeInForce: exchange.TimeInForce(2 * w.IntN(2)), ClientID: []byte(fmt.Sprintf("o-%d", w.Uint64()))})
		}
	}
	w.do(w.at[id], commands...)
}

func (w *world) price() exchange.Price { return exchange.Price(4_900 + 10*w.IntN(20)) }

// move moves a market to the other shard, or gives up halfway.
func (w *world) move(id exchange.MarketID, giveUp bool) {
	from, to := w.at[id], 3-w.at[id]
	frozen := w.do(from, &exchange.FreezeMarket{Market: id, To: to})[0]
	if frozen.Code != exchange.Accepted {
		w.t.Fatalf("freezing: %v", frozen.Code)
	}
	move := frozen.Version
	if giveUp {
		w.do(to, &exchange.AbandonMarket{From: from, Market: id, Move: move})
		w.do(from, &exchange.ThawMarket{Market: id, Move: move})
		return
	}
	parts := append(w.shards[from].WriteMarket(id, 4_000), w.views[from][0].WritePast(id, 4_000)...)
	for i, p := range parts {
		last := i == len(parts)-1
		if last {
			w.at[id] = to
		}
		adopt := []exchange.Command{&exchange.AdoptMarket{From: from, Market: id, Move: move, Part: uint32(i), Last: last, Data: p}}
		if last { // somebody is quick
			adopt = append(adopt, &exchange.PlaceOrder{Account: 1, Market: id, Price: w.price(), Quantity: 7, SelfTrade: exchange.CancelBoth})
		}
		if r := w.do(to, adopt...)[0]; r.Code != exchange.Accepted {
			w.t.Fatalf("adopting part %d: %v", i, r.Code)
		}
	}
	w.moves++
	for w.do(from, &exchange.ReleaseMarket{Market: id, Move: move})[0].Remaining > 0 {
	}
}
