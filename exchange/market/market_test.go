package market

import (
	"reflect"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Which act fits where a market is in its life. A result can be corrected until its payouts begin.
func TestStates(t *testing.T) {
	const payAfter = now + 100
	tests := []struct {
		state                              exchange.MarketState
		at                                 exchange.Time
		trading, resolve, void, due, ended bool
	}{
		{exchange.StateOpen, now, true, true, true, false, false},
		{exchange.StateSuspended, now, true, true, true, false, false},
		{exchange.StateClosed, now, false, true, true, false, false},
		{exchange.StateResolved, payAfter - 1, false, true, true, false, false},
		{exchange.StateResolved, payAfter, false, false, true, true, false},
		{exchange.StateSettled, payAfter, false, false, false, false, true},
		{exchange.StateVoiding, now, false, false, false, false, false},
		{exchange.StateVoided, now, false, false, false, false, true},
	}
	for _, test := range tests {
		spec := valid()
		m := New(&spec)
		if test.state >= exchange.StateResolved {
			m.Resolve([]exchange.Price{exchange.One}, "the weather office", "", payAfter)
		}
		m.State = test.state
		got := []bool{m.Trading(), m.CanResolve(test.at), m.CanVoid(), m.Due(test.at), m.Ended()}
		if want := []bool{test.trading, test.resolve, test.void, test.due, test.ended}; !reflect.DeepEqual(got, want) {
			t.Errorf("%v at %d: trading, resolve, void, due, ended are %v, want %v", test.state, test.at, got, want)
		}
	}
}

// A collar of 0.10 keeps a buyer from paying more than 0.10 above the last trade, and a seller from taking less.
func TestCollared(t *testing.T) {
	tests := []struct {
		collar, last exchange.Price
		buy, sell    exchange.Price
	}{
		{0, 6_200, 9_999, 1}, // no collar
		{1_000, 0, 9_999, 1}, // no trade yet
		{1_000, 6_200, 7_200, 5_200},
		{1, 6_200, 6_201, 6_199},
		{1_000, 9_500, 9_999, 8_500},
		{1_000, 8_999, 9_999, 7_999},
		{1_000, 1_001, 2_001, 1},
		{1_000, 1_000, 2_000, 1},
		{1_000, 1, 1_001, 1},
		{9_999, 9_999, 9_999, 1},
	}
	for _, test := range tests {
		m := Market{Collar: test.collar}
		if buy, sell := m.Collared(exchange.Buy, test.last), m.Collared(exchange.Sell, test.last); buy != test.buy || sell != test.sell {
			t.Errorf("collar %v around %v: a buyer's worst price is %v and a seller's %v, want %v and %v",
				test.collar, test.last, buy, sell, test.buy, test.sell)
		}
	}
}

// A market keeps what the operator decided, through a snapshot too.
func TestMarketKeepsItsSpecification(t *testing.T) {
	for _, outcomes := range [][]string{nil, names(64)} {
		spec := exchange.MarketSpec{Question: "Who will win?", Rules: "Official result.", Outcomes: outcomes, CloseAt: now, DisputeWindow: 7,
			Tick: exchange.TickRule{Middle: 10, Edge: 1, EdgeWidth: 1_000}, TakerFee: 700, MakerShare: 2_500, PositionLimit: 9,
			Collar: 1_000, Flags: exchange.SelfTradesAllowed}
		m := New(&spec)
		if got := m.Spec(); !reflect.DeepEqual(got, spec) || int(m.Count) != spec.Books() || m.State != exchange.StateOpen {
			t.Errorf("got %+v", got)
		}
		m.Resolve([]exchange.Price{exchange.One}, "source", "evidence", now+1)
		m.Work, m.Halted, m.Timer = Work{Position: 1, Tick: 2, Phase: Paying, Book: 3}, true, 4
		w := codec.Writer(nil)
		m.Fields(&w)
		r := codec.Reader(w.Bytes())
		var read Market
		if read.Fields(&r); !r.Done() || !reflect.DeepEqual(read, m) || read.More().PayAfter != now+1 {
			t.Errorf("read %+v, want %+v", read, m)
		}
	}
}
