package merge

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/placement"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
	"github.com/hustings/hustings/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is one shard of an exchange whose transfers are carried.
type site struct{ *replica.Replica }

func (s site) Seq() exchange.Seq                                   { return s.View().Seq() }
func (s site) WaitSeq(ctx context.Context, seq exchange.Seq) error { return s.View().WaitSeq(ctx, seq) }
func (s site) Outbox() []exchange.Transfer                         { return s.View().Outbox() }

type fixture struct {
	*testing.T
	*Exchange
	Map   *placement.Map
	sites []site
	keys  int
	ctx   context.Context
	late  map[exchange.ShardID]time.Duration // how far clocks lag behind
	halt  func()                             // ends carriers and movers
	moved sync.WaitGroup
}

// newFixture returns an exchange of so many shards, which all have markets, with carriers and movers.
func newFixture(t *testing.T, shards int) *fixture { return newSkewed(t, shards, nil) }

// newSkewed is newFixture with clocks that lag behind.
func newSkewed(t *testing.T, shards int, late map[exchange.ShardID]time.Duration) *fixture {
	f := &fixture{T: t, Map: placement.New(exchange.ShardID(shards)), late: late}
	var cancel func()
	f.ctx, cancel = context.WithCancel(context.Background())
	f.halt = func() { cancel(); f.moved.Wait() }
	t.Cleanup(func() {
		f.halt()
		for _, s := range f.sites {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	for range shards {
		f.open()
	}
	home := f.sites[0]
	f.accepted(&exchange.SetPlacement{Data: f.Map.Append(nil)})
	if version, _ := home.View().Placement(); version != 1 {
		t.Fatal("the placement is not there")
	}
	return f
}

// open adds a shard.
func (f *fixture) open() {
	f.Helper()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	id := exchange.ShardID(len(f.sites) + 1)
	now := func() time.Time { return time.Now().Add(-f.late[id]) }
	r, err := replica.Open(replica.Config{FS: vfs.NewMem(), Dir: "data", WALSegment: 1 << 20, Shard: id, Log: quiet, Now: now})
	if err != nil {
		f.Fatal(err)
	}
	here := site{r}
	if err := r.Ready(f.Context()); err != nil {
		f.Fatal(err)
	}
	s := Shard{ID: id, Submitter: r, View: r.View(), History: log{journal: r.Journal()}}
	if id == exchange.HomeShard {
		f.Exchange = New(s, placement.Follow(r.View()))
	} else {
		f.Open(s)
	}
	if r, err := f.one(f.Context(), id, &exchange.SwitchRules{Version: exchange.RulesVersion}); err != nil || r.Code != 0 {
		f.Fatal(r, err)
	}
	for i, other := range f.sites {
		for _, way := range [][2]site{{here, other}, {other, here}} {
			from, to := way[0], way[1]
			ids := [2]exchange.ShardID{id, exchange.ShardID(i + 1)}
			if from == other {
				ids[0], ids[1] = ids[1], ids[0]
			}
			c := router.Carrier{From: ids[0], To: ids[1], Self: 1, Source: from, Departures: from, Destination: to, Log: quiet}
			m := router.Mover{From: ids[0], To: ids[1], Self: 1, Source: from, Departures: from, Arrival: to, Destination: to, Places: f.places, Log: quiet}
			f.moved.Go(func() { c.Run(f.ctx) })
			f.moved.Go(func() { m.Run(f.ctx) })
		}
	}
	if id != exchange.HomeShard {
		h := router.Herald{Shard: id, Self: 1, Source: here, Home: f.sites[0], ToSource: here, Homewards: f.sites[0], Log: quiet}
		f.moved.Go(func() { h.Run(f.ctx) })
	}
	f.sites = append(f.sites, here)
}

// place changes where markets belong.
func (f *fixture) place(m *placement.Map, err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
	version, _ := f.sites[0].View().Placement()
	f.accepted(&exchange.SetPlacement{Version: version, Data: m.Append(nil)})
	f.Map = m
}

// settled waits until markets are where they belong and nothing is left of them elsewhere.
func (f *fixture) settle(markets ...exchange.MarketID) {
	f.Helper()
	f.until(func() bool {
		for _, s := range f.all() {
			if len(s.View.UnderWay()) > 0 {
				return false
			}
			for _, id := range markets {
				if _, holds := s.View.Holds(id); holds != (s.ID == f.places().Of(id)) {
					return false
				}
			}
		}
		return true
	})
}

func (f *fixture) key() exchange.Key {
	f.keys++
	sum := sha256.Sum256(fmt.Append(nil, f.keys))
	return exchange.Key(sum[:16])
}

// give submits commands together, and waits until they can be read.
func (f *fixture) give(cmds ...exchange.Command) []exchange.Reply {
	f.Helper()
	var frames []byte
	for _, cmd := range cmds {
		var err error
		if frames, err = wire.AppendCommand(frames, cmd); err != nil {
			f.Fatal(err)
		}
	}
	replies := make([]exchange.Reply, len(cmds))
	if err := f.Submit(f.Context(), frames, len(cmds), replies); err != nil {
		f.Fatal(err)
	}
	for _, r := range replies {
		if err := f.WaitSeq(f.Context(), r.Seq); err != nil {
			f.Fatal(err)
		}
	}
	return replies
}

func (f *fixture) accepted(cmds ...exchange.Command) []exchange.Reply {
	f.Helper()
	replies := f.give(cmds...)
	for i, r := range replies {
		if r.Code != exchange.Accepted {
			f.Fatalf("%T: %v", cmds[i], r.Code)
		}
	}
	return replies
}

func (f *fixture) trader(name string, cash exchange.Money) exchange.AccountID {
	f.Helper()
	id := exchange.AccountID(f.accepted(&exchange.Register{Key: f.key(), Name: name})[0].ID)
	f.accepted(&exchange.Deposit{Account: id, Key: f.key(), Amount: cash})
	return id
}

func spec(question string) exchange.MarketSpec {
	return exchange.MarketSpec{Question: question, Tick: exchange.TickRule{Middle: 1}, PositionLimit: exchange.MaxPosition}
}

// markets opens markets until there is one on each shard, and returns those: the first of each.
func (f *fixture) markets() []exchange.MarketID {
	f.Helper()
	of := make([]exchange.MarketID, len(f.sites))
	for n := 0; slices.Contains(of, 0); n++ {
		r := f.accepted(&exchange.CreateMarket{Key: f.key(), Spec: spec(fmt.Sprint("Will it rain on day ", n, "?"))})[0]
		if shard := f.Map.Of(exchange.MarketID(r.ID)); of[shard-1] == 0 {
			of[shard-1] = exchange.MarketID(r.ID)
		}
	}
	f.settle(of...)
	return of
}

func (f *fixture) buy(account exchange.AccountID, market exchange.MarketID, price exchange.Price, quantity exchange.Quantity) *exchange.PlaceOrder {
	return &exchange.PlaceOrder{Account: account, Key: f.key(), Market: market, Side: exchange.Buy, Price: price, Quantity: quantity}
}

// worth is all that an account has, as the API shows it.
func (f *fixture) worth(id exchange.AccountID) exchange.Money {
	f.Helper()
	a, ok := f.Account(id)
	if !ok {
		f.Fatal("there is no account ", id)
	}
	return a.Cash + a.Held
}

// A trader has one buying power: orders on any shard are covered by what is anywhere, to the last unit.
func TestOrdersAreCoveredFromAnywhere(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	const cash = 30_000
	id := f.trader("alice", cash)
	for _, m := range []exchange.MarketID{markets[1], markets[2], markets[1], markets[0]} { // 7,500 each
		f.accepted(f.buy(id, m, 2_500, 3))
		if got := f.worth(id); got != cash {
			t.Errorf("an account with %v has %v", exchange.Money(cash), got)
		}
	}
	if a, _ := f.Account(id); a.Cash != 0 || a.Held != cash || a.OpenOrders != 4 {
		t.Errorf("everything is spent: %+v", a)
	}
	short := f.buy(id, markets[2], 1, 1)
	for range 2 { // the refusal is kept
		if r := f.give(short)[0]; r.Code != exchange.RejectInsufficientFunds || r.Seq == 0 {
			t.Errorf("an order that nothing covers is answered %+v", r)
		}
	}
	if got := f.accepted(&exchange.MassCancel{Account: id, Key: f.key()})[0].Remaining; got != 4 {
		t.Errorf("%d of 4 orders are cancelled", got)
	}
	f.until(func() bool { a, _ := f.Account(id); return a.Cash == cash })
	f.accepted(&exchange.Withdraw{Account: id, Key: f.key(), Amount: cash})
	if got := f.worth(id); got != 0 {
		t.Errorf("all was withdrawn and %v are left", got)
	}
	for i := range f.sites {
		if err := f.sites[i].View().Check(); err != nil {
			t.Error(err)
		}
	}
	f.until(func() bool { return f.Totals().Outbox == 0 })
	if sum := f.Totals(); sum.World != 0 || sum.Cash != 0 {
		t.Errorf("totals %+v", sum)
	}
}

func (f *fixture) until(done func() bool) {
	f.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		if done() {
			return
		}
		if err := f.Fresh(f.Context()); err != nil {
			f.Fatal(err)
		}
	}
	f.Fatal("it does not come to that")
}

// Cash that is between two shards is the account's all the way, and is there once.
func TestCashUnderWayIsCounted(t *testing.T) {
	f := newFixture(t, 2)
	const cash = 100_000
	id := f.trader("ken", cash)
	f.halt()
	step := func(shard exchange.ShardID, cmd exchange.Command, underWay exchange.Money) {
		t.Helper()
		if r, err := f.one(t.Context(), shard, cmd); err != nil || r.Code != exchange.Accepted {
			t.Fatal(r, err)
		}
		if err := f.Fresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if sum := f.Totals(); f.worth(id) != cash || sum.Outbox != underWay || sum.Cash+sum.Outbox != cash {
			t.Errorf("after %T the account has %v, and of %v are under way %v", cmd, f.worth(id), sum.Cash, sum.Outbox)
		}
	}
	step(1, &exchange.SendTransfer{Account: id, Key: f.key(), To: 2, Amount: 30_000}, 30_000)
	step(1, &exchange.SendTransfer{Account: id, Key: f.key(), To: 2, Amount: 20_000}, 50_000)
	step(2, &exchange.ReceiveTransfer{From: 1, Number: 1, Account: id, Amount: 30_000}, 20_000)
	step(1, &exchange.ReleaseTransfer{To: 2, Number: 1}, 20_000)
	step(2, &exchange.ReceiveTransfer{From: 1, Number: 2, Account: id, Amount: 20_000}, 0)
}

// Many orders at once of one account on all shards: each is covered or refused, and money stays.
func TestOrdersRaceForCash(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	const cash = 200_000
	id := f.trader("bob", cash)
	var all sync.WaitGroup
	var mu sync.Mutex
	accepted := 0
	for n := range 24 {
		cmd := f.buy(id, markets[n%3], 1_000, 10)
		all.Go(func() {
			frame := wire.AppendPlaceOrder(nil, cmd)
			var replies [1]exchange.Reply
			err := f.Submit(t.Context(), frame, 1, replies[:])
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				t.Error(err)
			case replies[0].Code == exchange.Accepted:
				accepted++
			case replies[0].Code != exchange.RejectInsufficientFunds:
				t.Errorf("the reply is %+v", replies[0])
			}
		})
	}
	all.Wait()
	if err := f.Fresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.until(func() bool { return f.Totals().Outbox == 0 })
	if a, _ := f.Account(id); accepted > 20 || a.Held != exchange.Money(accepted)*10_000 || a.Cash+a.Held != cash {
		t.Errorf("%d orders of 10,000 are covered by 200,000: %+v", accepted, a)
	}
}

// The commands of a batch go to their shards, and the replies to their places.
func TestBatchesAreSplit(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	id := f.trader("carol", 1_000_000)
	var batch []exchange.Command
	for n := range 9 {
		batch = append(batch, f.buy(id, markets[n*2%3], exchange.Price(100+n), 1))
	}
	for i, r := range f.accepted(batch...) {
		o := batch[i].(*exchange.PlaceOrder)
		if shard, _ := SplitSeq(r.Seq); shard != f.Map.Of(o.Market) {
			t.Errorf("order %d was answered by shard %d", i, shard)
		}
		if got, ok := f.Order(o.Market, exchange.OrderID(r.ID)); !ok || got.Price != o.Price {
			t.Errorf("order %d is %+v, %v", i, got, ok)
		}
		f.accepted(&exchange.AmendOrder{Account: id, Key: f.key(), Market: o.Market, Order: exchange.OrderID(r.ID), Price: o.Price + 20})
	}
	var seen []exchange.Price
	for after := exchange.OrderID(0); ; {
		page := f.OpenOrders(id, 0, after, 2)
		for _, o := range page {
			seen = append(seen, o.Price)
			after = o.ID
		}
		if len(page) < 2 {
			break
		}
	}
	slices.Sort(seen)
	if want := []exchange.Price{120, 121, 122, 123, 124, 125, 126, 127, 128}; !slices.Equal(seen, want) {
		t.Errorf("open orders at %v", seen)
	}
	if got := f.OpenOrders(id, markets[1], 0, 10); len(got) != 3 || got[0].Market != markets[1] {
		t.Errorf("open orders of a market: %+v", got)
	}
}

// The same request opens one market, however often it comes.
func TestAMarketIsOpenedOnce(t *testing.T) {
	f := newFixture(t, 4)
	f.markets()
	cmd := exchange.CreateMarket{Key: f.key(), Spec: spec("Will it snow?")}
	first := f.accepted(&cmd)[0]
	f.accepted(&exchange.CreateMarket{Key: f.key(), Spec: spec("Will it snow?")})
	if again := f.give(&cmd)[0]; again != first {
		t.Errorf("answered %+v, and again %+v", first, again)
	}
	cmd.Spec.Question = "Will it hail?"
	if r := f.give(&cmd)[0]; r.Code != exchange.RejectKeyReused {
		t.Errorf("another market with the same key: %+v", r)
	}
	ids := map[exchange.MarketID]bool{}
	page := f.Markets(projection.MarketFilter{Limit: projection.MaxPage})
	for i := range page.Markets {
		ids[page.Markets[i].ID] = true
	}
	if n := int(f.Totals().Markets); len(ids) != n || len(page.Markets) != n {
		t.Errorf("%d markets have %d ids", n, len(ids))
	}
}

// A list of markets is in order over all shards, page by page.
func TestMarketsAreListedTogether(t *testing.T) {
	f := newFixture(t, 3)
	f.markets()
	for n := range 12 {
		s := spec(fmt.Sprint("Will it be hot on day ", n, "?"))
		if n%3 != 0 {
			s.CloseAt = exchange.Time(1<<62 + n%5)
		}
		f.accepted(&exchange.CreateMarket{Key: f.key(), Spec: s})
	}
	for by := projection.SortNewest; by <= projection.SortClosing; by++ {
		filter := projection.MarketFilter{Sort: by, Limit: projection.MaxPage}
		whole := f.Markets(filter)
		if whole.More || len(whole.Markets) != int(f.Totals().Markets) {
			t.Fatalf("sort %d: %d markets", by, len(whole.Markets))
		}
		var paged []exchange.MarketID
		for filter.Limit = 2; ; {
			page := f.Markets(filter)
			for i := range page.Markets {
				paged = append(paged, page.Markets[i].ID)
			}
			if !page.More {
				break
			}
			filter.After = page.Next
		}
		for i := range whole.Markets {
			if i >= len(paged) || paged[i] != whole.Markets[i].ID {
				t.Errorf("sort %d: page by page %v", by, paged)
				break
			}
			if by == projection.SortNewest && i > 0 && whole.Markets[i].ID >= whole.Markets[i-1].ID {
				t.Errorf("market %d comes after market %d", whole.Markets[i].ID, whole.Markets[i-1].ID)
			}
		}
	}
}

// Trades on several shards make one portfolio.
func TestPortfolioIsOfAllShards(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	buyer, seller := f.trader("dave", 100_000), f.trader("erin", 100_000)
	for _, m := range markets {
		sell := f.buy(seller, m, 5_000, 2)
		sell.Side = exchange.Sell
		f.accepted(f.buy(buyer, m, 5_000, 2))
		f.accepted(sell)
	}
	f.until(func() bool { return f.Totals().Outbox == 0 })
	p, ok := f.Portfolio(buyer)
	if !ok || p.Positions != 3 || p.Value != 30_000 || p.Account.Cash != 70_000 {
		t.Errorf("the portfolio is %+v", p)
	}
	first := f.Positions(buyer, projection.PositionCursor{}, 2)
	if len(first) != 2 || first[0].Market <= first[1].Market {
		t.Fatalf("the first page has %+v", first)
	}
	rest := f.Positions(buyer, projection.PositionCursor{Market: first[1].Market, Outcome: first[1].Outcome}, 2)
	if len(rest) != 1 || rest[0].Market >= first[1].Market || rest[0].Yes != 2 {
		t.Errorf("the second page has %+v", rest)
	}
	if got, ok := f.Position(buyer, markets[2], 0); !ok || got.Yes != 2 {
		t.Errorf("the position is %+v", got)
	}
}

// A halt holds on every shard when it is answered, and for a shard that has not heard of it at the gateway already.
func TestHaltIsEverywhere(t *testing.T) {
	f := newFixture(t, 3)
	id := f.trader("ann", 1_000_000)
	markets := f.markets()
	orders := func(want exchange.Reject) {
		t.Helper()
		for _, m := range markets {
			if r := f.give(f.buy(id, m, 100, 1))[0]; r.Code != want {
				t.Errorf("an order in market %d: %v, not %v", m, r.Code, want)
			}
		}
	}
	orders(exchange.Accepted)
	f.accepted(&exchange.SetHalt{Key: f.key(), Halted: true, Reason: "a storm"})
	f.until(func() bool { return f.Halted() })
	orders(exchange.RejectExchangeHalted)
	for _, s := range f.all() {
		if r, err := s.View.Rules(), s.Fresh(f.Context()); err != nil || !s.View.Halted() {
			t.Errorf("shard %d with rules %d goes on: %v", s.ID, r, err)
		}
	}
	if r, err := f.one(f.Context(), 2, &exchange.SetHalt{Reason: "it has not heard"}); err != nil || r.Code != 0 {
		t.Fatal(r, err)
	}
	orders(exchange.RejectExchangeHalted)
	f.accepted(&exchange.SetHalt{Key: f.key(), Reason: "it is over"})
	f.until(func() bool { return !f.Halted() })
	orders(exchange.Accepted)
}

// An account that is blocked trades nowhere, also where nobody has heard of it yet.
func TestBlockedAccountsTradeNowhere(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	id := f.trader("frank", 100_000)
	f.accepted(f.buy(id, markets[1], 100, 1))
	f.accepted(&exchange.SetLimits{Account: id, Key: f.key(), MaxOpenOrders: 10, Blocked: true})
	for i, m := range markets {
		if r := f.give(f.buy(id, m, 100, 1))[0]; r.Code != exchange.RejectAccountBlocked {
			t.Errorf("shard %d answers %+v", i+1, r)
		}
	}
	f.until(func() bool { a, _ := f.Account(id); return a.OpenOrders == 0 && a.Blocked })
	f.accepted(&exchange.SetLimits{Account: id, Key: f.key(), MaxOpenOrders: 7})
	f.accepted(f.buy(id, markets[2], 100, 1))
	if a, ok := f.sites[2].View().Account(id); !ok || a.MaxOpenOrders != 7 {
		t.Errorf("shard 3 has heard of %+v", a)
	}
}

func TestSeqsNameTheirShard(t *testing.T) {
	for _, shard := range []exchange.ShardID{1, 2, 64} {
		if s, seq := SplitSeq(JoinSeq(shard, 12_345)); s != shard || seq != 12_345 {
			t.Errorf("shard %d became %d, %d", shard, s, seq)
		}
	}
	if JoinSeq(1, 7) != 7 {
		t.Error("a seq of the home shard is not what it was")
	}
	f := newFixture(t, 1)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := f.WaitSeq(short, JoinSeq(2, 1)); err == nil {
		t.Error("an event of a shard that there is not has been seen")
	}
}
