package projection_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/model"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
)

const second = exchange.Duration(1e9)

// A twin drives a shard, whose events a View folds, and beside it the exchange's model, which knows no events: what both
// come to must be the same.
type twin struct {
	shard  *shard.Shard
	out    shard.Output
	view   *projection.View
	past   map[exchange.MarketID]*projection.MarketAt
	engine *model.Engine
	now    exchange.Time
	ids    map[uint64]exchange.OrderID // the shard's ids of orders, by number
	placed []exchange.OrderPlaced
	ledger statements
	tb     rapid.TB
}

func newTwin(tb rapid.TB) *twin {
	return &twin{
		shard: shard.New(), view: projection.New(), past: map[exchange.MarketID]*projection.MarketAt{}, engine: model.New(),
		ids: map[uint64]exchange.OrderID{}, ledger: statements{}, now: exchange.Time(1_700_000_000 * second), tb: tb,
	}
}

// pass lets log time pass, and all happen that falls due.
func (w *twin) pass(time exchange.Duration) {
	w.now += exchange.Time(time)
	w.apply(wire.AppendBatchHead(nil, w.now, 0))
	w.settle()
}

// settle lets all steps be done.
func (w *twin) settle() {
	for w.shard.Backlog() {
		w.apply(wire.AppendBatchHead(nil, w.now, 0))
	}
	w.engine.Drain(w.now)
}

// do executes a command on both sides, and lets all that follows from it happen.
func (w *twin) do(cmd exchange.Command) {
	batch := wire.AppendBatchHead(nil, w.now, 1)
	batch, err := wire.AppendCommand(batch, cmd)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.apply(batch)
	w.engine.Apply(w.now, withoutSlot(cmd))
	w.settle()
}

func (w *twin) apply(batch []byte) {
	if err := w.shard.Apply(batch, &w.out); err != nil {
		w.tb.Fatal(err)
	}
	out := &w.out
	if err := w.view.Apply(out.Time, out.FirstSeq, out.Events, out.Count); err != nil {
		w.tb.Fatal(err)
	}
	for id, past := range w.past {
		if err := past.ApplyRecord(out.Time, out.FirstSeq, out.Events, out.Count); err != nil {
			w.tb.Fatalf("market %d alone: %v", id, err)
		}
	}
	w.note()
}

// note remembers the ids that the shard gives to orders, and begins to follow new markets alone.
func (w *twin) note() {
	var d wire.Decoder
	frames := w.out.Events
	for seq := w.out.FirstSeq; len(frames) > 0; seq++ {
		frame, rest, _ := wire.Next(frames)
		frames = rest
		event, _ := d.Event(frame)
		if wrong := w.ledger.add(seq, w.now, frame, event); len(wrong) > 0 {
			w.tb.Fatalf("%T %+v: ledger entries that do not follow: %+v", event, event, wrong)
		}
		switch e := event.(type) {
		case *exchange.OrderPlaced:
			w.ids[e.Order.Number()] = e.Order
			placed := *e
			placed.ClientID = nil
			w.placed = append(w.placed, placed)
		case *exchange.MarketCreated:
			past := projection.NewMarketAt(e.Market)
			if err := past.ApplyRecord(w.out.Time, w.out.FirstSeq, w.out.Events, w.out.Count); err != nil {
				w.tb.Fatal(err)
			}
			w.past[e.Market] = past
		}
	}
}

// withoutSlot makes the order's id in a command what the model knows it by.
func withoutSlot(cmd exchange.Command) exchange.Command {
	switch c := cmd.(type) {
	case *exchange.CancelOrder:
		copied := *c
		copied.Order = exchange.NewOrderID(c.Order.Number(), 0)
		return &copied
	case *exchange.AmendOrder:
		copied := *c
		copied.Order = exchange.NewOrderID(c.Order.Number(), 0)
		return &copied
	}
	return cmd
}

// modelView builds a View from the model's state.
func (w *twin) modelView() *projection.View {
	e := w.engine
	b := projection.NewBuilder(w.shard.Seq(), w.now)
	must := func(err error) {
		if err != nil {
			w.tb.Fatal(err)
		}
	}
	b.SetRules(int(e.Rules))
	b.AddHouse(e.House, e.World)
	b.SetTransferred(e.Received, e.Released)
	for id, n := range e.Neighbours {
		must(b.AddNeighbour(&projection.Neighbour{ID: id, Released: uint64(n.Released), Outbox: n.Sent[n.Released:], Received: n.Received}))
	}
	held := map[exchange.AccountID]exchange.Money{}
	for _, o := range e.AllOrders() {
		held[o.Account] += o.Hold
	}
	for _, a := range e.Accounts {
		if a.Absent {
			continue
		}
		must(b.AddAccount(&projection.Account{
			ID: a.ID, Name: a.Name, PasswordHash: a.PasswordHash, Cash: a.Cash, Held: held[a.ID], Receivable: a.Receivable,
			Version: a.Version, MaxOpenOrders: a.MaxOpenOrders, Blocked: a.Blocked, DeadMan: a.Deadline,
		}))
	}
	for _, g := range e.Groups {
		state := projection.GroupActive
		if g.Triggered {
			state = projection.GroupTriggered
		}
		if g.Deleted {
			state = projection.GroupDeleted
		}
		must(b.AddGroup(&projection.Group{ID: g.ID, Account: g.Account, Limit: g.Limit, Window: g.Window, State: state, Version: g.Version, Cancelled: g.Cancelled}))
	}
	for _, m := range e.Markets {
		if m.ID == 0 {
			continue
		}
		must(b.AddMarket(w.modelMarket(m)))
		for i, book := range m.Books {
			outcome := exchange.Outcome(i)
			for account, p := range book.Positions {
				must(b.AddPosition(&projection.Position{
					Account: account, Market: m.ID, Outcome: outcome, Yes: exchange.Quantity(p.Yes), No: exchange.Quantity(p.No),
					ReservedYes: exchange.Quantity(p.ReservedYes), ReservedNo: exchange.Quantity(p.ReservedNo), Paid: p.Paid,
				}))
			}
			for _, side := range book.Sides {
				for _, o := range side {
					must(b.AddOrder(w.modelOrder(o)))
				}
			}
		}
	}
	return b.View()
}

func (w *twin) modelMarket(m *model.Market) *projection.Market {
	seen, _ := w.view.Market(m.ID) // for what the model does not keep
	out := &projection.Market{
		ID: m.ID, Spec: m.Spec, State: m.State, Version: m.Version, PayAfter: m.PayAfter, Escrow: m.Escrow, Fees: m.Fees,
		Ending: seen.Ending, Books: make([]projection.Book, len(m.Books)),
	}
	for i, b := range m.Books {
		out.Books[i].Last = b.Last
		if m.Values != nil {
			out.Books[i].Value = m.Values[i]
		}
	}
	return out
}

func (w *twin) modelOrder(o *model.Order) *projection.Order {
	return &projection.Order{
		ID: w.ids[o.ID.Number()], Account: o.Account, Market: o.Market, Group: o.Group, Outcome: o.Outcome, Side: o.Side,
		TimeInForce: o.TimeInForce, SelfTrade: o.SelfTrade, Flags: o.Flags, Price: o.Price,
		Filled: exchange.Quantity(o.Filled), Remaining: exchange.Quantity(o.Open()), Closing: exchange.Quantity(o.Closing),
		Hold: o.Hold, ExpireAt: o.ExpireAt, Version: o.Version, ClientID: []byte(o.ClientID),
	}
}

// compare fails if the View is not what the shard and the model are.
func (w *twin) compare() {
	if err := w.view.Check(); err != nil {
		w.tb.Fatal(err)
	}
	want, got := w.shard.Totals(), w.view.Totals()
	if got.Cash != want.Cash || got.Held != want.Held || got.Escrow != want.Escrow || got.MarketFees != want.MarketFees ||
		got.HouseFees != want.HouseFees || got.Receivables != want.Receivable || got.World != want.World {
		w.tb.Fatalf("totals %+v, the shard's %+v", got, want)
	}
	for id, sum := range w.ledger {
		if a, _ := w.view.Account(id); a.Cash != sum.Balance || a.Held != sum.Hold {
			w.tb.Fatalf("account %d has %v and %v held, by its ledger %v and %v", id, a.Cash, a.Held, sum.Balance, sum.Hold)
		}
	}
	held, err := w.shard.View()
	if err != nil {
		w.tb.Fatal(err)
	}
	for name, other := range map[string]*projection.View{"shard": held, "model": w.modelView()} {
		if err := other.Check(); err != nil {
			w.tb.Fatalf("the View built from the %s: %v", name, err)
		}
		if lines := w.view.Diff(other); len(lines) > 0 {
			w.tb.Fatalf("the View and the %s differ: %q", name, lines)
		}
	}
	for id, past := range w.past {
		w.compareAlone(id, past.View())
	}
}

// compareAlone compares a market that was folded alone with the same market among all.
func (w *twin) compareAlone(id exchange.MarketID, alone *projection.View) {
	a, _ := w.view.Market(id)
	b, ok := alone.Market(id)
	if !ok || fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) {
		w.tb.Fatalf("market %d alone is\n%+v, among all\n%+v", id, b, a)
	}
	if x, y := fmt.Sprint(w.view.Holders(id)), fmt.Sprint(alone.Holders(id)); x != y {
		w.tb.Fatalf("positions in market %d alone are %s, among all %s", id, y, x)
	}
	for outcome := range exchange.Outcome(len(a.Books)) {
		for side := range exchange.Side(2) {
			x, y := w.view.Orders(id, outcome, side), alone.Orders(id, outcome, side)
			if fmt.Sprint(x) != fmt.Sprint(y) {
				w.tb.Fatalf("orders in market %d alone are %v, among all %v", id, y, x)
			}
		}
	}
}

func TestViewIsWhatShardAndModelAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwin(t)
		for _, cmd := range opening() {
			w.do(cmd)
		}
		for range rapid.IntRange(1, 15).Draw(t, "rounds") {
			for range 10 {
				w.pass(rapid.SampledFrom([]exchange.Duration{0, 1, second / 2, 100 * second}).Draw(t, "wait"))
				w.do(w.draw(t))
			}
			w.compare()
		}
	})
}
