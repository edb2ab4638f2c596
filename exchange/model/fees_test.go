package model

import (
	"math/big"
	"testing"

	"github.com/hustings/hustings/exchange"
)

func TestFeeOf(t *testing.T) {
	tests := []struct {
		rate     *big.Rat
		quantity int64
		price    exchange.Price
		want     string // units
	}{
		{big.NewRat(7, 100), 10, 6000, "1680"},              // 0.07 × 10 × 0.6 × 0.4 = 0.168
		{big.NewRat(7, 100), 1, 1, "69993/1000000"},         // 0.07 × 0.0001 × 0.9999
		{big.NewRat(333, 10_000), 1, 5000, "333/4"},         // 0.0333 / 4 = 0.008325
		{big.NewRat(1, 1), 1_000_000, 5000, "2500000000/1"}, // the most that a fill can owe
	}
	for _, test := range tests {
		want, _ := new(big.Rat).SetString(test.want)
		if got := feeOf(test.rate, test.quantity, test.price); got.Cmp(want) != 0 {
			t.Errorf("%v × %d at %v: got %v, want %v", test.rate, test.quantity, test.price, got, want)
		}
	}
}

func TestSplitFillsCostNoMore(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee = 333 })
	d.do(sell(bob, 1, 5000))
	d.do(sell(bob, 1, 5000))
	d.do(sell(bob, 1, 5000))
	if reply := d.do(buy(alice, 3, 5000)); reply.Fees != 250 { // ⌈3 × 83.25⌉
		t.Errorf("fees %v", reply.Fees)
	}
	for i, want := range []exchange.Money{84, 83, 83} { // 83.25, 166.5 and 249.75 rounded up
		if got := d.trades[i].TakerFee; got != want {
			t.Errorf("fill %d pays %d, want %d", i, got, want)
		}
	}
	if d.Markets[0].Fees != 250 {
		t.Errorf("the market has %v", d.Markets[0].Fees)
	}
}

// The maker's rate is 0.07 × 0.25 = 0.0175: at 0.6000 a contract owes 42 units.
func TestMakerHoldAndFee(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee, s.MakerShare = 700, 2500 })
	d.do(buy(alice, 10, 6000))
	d.holds(alice, 6_0420)
	d.do(sell(bob, 4, 5000))
	d.holds(alice, 6*6042)
	d.cash(alice, 1_000_0000-6_0420)
	if trade := d.trades[0]; trade.MakerFee != 168 || trade.MakerHold != 4*6042 || trade.TakerFee != 672 {
		t.Errorf("got %+v", trade)
	}
}

// One order that trades as taker and then as maker keeps one sum. The taker owes 0.0333 × 0.25 = 83.25 and is charged
// 84; the maker's rate is a tenth: 8.325 a contract.
func TestOverpaidFractionIsUsed(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee, s.MakerShare = 333, 1000 })
	d.do(sell(bob, 1, 5000))
	d.do(buy(alice, 3, 5000))
	d.holds(alice, 2*5000+16) // ⌈16.65 − 0.75⌉
	d.do(sell(bob, 1, 5000))
	if fee := d.trades[0].MakerFee; fee != 8 { // ⌈91.575⌉ − 84
		t.Errorf("maker pays %d", fee)
	}
	d.holds(alice, 5000+8) // ⌈8.325 − 0.425⌉
	d.do(sell(bob, 1, 5000))
	if fee := d.trades[0].MakerFee; fee != 8 { // ⌈99.9⌉ − 92
		t.Errorf("maker pays %d", fee)
	}
	d.holds(alice, 0)
	d.cash(alice, 1_000_0000-3*5000-100)
}

// An order with a closing part holds for its opening part alone; what it overpaid counts once the closing part is gone.
func TestHoldWhileClosing(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee, s.MakerShare = 333, 1000 })
	d.do(sell(alice, 2, 5000))
	d.do(buy(bob, 2, 5000))
	d.do(sell(carol, 1, 5000))
	d.do(buy(alice, 3, 5000)) // closes 1 as taker for 83.25, which is 84; one more that closes and one that opens rest
	d.holds(alice, 5000+9)    // ⌈8.325⌉
	d.do(sell(bob, 1, 5000))  // owed 91.575, charged 92
	d.has(alice, Position{})
	d.holds(alice, 5000+8) // ⌈8.325 − 0.425⌉
}

func TestGreatestFee(t *testing.T) {
	m := &Market{Spec: exchange.MarketSpec{TakerFee: 10_000}}
	tests := []struct {
		side  exchange.Side
		limit exchange.Price
		want  exchange.Money
	}{
		{exchange.Buy, 2000, 1600}, {exchange.Buy, 5000, 2500}, {exchange.Buy, 8000, 2500},
		{exchange.Sell, 2000, 2500}, {exchange.Sell, 5000, 2500}, {exchange.Sell, 8000, 1600},
		{exchange.Sell, 9999, 1}, {exchange.Buy, 1, 1},
	}
	for _, test := range tests {
		if got := m.greatestFee(test.side, test.limit, 1); got != test.want {
			t.Errorf("side %d at %v: got %v, want %v", test.side, test.limit, got, test.want)
		}
	}
}

func TestFundsCoverTheGreatestFee(t *testing.T) {
	d := newDesk(t, func(s *exchange.MarketSpec) { s.TakerFee = 700 })
	d.do(&exchange.Withdraw{Account: alice, Amount: 1_000_0000 - 8_1750})
	d.refused(exchange.RejectInsufficientFunds, buy(alice, 10, 8001)) // 8.0010 + 10 × 0.0175
	d.do(buy(alice, 10, 8000))                                        // 8.0000 + 0.1750, of which 8.0000 is held
	d.cash(alice, 1750)
	d.refused(exchange.RejectInsufficientFunds, buy(alice, 1, 3000, atMarket(1751)))
	d.do(buy(alice, 1, 3000, atMarket(1750)))
}
