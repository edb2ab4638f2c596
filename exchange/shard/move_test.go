package shard

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/market"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

// fleet is three shards between which markets move, by a courier who loses, repeats and mixes up what he carries.
type fleet struct {
	*rand.Rand
	t       *testing.T
	now     exchange.Time
	shards  [4]*Shard // by ShardID
	folds   [4]*projection.View
	home    map[exchange.MarketID]exchange.ShardID // where each market is
	orders  []placed
	answers []answered
	keys    int
	moves   map[exchange.MarketID]*carried
	counts  map[string]int
}

type placed struct {
	market  exchange.MarketID
	account exchange.AccountID
	id      exchange.OrderID
}

type answered struct {
	cmd    exchange.Command
	market exchange.MarketID
	reply  exchange.Reply
}

// carried is what the courier knows of a move.
type carried struct {
	from, to exchange.ShardID
	move     uint32
	parts    [][]byte
	next     int
	adopted  bool
	given    bool // abandoned
	open     uint32
	queues   string
	reads    string
}

func newFleet(t *testing.T, seed uint64) *fleet {
	f := &fleet{Rand: rand.New(rand.NewPCG(seed, 3)), t: t, now: 1e9, home: map[exchange.MarketID]exchange.ShardID{},
		moves: map[exchange.MarketID]*carried{}, counts: map[string]int{}}
	for i := exchange.ShardID(1); i < 4; i++ {
		f.shards[i], f.folds[i] = New(), projection.New()
		f.do(i, &exchange.SwitchRules{Version: exchange.MoveRules})
		for a := range exchange.AccountID(6) {
			if i == 1 {
				f.do(i, &exchange.Register{Name: fmt.Sprintf("trader-%d", a)})
				f.do(i, &exchange.Deposit{Account: a + 1, Amount: 9_000_0000})
			}
			if i == 2 || i == 3 && a < 3 { // the others come into being with a market
				f.do(1, &exchange.SendTransfer{Account: a + 1, To: i, Amount: 2_000_0000})
				f.do(i, &exchange.ReceiveTransfer{From: 1, Number: uint64(a + 1), Account: a + 1, Amount: 2_000_0000})
				f.do(1, &exchange.ReleaseTransfer{To: i, Number: uint64(a + 1)})
			}
		}
	}
	for id := exchange.MarketID(1); id <= 5; id++ {
		spec := exchange.MarketSpec{Question: "Will it arrive in time?", Tick: exchange.TickRule{Middle: 1}, TakerFee: 700, MakerShare: 2_500, PositionLimit: 1_000}
		if id == 2 {
			spec.Outcomes = []string{"A", "B", "C"}
		}
		f.home[id] = exchange.ShardID(1 + id%3)
		f.do(f.home[id], &exchange.CreateMarket{ID: id, Spec: spec})
	}
	return f
}

// do executes a command, folds its events and compares the fold with the state and all the money with what there is.
func (f *fleet) do(at exchange.ShardID, cmd exchange.Command) exchange.Reply {
	f.t.Helper()
	f.now += exchange.Time(f.IntN(1e8))
	s := f.shards[at]
	batch, err := wire.AppendCommand(wire.AppendBatchHead(nil, f.now, 1), cmd)
	if err != nil {
		f.t.Fatal(err)
	}
	var out Output
	if err := s.Apply(batch, &out); err != nil {
		f.t.Fatalf("shard %d, %+v: %v", at, cmd, err)
	}
	if err := f.folds[at].Apply(s.Now(), out.FirstSeq, out.Events, out.Count); err != nil {
		f.t.Fatalf("shard %d, %T %+v: %v", at, cmd, cmd, err)
	}
	if f.IntN(8) == 0 || cmd.CommandKind() >= exchange.KindFreezeMarket {
		f.check(at, cmd)
	}
	return out.Replies[0]
}

func (f *fleet) check(at exchange.ShardID, cmd exchange.Command) {
	f.t.Helper()
	state, err := f.shards[at].View()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, v := range []*projection.View{state, f.folds[at]} {
		if err := v.Check(); err != nil {
			f.t.Fatalf("shard %d after %T: %v", at, cmd, err)
		}
	}
	if lines := f.folds[at].Diff(state); len(lines) > 0 {
		f.t.Fatalf("shard %d after %T: fold and state differ: %v", at, cmd, lines)
	}
}

// money checks that what is on all shards is what was paid in, where a market that is on two shards counts once.
func (f *fleet) money() {
	f.t.Helper()
	var have, paid, in, left exchange.Money
	for i := exchange.ShardID(1); i < 4; i++ {
		t := f.shards[i].Totals()
		have += t.Cash + t.Held + t.Escrow + t.MarketFees + t.HouseFees - t.Receivable + t.Outbox
		paid += t.World
		in, left = in+t.MovedIn, left+t.MovedOut
	}
	if have != paid+in-left {
		f.t.Fatalf("the shards have %v; %v was paid in, %v came with markets and %v left", have, paid, in, left)
	}
	if len(f.moves) == 0 && in != left {
		f.t.Fatalf("%v came with markets and %v left", in, left)
	}
	for id := exchange.MarketID(1); id <= 5; id++ {
		live := 0
		for _, s := range f.shards[1:] {
			if m := s.market(id); m != nil && m.Stage == market.Here {
				live++
			}
		}
		if live > 1 || live == 0 && f.moves[id] == nil {
			f.t.Fatalf("market %d is live on %d shards", id, live)
		}
	}
}

func (f *fleet) market() exchange.MarketID   { return exchange.MarketID(1 + f.IntN(5)) }
func (f *fleet) account() exchange.AccountID { return exchange.AccountID(1 + f.IntN(6)) }

func (f *fleet) key() exchange.Key {
	f.keys++
	return exchange.Key{byte(f.keys), byte(f.keys >> 8), byte(f.keys >> 16), 1}
}

// trade sends a command to where its market is, and keeps its answer.
func (f *fleet) trade() {
	id := f.market()
	var cmd exchange.Command
	switch n := f.IntN(20); {
	case n < 12:
		o := &exchange.PlaceOrder{Account: f.account(), Key: f.key(), Market: id, Side: exchange.Side(f.IntN(2)),
			Price: exchange.Price(4_900 + f.IntN(200)), Quantity: exchange.Quantity(1 + f.IntN(40)), SelfTrade: exchange.CancelMaker,
			ClientID: fmt.Appendf(nil, "%0*d", 4+40*f.IntN(2), f.keys)}
		if id == 2 {
			o.Outcome = exchange.Outcome(f.IntN(3))
		}
		if f.IntN(5) == 0 {
			o.TimeInForce, o.ExpireAt = exchange.GoodTillTime, f.now+exchange.Time(1+f.IntN(3e9))
		}
		cmd = o
	case n < 13:
		f.do(f.home[id], &exchange.MassCancel{Account: f.account()})
		return
	case n < 14:
		cmd = &exchange.MassCancel{Account: f.account(), Market: id, Key: f.key()}
	case len(f.orders) == 0:
		return
	default:
		o := f.orders[len(f.orders)-1-f.IntN(min(len(f.orders), 60))]
		id = o.market
		if n < 17 {
			cmd = &exchange.CancelOrder{Account: o.account, Market: o.market, Order: o.id, Key: f.key()}
		} else {
			cmd = &exchange.AmendOrder{Account: o.account, Market: o.market, Order: o.id, Key: f.key(), Price: exchange.Price(4_900 + f.IntN(200))}
		}
	}
	r := f.do(f.home[id], cmd)
	switch r.Code {
	case exchange.RejectMarketMoving, exchange.RejectMarketMoved:
		f.counts[r.Code.String()]++
		return
	case exchange.Accepted:
		if o, ok := cmd.(*exchange.PlaceOrder); ok {
			f.orders = append(f.orders, placed{id, o.Account, exchange.OrderID(r.ID)})
			if r.Remaining > 0 && exchange.OrderID(r.ID).Number() < uint64(len(f.orders)) {
				f.counts["rests"]++
			}
		}
	}
	f.answers = append(f.answers, answered{cmd, id, r})
}

// repeat sends a command again whose answer is known, to where its market is now.
func (f *fleet) repeat() {
	if len(f.answers) == 0 {
		return
	}
	a := f.answers[f.IntN(len(f.answers))]
	if f.moves[a.market] != nil {
		return
	}
	r := f.do(f.home[a.market], a.cmd)
	if r.Seq = a.reply.Seq; r != a.reply {
		f.t.Fatalf("%+v was answered %+v and later %+v", a.cmd, a.reply, r)
	}
	f.counts["answered again"]++
}

// queues is who stands where in a market.
func (f *fleet) queues(at exchange.ShardID, id exchange.MarketID) string {
	s := f.shards[at]
	m := s.market(id)
	text := fmt.Sprint(m.State, m.Version, m.Fees, m.OpenOrders)
	s.eachOrder(m, func(x *resting) {
		o := x.o
		text += fmt.Sprint(";", o.ID, x.bk.outcome, o.Side, o.Price, o.Remaining, o.Filled, o.Closing, o.Hold, o.Overpaid, s.extraOf(o).version, s.extraOf(o).expireAt, x.pos.Account, x.pos.Have, x.pos.Reserved, x.pos.Opening, x.pos.Paid)
	})
	return text
}

// reads is what is read of a market.
func (f *fleet) reads(at exchange.ShardID, id exchange.MarketID) string {
	v := f.folds[at]
	m, _ := v.Market(id)
	text := fmt.Sprint(m.CreatedAt, m.ActiveAt, m.Volume)
	for i := range m.Books {
		text += fmt.Sprint(m.Books[i].Last, m.Books[i].Volume, m.Books[i].Trades)
		for side := range exchange.Side(2) {
			for _, o := range v.Orders(id, exchange.Outcome(i), side) {
				named, ok := v.OrderByClientID(o.Account, o.ClientID)
				text += fmt.Sprintf("; %+v %v", o, ok && named.ID == o.ID && named.Market == id)
			}
		}
	}
	return text + fmt.Sprintf("; %+v", v.Holders(id))
}

// move begins or goes on with a move.
func (f *fleet) move() {
	id := f.market()
	c := f.moves[id]
	if c == nil {
		c = &carried{from: f.home[id], to: exchange.ShardID(1 + f.IntN(3))}
		if c.to == c.from {
			return
		}
		r := f.do(c.from, &exchange.FreezeMarket{Market: id, To: c.to})
		if r.Code != exchange.Accepted {
			f.counts["not frozen: "+r.Code.String()]++
			return
		}
		c.move, c.open, c.queues = r.Version, f.shards[c.from].market(id).OpenOrders, f.queues(c.from, id)
		size := []int{0, 1, 150, 600}[f.IntN(4)]
		c.parts = append(f.shards[c.from].WriteMarket(id, size), f.folds[c.from].WritePast(id, size)...)
		c.reads = f.reads(c.from, id)
		f.moves[id] = c
		f.counts["frozen"]++
		return
	}
	switch n := f.IntN(20); {
	case c.adopted:
		if r := f.do(c.from, &exchange.ReleaseMarket{Market: id, Move: c.move}); r.Code != exchange.Accepted {
			f.t.Fatalf("release: %v", r.Code)
		} else if r.Remaining == 0 {
			delete(f.moves, id)
			f.counts["released"]++
		}
	case c.given || n == 0:
		r := f.do(c.to, &exchange.AbandonMarket{Market: id, From: c.from, Move: c.move})
		if r.Code != exchange.Accepted {
			f.t.Fatalf("abandon: %v", r.Code)
		}
		c.given = true
		if r.Remaining == 0 && f.IntN(2) == 0 {
			if r := f.do(c.from, &exchange.ThawMarket{Market: id, Move: c.move}); r.Code != exchange.Accepted {
				f.t.Fatalf("thaw: %v", r.Code)
			}
			delete(f.moves, id)
			f.counts["thawed"]++
		}
		if r := f.adopt(id, c, c.next); r.Code == exchange.Accepted {
			f.t.Fatalf("a part of a move that was given up was taken: %+v", r)
		}
	case n == 1:
		f.counts["lost"]++
	case n == 2 && c.next > 0:
		if r := f.adopt(id, c, f.IntN(c.next)); r.Code != exchange.Accepted {
			f.t.Fatalf("again: %v", r.Code)
		}
		f.counts["again"]++
	case n == 3 && c.next+1 < len(c.parts):
		if r := f.adopt(id, c, c.next+1); r.Code == exchange.Accepted {
			f.t.Fatalf("part %d was taken before part %d", c.next+1, c.next)
		}
		f.counts["early"]++
	default:
		r := f.adopt(id, c, c.next)
		if r.Code == exchange.RejectMarketMoving {
			f.counts["not yet"]++
			return
		}
		if r.Code != exchange.Accepted {
			f.t.Fatalf("part %d of %d: %v", c.next, len(c.parts), r.Code)
		}
		if c.next++; c.next == len(c.parts) {
			c.adopted, f.home[id] = true, c.to
			f.counts["adopted"]++
			still := f.shards[c.to].market(id).OpenOrders == c.open // none had expired
			if got := f.queues(c.to, id); got != c.queues && still {
				f.t.Fatalf("market %d was\n%s\nand is\n%s", id, c.queues, got)
			}
			if got := f.reads(c.to, id); got != c.reads && still {
				f.t.Fatalf("market %d was read as\n%s\nand is\n%s", id, c.reads, got)
			}
		}
	}
}

// restart goes on with a shard that was read from a snapshot.
func (f *fleet) restart(at exchange.ShardID) {
	_, load := dump(f.t, f.shards[at].Freeze())
	f.shards[at] = load()
	f.counts["restarted"]++
}

func (f *fleet) adopt(id exchange.MarketID, c *carried, n int) exchange.Reply {
	return f.do(c.to, &exchange.AdoptMarket{From: c.from, Market: id, Move: c.move, Part: uint32(n), Last: n == len(c.parts)-1, Data: c.parts[n]})
}

// TestMarketsMoveWhileTheyTrade lets markets move between three shards that trade. After each step the fold is the state,
// the money is what was paid in, and each market is live on one shard; what moved stands as it stood, and is answered as
// it was.
func TestMarketsMoveWhileTheyTrade(t *testing.T) {
	total := map[string]int{}
	for seed := range uint64(6) {
		f := newFleet(t, seed)
		for range 2_500 {
			switch n := f.IntN(20); {
			case n < 11:
				f.trade()
			case n < 13:
				f.repeat()
			case n < 14 && f.IntN(20) == 0:
				f.restart(1 + exchange.ShardID(f.IntN(3)))
			default:
				for range 1 + f.IntN(5) {
					f.move()
				}
			}
			f.money()
		}
		for what, n := range f.counts {
			total[what] += n
		}
	}
	t.Log(total)
	for _, what := range []string{"frozen", "adopted", "released", "thawed", "again", "early", "lost", "market_moving", "answered again", "restarted"} {
		if total[what] == 0 {
			t.Errorf("never: %s", what)
		}
	}
}

// A market with more orders than a step drops is dropped in steps, at the source once it has moved and at a destination that
// gives the move up. In between the books add up, also where they are read from a snapshot.
func TestGreatMarketIsDroppedInSteps(t *testing.T) {
	f := newFleet(t, 1)
	const id, orders = exchange.MarketID(3), droppedAtOnce + 1_500
	from, to := f.home[id], exchange.ShardID(2)
	batch := wire.AppendBatchHead(nil, f.now, orders)
	for i := range orders {
		o := &exchange.PlaceOrder{Account: exchange.AccountID(1 + i%3), Market: id, Side: exchange.Side(i % 2), Price: exchange.Price(100 + i%2*9_700), Quantity: 1}
		batch, _ = wire.AppendCommand(batch, o)
	}
	var out Output
	if err := f.shards[from].Apply(batch, &out); err != nil {
		t.Fatal(err)
	}
	if err := f.folds[from].Apply(f.shards[from].Now(), out.FirstSeq, out.Events, out.Count); err != nil {
		t.Fatal(err)
	}
	if got := f.shards[from].market(id).OpenOrders; got != orders {
		t.Fatalf("%d orders rest", got)
	}
	for move := uint32(1); move <= 2; move++ {
		f.do(from, &exchange.FreezeMarket{Market: id, To: to})
		parts := f.shards[from].WriteMarket(id, 0)
		c := &carried{from: from, to: to, move: move, parts: parts}
		taken := len(parts) - int(2-move) // the first time all but the last
		for n := range taken {
			if r := f.adopt(id, c, n); r.Code != exchange.Accepted {
				t.Fatalf("move %d, part %d: %v", move, n, r.Code)
			}
		}
		at, drop := to, exchange.Command(&exchange.AbandonMarket{Market: id, From: from, Move: move})
		if move == 2 {
			at, drop = from, &exchange.ReleaseMarket{Market: id, Move: move}
		}
		if r := f.do(at, drop); r.Code != exchange.Accepted || r.Remaining != 1 {
			t.Fatalf("move %d, the first step: %+v", move, r)
		}
		f.restart(at)
		if r := f.do(at, drop); r.Code != exchange.Accepted || r.Remaining != 0 {
			t.Fatalf("move %d, the second step: %+v", move, r)
		}
		f.do(from, &exchange.ThawMarket{Market: id, Move: move})
	}
	if here, there := f.shards[from].OpenOrders(), f.shards[to].OpenOrders(); here != 0 || there != orders {
		t.Errorf("%d orders are left where they were, %d have come", here, there)
	}
	f.home[id] = to
	f.money()
}
