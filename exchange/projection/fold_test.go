package projection_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
)

const start = exchange.Time(1_700_000_000 * second)

var (
	annsBid  = exchange.NewOrderID(1, 1)
	bobsAsk  = exchange.NewOrderID(2, 2)
	noOrder  = exchange.NewOrderID(9, 9)
	newOrder = exchange.NewOrderID(3, 3)
)

// apply folds events as one record.
func apply(v *projection.View, now exchange.Time, events ...exchange.Event) error {
	var frames []byte
	for _, e := range events {
		frames = wire.AppendEvent(frames, e)
	}
	return v.Apply(now, v.Seq()+1, frames, len(events))
}

func mustApply(tb testing.TB, v *projection.View, now exchange.Time, events ...exchange.Event) {
	tb.Helper()
	if err := apply(v, now, events...); err != nil {
		tb.Fatal(err)
	}
}

// beginning is two accounts with 100.0000 each, a market with a fee of 7 %, and a trade of 4 contracts at 0.4000 between
// ann, who bid for 10, and bob. It ends at event 10.
func beginning() []exchange.Event {
	return []exchange.Event{
		&exchange.AccountRegistered{Account: 1, Name: "ann", PasswordHash: "secret"},
		&exchange.AccountRegistered{Account: 2, Name: "bob"},
		&exchange.FundsDeposited{Account: 1, Amount: 1_000_000, Cash: 1_000_000},
		&exchange.FundsDeposited{Account: 2, Amount: 1_000_000, Cash: 1_000_000},
		&exchange.MarketCreated{Market: 1, Spec: exchange.MarketSpec{Question: "Will it rain tomorrow?", TakerFee: 700}},
		&exchange.OrderPlaced{Market: 1, Order: annsBid, Account: 1, Price: 4000, Quantity: 10, Resting: 10, Hold: 40_000,
			Cash: 960_000, ClientID: []byte("ann-1")},
		&exchange.OrderPlaced{Market: 1, Order: bobsAsk, Account: 2, Side: exchange.Sell, Price: 3900, Quantity: 4,
			TimeInForce: exchange.ImmediateOrCancel, Cash: 1_000_000},
		&exchange.OrderMatched{Market: 1, Maker: annsBid, Taker: bobsAsk, MakerAccount: 1, TakerAccount: 2,
			TakerSide: exchange.Sell, Price: 4000, Quantity: 4, TakerFee: 672, MakerHold: 16_000, MakerCash: 960_000, TakerCash: 975_328},
		&exchange.PositionOpened{Account: 1, Market: 1},
		&exchange.PositionOpened{Account: 2, Market: 1},
	}
}

func begun(tb testing.TB) *projection.View {
	v := projection.New()
	mustApply(tb, v, start, beginning()...)
	return v
}

func TestTradeChangesAllItShould(t *testing.T) {
	v := begun(t)
	if err := v.Check(); err != nil {
		t.Fatal(err)
	}
	ann, _ := v.Account(1)
	bob, _ := v.AccountByName("bob")
	order, _ := v.Order(1, annsBid)
	portfolio, _ := v.Portfolio(2)
	market, _ := v.Market(1)
	depth, _ := v.Depth(1, 0, 5)
	for _, c := range []struct{ got, want any }{
		{ann, projection.Account{ID: 1, Name: "ann", PasswordHash: "secret", Cash: 960_000, Held: 24_000, Version: 1,
			MaxOpenOrders: projection.DefaultMaxOpenOrders, Tier: exchange.TierStandard, OpenOrders: 1}},
		{bob.Cash, exchange.Money(975_328)},
		{order, projection.Order{ID: annsBid, Account: 1, Market: 1, Price: 4000, Quantity: 10, Filled: 4, Remaining: 6,
			Hold: 24_000, Version: 1, ClientID: []byte("ann-1"), PlacedAt: start}},
		{v.Positions(1, projection.PositionCursor{}, 9), []projection.Position{{Account: 1, Market: 1, Yes: 4, Paid: 16_000, YesCost: 16_000}}},
		{v.Positions(2, projection.PositionCursor{}, 9), []projection.Position{{Account: 2, Market: 1, No: 4, Paid: 24_672, NoCost: 24_000}}},
		{[]any{portfolio.Positions, portfolio.Value, portfolio.Cost, portfolio.Realised}, []any{1, exchange.Money(24_000), exchange.Money(24_000), exchange.Money(-672)}},
		{market.Books[0], projection.Book{Last: 4000, Yes: 4, No: 4, Bid: 4000, BidQuantity: 6, Volume: 4, Trades: 1, DayVolume: 4}},
		{[]exchange.Money{market.Escrow, market.Fees}, []exchange.Money{40_000, 672}},
		{depth, projection.Depth{Seq: 10, Bids: []projection.Level{{Price: 4000, Quantity: 6, Orders: 1}}, Asks: []projection.Level{}}},
		{v.Totals(), projection.Totals{Cash: 1_935_328, Held: 24_000, Escrow: 40_000, MarketFees: 672, World: 2_000_000,
			Accounts: 2, Markets: 1, OpenOrders: 1, Positions: 2, Trades: 1, Volume: 4}},
		{v.Seq(), exchange.Seq(10)},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%T (-want +got):\n%s", c.want, diff)
		}
	}
}

// closing is ann selling 2 of her 4 contracts to bob's bid at 0.7000, for which bob gives up 2 of his.
func closing() []exchange.Event {
	bid, ask := exchange.NewOrderID(3, 2), exchange.NewOrderID(4, 3)
	return []exchange.Event{
		&exchange.OrderPlaced{Market: 1, Order: bid, Account: 2, Price: 7000, Quantity: 2, Closing: 2, Resting: 2, Cash: 975_328},
		&exchange.OrderPlaced{Market: 1, Order: ask, Account: 1, Side: exchange.Sell, Price: 7000, Quantity: 2, Closing: 2, Cash: 960_000},
		&exchange.OrderMatched{Market: 1, Maker: bid, Taker: ask, MakerAccount: 2, TakerAccount: 1, TakerSide: exchange.Sell,
			Price: 7000, Quantity: 2, MakerClosing: 2, TakerClosing: 2, TakerFee: 294, MakerCash: 981_328, TakerCash: 973_706},
	}
}

func TestClosingRealisesProfit(t *testing.T) {
	v := begun(t)
	mustApply(t, v, start, closing()...)
	for account, want := range map[exchange.AccountID]projection.Position{
		1: {Account: 1, Market: 1, Yes: 2, Paid: 16_000 - 14_000 + 294, YesCost: 8_000},
		2: {Account: 2, Market: 1, No: 2, Paid: 24_672 - 6_000, NoCost: 12_000},
	} {
		got, _ := v.Position(account, 1, 0)
		if got != want {
			t.Errorf("account %d has %+v, want %+v", account, got, want)
		}
	}
	ann, _ := v.Position(1, 1, 0)
	bob, _ := v.Position(2, 1, 0)
	if ann.Realised() != 2*3_000-294 || bob.Realised() != -2*3_000-672 {
		t.Errorf("ann realised %v and bob %v", ann.Realised(), bob.Realised())
	}
	if err := v.Check(); err != nil {
		t.Error(err)
	}
}

func TestMoneyOfAMarketThatIsSettled(t *testing.T) {
	v := begun(t)
	mustApply(t, v, start+1,
		&exchange.MarketResolved{MarketChanged: exchange.MarketChanged{Market: 1, Version: 2}, Values: []exchange.Price{2500},
			PayAfter: start + 1, Source: "gazette", Evidence: "page 3"},
		&exchange.OrderCancelled{Release: exchange.Release{Market: 1, Order: annsBid, Account: 1, Quantity: 6, HoldReleased: 24_000, Cash: 984_000}},
		&exchange.PayoutIssued{Account: 1, Market: 1, Yes: 4, Amount: 10_000, Cash: 994_000},
		&exchange.PositionClosed{Account: 1, Market: 1, Paid: 6_000})
	if err := v.Check(); err != nil {
		t.Fatal(err)
	}
	mustApply(t, v, start+1,
		&exchange.PayoutIssued{Account: 2, Market: 1, No: 4, Amount: 30_000, Cash: 1_005_328},
		&exchange.PositionClosed{Account: 2, Market: 1, Paid: -5_328},
		&exchange.MarketSettled{MarketChanged: exchange.MarketChanged{Market: 1, Version: 3}, Fees: 672})
	m, _ := v.Market(1)
	want := projection.Ending{Source: "gazette", Evidence: "page 3"}
	if m.State != exchange.StateSettled || m.Escrow != 0 || m.Fees != 0 || m.Books[0].Value != 2500 || m.Ending != want {
		t.Errorf("%+v", m)
	}
	if all := v.Positions(1, projection.PositionCursor{}, 9); len(all) != 0 {
		t.Errorf("positions are left: %+v", all)
	}
	if p, _ := v.Portfolio(2); p.Realised != 5_328 || p.Value != 0 {
		t.Errorf("bob's portfolio: %+v", p)
	}
	if v.Totals().HouseFees != 672 {
		t.Errorf("the house has %v", v.Totals().HouseFees)
	}
	if err := v.Check(); err != nil {
		t.Error(err)
	}
}
