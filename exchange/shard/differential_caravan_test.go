package shard_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/part"
	"github.com/hustings/hustings/exchange/shard"
)

// TestMovesBetweenShards lets markets move between three shards that trade, each of which is compared with a model of its
// own: every answer, every event in order, what the events fold to, the sums and the whole state. Whoever carries the
// markets loses, repeats, mixes up and spoils what he carries.
func TestMovesBetweenShards(t *testing.T) {
	seen, total := newCoverage(), courierCounts{}
	for s := range uint64(clusters) {
		c := newCaravan(t, *seed+s, seen)
		for range clusterSteps {
			c.step()
		}
		c.settleDown()
		for what, n := range c.counts {
			total[what] += n
		}
	}
	t.Logf("%v", total)
	for _, what := range []string{"frozen", "adopted", "adopted elsewhere again", "market released", "thawed", "taken before", "too early", "part lost", "spoiled",
		"refused for ever", "not yet", "written late", "doomed came", "answered again elsewhere", "restarted",
		"a copy was told", "home was told", "old news of a group", "news of a group lost", "a copy came with a market",
		"a copy learned from a market", "came with its group", "came to a group that had been cancelled"} {
		if total[what] == 0 {
			t.Errorf("never: %s", what)
		}
	}
	for k := exchange.KindFreezeMarket; k <= exchange.KindReleaseMarket; k++ {
		seen.want(t, "command %d", k)
	}
	for k := exchange.KindMarketFrozen; k <= exchange.KindMarketPartDropped; k++ {
		seen.want(t, "event %d", k)
	}
	for _, code := range []exchange.Reject{exchange.RejectMarketMoving, exchange.RejectMarketMoved, exchange.RejectMoveAbandoned,
		exchange.RejectMarketExists, exchange.RejectTransferOutOfOrder, exchange.RejectMarketNotFound, exchange.RejectMarketState} {
		seen.want(t, "reject %v of a move", code)
	}
	for _, code := range []exchange.Reject{exchange.RejectMarketMoving, exchange.RejectMarketMoved} {
		seen.want(t, "reject %v", code)
		for _, k := range []exchange.CommandKind{exchange.KindPlaceOrder, exchange.KindCancelOrder, exchange.KindAmendOrder, exchange.KindSuspendMarket} {
			seen.want(t, "reject %v of command %d", code, k)
		}
	}
	seen.want(t, "reject %v of command %d", exchange.RejectMarketMoving, exchange.KindMassCancel)
	seen.want(t, "reject %v of command %d", exchange.RejectMarketMoving, exchange.KindSetLimits)
	seen.want(t, "reject %v of command %d", exchange.RejectGroupElsewhere, exchange.KindPlaceOrder)
}

func (c *coverage) want(t *testing.T, format string, args ...any) {
	if class := fmt.Sprintf(format, args...); c.counts[class] == 0 {
		t.Errorf("never reached: %s", class)
	}
}

// A caravan is a cluster between whose shards markets move.
type caravan struct {
	*cluster
	markets []exchange.MarketID
	home    map[exchange.MarketID]exchange.ShardID // where each of them is
	journey map[exchange.MarketID]*journey
	asked   []exchange.Command // with keys, and answered
	rules   uint32
	news    []news // of groups, all that there ever were
}

// journey is a move under way.
type journey struct {
	from, to exchange.ShardID
	number   uint32
	parts    [][]byte
	next     int
	adopted  bool
	given    bool // up
}

func newCaravan(t *testing.T, seed uint64, seen *coverage) *caravan {
	c := &caravan{cluster: &cluster{Rand: rand.New(rand.NewPCG(seed, 5)), t: t, counts: courierCounts{}},
		rules: exchange.GroupRules, home: map[exchange.MarketID]exchange.ShardID{}, journey: map[exchange.MarketID]*journey{}}
	if seed%3 == 0 {
		c.rules = exchange.MoveRules
	}
	ids, engines := map[namedOrder]exchange.OrderID{}, map[exchange.ShardID]*model.Engine{}
	for i := exchange.ShardID(1); i < 4; i++ {
		h := newHarness(seen)
		h.names, h.shard.ids, h.model.Others = nil, ids, engines
		engines[i] = h.model
		c.shards[i] = h
		c.traders[i] = newGenerator(seed*4+uint64(i), h)
		c.traders[i].traits.poor, c.traders[i].traits.keys, c.traders[i].traits.spread, c.traders[i].traits.elsewhere = false, 0, 3, 30
	}
	for i := exchange.ShardID(1); i < 4; i++ {
		c.do(i, &exchange.SwitchRules{Version: c.rules})
	}
	for a := range exchange.AccountID(6) {
		c.do(exchange.HomeShard, &exchange.Register{Name: fmt.Sprintf("trader-%d", a)})
		c.do(exchange.HomeShard, &exchange.Deposit{Account: a + 1, Amount: 3_000_0000})
		for _, limit := range []exchange.Quantity{30, 100, 1_000_000} {
			c.do(exchange.HomeShard, &exchange.CreateGroup{Account: a + 1, Limit: limit, Window: 60 * second})
		}
	}
	for i := exchange.ShardID(2); i < 4; i++ {
		for n := range uint64(7 - i) { // not all: some come into being with a market
			c.do(exchange.HomeShard, &exchange.SendTransfer{Account: exchange.AccountID(n + 1), To: i, Amount: 900_0000})
			c.do(i, &exchange.ReceiveTransfer{From: 1, Number: n + 1, Account: exchange.AccountID(n + 1), Amount: 900_0000})
			c.do(exchange.HomeShard, &exchange.ReleaseTransfer{To: i, Number: n + 1})
		}
	}
	for range 5 {
		c.open()
	}
	return c
}

// open opens another market somewhere.
func (c *caravan) open() {
	at := c.shard()
	id := exchange.MarketID(len(c.markets) + 1)
	spec := exchange.MarketSpec{Question: "Will it arrive in time?", Tick: exchange.TickRule{Middle: 1}, TakerFee: 700, MakerShare: 2_500,
		PositionLimit: 1_000, Flags: exchange.MarketFlags(c.IntN(4)), DisputeWindow: pick(c.traders[at], 0, 60*second)}
	if c.IntN(3) == 0 {
		spec.Outcomes = []string{"A", "B", "C"}
	}
	if c.IntN(4) == 0 {
		spec.CloseAt = c.shards[at].now + exchange.Time(60*second)
	}
	c.markets = append(c.markets, id)
	c.home[id] = at
	if r := c.do(at, &exchange.CreateMarket{ID: id, Spec: spec}); r.Code != exchange.Accepted {
		c.t.Fatalf("opening market %d: %v", id, r.Code)
	}
}

func (c *caravan) step() {
	switch n := c.IntN(100); {
	case n < 60:
		c.trade(c.shard())
	case n < 66:
		c.repeat()
	case n < 70:
		c.nonsense()
	case n < 71:
		c.restart(c.shard())
	case n < 74:
		c.send(c.shard(), c.shard(), c.trader())
	case n < 76:
		c.carry()
	case n < 83:
		c.tell()
	default:
		for range 1 + c.IntN(4) {
			c.travel()
		}
	}
	c.checkPlaces()
}

// trade lets something happen on a shard, also where the market is not.
func (c *caravan) trade(at exchange.ShardID) {
	g := c.traders[at]
	cmd := g.make()
	if own := c.groupsOf(c.trader()); c.IntN(30) == 0 && len(own) > 0 {
		group := c.shards[exchange.HomeShard].model.Groups[own[c.IntN(len(own))]-1]
		at, cmd = exchange.HomeShard, &exchange.ChangeGroup{Account: group.Account, Group: group.ID, Action: exchange.GroupAction(c.IntN(2))}
	} else if c.IntN(12) == 0 {
		cmd = g.marketCommand()
	} else if c.IntN(12) == 0 {
		cmd = &exchange.SetDeadMan{Account: c.trader(), Timeout: second + exchange.Duration(c.IntN(int(3*second)))}
	} else if c.IntN(40) == 0 {
		cmd = &exchange.SetLimits{Account: c.trader(), MaxOpenOrders: 1_000, Blocked: c.IntN(3) == 0}
	} else if c.IntN(50) == 0 {
		cmd = &exchange.SuspendMarket{MarketAction: exchange.MarketAction{Market: c.markets[c.IntN(len(c.markets))]}}
	}
	switch x := cmd.(type) {
	case *exchange.Register, *exchange.ReceiveTransfer, *exchange.ReleaseTransfer, *exchange.CreateMarket, *exchange.SetGroup,
		*exchange.CountGroup, *exchange.SwitchRules:
		return
	case *exchange.CreateGroup:
		if at != exchange.HomeShard {
			return
		}
	case *exchange.SendTransfer:
		x.To = 1 + (x.To % 3)
	case *exchange.ResolveMarket, *exchange.VoidMarket, *exchange.CloseMarket:
		if c.IntN(4) > 0 {
			return
		}
	case *exchange.PlaceOrder:
		x.Quantity = min(x.Quantity, 40)
		c.group(x)
	}
	c.keys++
	if c.IntN(2) == 0 {
		cmd = withKey(cmd, exchange.Key{byte(c.keys), byte(c.keys >> 8), byte(c.keys >> 16), 7})
	}
	r := c.do(at, cmd)
	c.seen().add("reject %v of command %d", r.Code, cmd.CommandKind())
	if keyOf(cmd) != (exchange.Key{}) && marketOf(cmd) != 0 && r.Code != exchange.RejectMarketMoving && r.Code != exchange.RejectMarketMoved &&
		r.Code != exchange.RejectFundsElsewhere && r.Code != exchange.RejectGroupElsewhere && r.Code != exchange.RejectKeyReused && c.known(cmd) {
		c.asked = append(c.asked, cmd)
	}
	if live := slices.DeleteFunc(slices.Clone(c.markets), c.over); len(live) < 4 {
		c.open()
	}
}

// known reports whether the order that a command names, if it does, has an id that will not change.
func (c *caravan) known(cmd exchange.Command) bool {
	f := reflect.ValueOf(cmd).Elem().FieldByName("Order")
	if !f.IsValid() {
		return true
	}
	_, ok := c.shards[1].shard.ids[namedOrder{exchange.MarketID(marketOf(cmd)), exchange.OrderID(f.Uint()).Number()}]
	return ok
}

func (c *caravan) seen() *coverage { return c.shards[1].seen }

// over reports whether a market has come to its end.
func (c *caravan) over(id exchange.MarketID) bool {
	m := c.shards[c.home[id]].model.Markets[id-1]
	return m.State >= exchange.StateSettled
}

// repeat asks again for what was answered, where the market is now.
func (c *caravan) repeat() {
	if len(c.asked) == 0 {
		return
	}
	cmd := c.asked[len(c.asked)-1-c.IntN(min(len(c.asked), 200))]
	id := exchange.MarketID(marketOf(cmd))
	if c.home[id] == 0 {
		return
	}
	h := c.shards[c.home[id]]
	first := h.model.Orders
	r := c.do(c.home[id], cmd)
	if _, places := cmd.(*exchange.PlaceOrder); places && r.Code == exchange.Accepted && h.model.Orders == first && h.model.Markets[id-1].Move.Number > 0 {
		c.counts["answered again elsewhere"]++
	}
}

// restart goes on with a shard that was read from a snapshot.
func (c *caravan) restart(at exchange.ShardID) {
	v := &c.shards[at].shard
	frozen, loader := v.shard.Freeze(), shard.NewLoader()
	if err := frozen.Chunks(1<<12, func(section shard.Section, from, count uint32, data []byte) error {
		return loader.Chunk(section, from, count, slices.Clone(data))
	}); err != nil {
		c.t.Fatal(err)
	}
	v.shard.Thaw()
	v.shard = loader.Finish(func(parts ...func()) {
		for _, run := range parts {
			run()
		}
	})
	c.counts["restarted"]++
}

// checkPlaces checks that each market is live on one shard, or on its way, and that no money is lost with one.
func (c *caravan) checkPlaces() {
	c.t.Helper()
	for _, id := range c.markets {
		live := 0
		for _, h := range c.shards[1:] {
			if view := h.model.Markets; int(id) <= len(view) && len(view[id-1].Books) > 0 && view[id-1].Move.Stage == model.Here {
				live++
			}
		}
		if live > 1 || live == 0 && c.journey[id] == nil {
			c.t.Fatalf("market %d is live on %d shards", id, live)
		}
	}
	if len(c.journey) > 0 {
		return
	}
	var in, out exchange.Money
	for _, h := range c.shards[1:] {
		t := h.shard.shard.Totals()
		in, out = in+t.MovedIn, out+t.MovedOut
	}
	if in != out {
		c.t.Fatalf("%v came with markets and %v left", in, out)
	}
}

// settleDown brings all moves to their end.
func (c *caravan) settleDown() {
	for tries := 0; len(c.journey) > 0; tries++ {
		if tries > 20_000 {
			c.t.Fatalf("%d moves do not come to an end", len(c.journey))
		}
		c.travel()
	}
	c.checkPlaces()
	c.tellAll()
	for i := exchange.ShardID(1); i < 4; i++ {
		if err := c.shards[i].compareStates(); err != nil {
			c.t.Fatalf("shard %d: %v", i, err)
		}
	}
}

// write writes a frozen market out, and checks that nothing of it is missing.
func (c *caravan) write(id exchange.MarketID, j *journey) {
	h := c.shards[j.from]
	j.parts = h.shard.shard.WriteMarket(id, []int{0, 1, 150, 600}[c.IntN(4)])
	m := h.model.Markets[id-1]
	var orders [exchange.MaxOutcomes][2][]*model.Order
	keys := map[exchange.Key]bool{}
	for i, data := range j.parts {
		p, ok := part.Read(data)
		if !ok {
			c.t.Fatalf("part %d of market %d cannot be read", i, id)
		}
		for _, x := range p.Positions {
			if want := h.model.Accounts[x.Account-1].Deadline; x.Deadline != want {
				c.t.Fatalf("the switch of account %d is written with %d, and is %d", x.Account, x.Deadline, want)
			}
		}
		for _, x := range p.Orders {
			side := m.Books[x.Outcome].Sides[x.Side]
			o := side[len(orders[x.Outcome][x.Side])]
			orders[x.Outcome][x.Side] = append(orders[x.Outcome][x.Side], o)
			deadline := h.model.Accounts[x.Account-1].Deadline
			due := o.ExpireAt != 0 && o.ExpireAt <= h.now || deadline != 0 && deadline <= h.now
			if o.ID.Number() != x.ID.Number() || !due && x.Doomed != (len(o.Doomed) > 0) {
				c.t.Fatalf("order %d, doomed %v, is written where %d stands, %v", x.ID.Number(), x.Doomed, o.ID.Number(), o.Doomed)
			}
		}
		for _, k := range p.Keys {
			keys[k.Key] = true
		}
	}
	for i, b := range m.Books {
		for side := range b.Sides {
			if len(orders[i][side]) != len(b.Sides[side]) {
				c.t.Fatalf("of market %d %d orders are written, and %d rest", id, len(orders[i][side]), len(b.Sides[side]))
			}
		}
	}
	for _, key := range h.model.KeysOf(id) {
		if !keys[key] {
			c.t.Fatalf("key %x of market %d is not written", key, id)
		}
	}
}

// arrived compares a market with what it was where it came from.
func (c *caravan) arrived(id exchange.MarketID, j *journey) {
	was, is := modelMarket(c.shards[j.from].model.Markets[id-1]), modelMarket(c.shards[j.to].model.Markets[id-1])
	was.Move, is.Move = moveState{}, moveState{} // and it may be paid out at once
	left := func(s *marketState) (n int) {
		for _, b := range s.Books {
			for _, side := range [][]orderState{b.Bids, b.Asks} {
				n += len(side)
				for i := range side {
					if c.rules < exchange.GroupRules {
						side[i].Group = 0
					}
				}
			}
		}
		return n
	}
	if left(&was) != left(&is) { // doomed ones have gone by now
		c.counts["doomed came"]++
	} else if was.State == is.State && !reflect.DeepEqual(was, is) {
		c.t.Fatalf("market %d is not what it was: %s", id, firstDifference(reflect.ValueOf(was), reflect.ValueOf(is), "market"))
	}
}
