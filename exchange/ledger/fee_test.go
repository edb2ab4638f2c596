package ledger

import (
	"math/big"
	"testing"

	"github.com/hustings/hustings/exchange"
	"pgregory.net/rapid"
)

// A fee is rate × contracts × p × (1 − p), rounded up to 0.0001.
func TestFee(t *testing.T) {
	tests := []struct {
		rate exchange.FeeRate
		p    exchange.Price
		q    exchange.Quantity
		want exchange.Money
	}{
		{700, 5_000, 10, 1_750},                                 // 0.07 × 10 × 0.5 × 0.5 = 0.175
		{700, 5_000, 1, 175},                                    // 0.0175
		{700, 6_000, 10, 1_680},                                 // 0.07 × 10 × 0.6 × 0.4 = 0.168
		{700, 4_000, 10, 1_680},                                 // the same for the other contract
		{333, 5_000, 1, 84},                                     // 0.0333 × 0.25 = 0.008325
		{333, 5_000, 3, 250},                                    // 0.024975
		{700, 1, 1, 1},                                          // 0.000006993: the least fee
		{700, 9_999, 1, 1},                                      //
		{1, 1, 1, 1},                                            // 0.00000000999
		{0, 5_000, 1_000_000, 0},                                // no fee
		{10_000, 5_000, 1_000_000, 2_500_000_000},               // 1 × 1,000,000 × 0.25 = 250,000
		{10_000, 5_000, 1_000_000_000, 2_500_000_000_000},       // more than 64 bits of fee fractions
		{9_999, 4_999, exchange.MaxPosition, 2_499_749_900_010}, // 0.9999 × 10⁹ × 0.4999 × 0.5001 = 249,974,990.0010
	}
	for _, test := range tests {
		var overpaid uint64
		if got := Fee(TakerRate(test.rate), test.p, test.q, &overpaid); got != test.want {
			t.Errorf("rate %v, %d at %v: got %v, want %v", test.rate, test.q, test.p, got, test.want)
		}
	}
}

// The maker pays a share of the taker's rate: a quarter of 7 % is 1.75 %.
func TestMakerShare(t *testing.T) {
	tests := []struct {
		share exchange.FeeRate
		want  exchange.Money // of 10 contracts at 0.60
	}{
		{0, 0}, {2_500, 420}, {5_000, 840}, {10_000, 1_680}, {1, 1},
	}
	for _, test := range tests {
		var overpaid uint64
		if got := Fee(MakerRate(700, test.share), 6_000, 10, &overpaid); got != test.want {
			t.Errorf("share %v: got %v, want %v", test.share, got, test.want)
		}
	}
}

// Three fills of 83.25 units each are charged 84, 83 and 83: 249.75 rounded up once, not three times.
func TestSplitFills(t *testing.T) {
	var overpaid uint64
	for i, want := range []exchange.Money{84, 83, 83} {
		if got := Fee(TakerRate(333), 5_000, 1, &overpaid); got != want {
			t.Errorf("fill %d pays %d, want %d", i, got, want)
		}
	}
}

// However an order is filled, at whatever prices, as taker or as maker, its fees add up to what it owes in all, rounded up.
func TestFeesRoundOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fee := exchange.FeeRate(rapid.IntRange(1, 10_000).Draw(t, "fee"))
		rates := []Rate{TakerRate(fee), MakerRate(fee, exchange.FeeRate(rapid.IntRange(0, 10_000).Draw(t, "share")))}
		var overpaid uint64
		var charged exchange.Money
		owed := new(big.Int)
		for range rapid.IntRange(1, 12).Draw(t, "fills") {
			rate := rapid.SampledFrom(rates).Draw(t, "rate")
			p := exchange.Price(rapid.IntRange(1, 9_999).Draw(t, "price"))
			q := exchange.Quantity(rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, 1_000_000_000)).Draw(t, "quantity"))
			charged += Fee(rate, p, q, &overpaid)
			owed.Add(owed, exactFee(rate, p, q))
			if want := roundUp(owed); charged != want {
				t.Fatalf("charged %v, want %v", charged, want)
			}
		}
	})
}

// exactFee is in units of 10⁻¹⁶: rate, p and 1 − p multiplied as they are.
func exactFee(rate Rate, p exchange.Price, q exchange.Quantity) *big.Int {
	fee := new(big.Int).SetUint64(uint64(rate))
	for _, factor := range []int64{int64(q), int64(p), int64(exchange.One - p)} {
		fee.Mul(fee, big.NewInt(factor))
	}
	return fee
}

func roundUp(fee *big.Int) exchange.Money {
	unit := big.NewInt(1_000_000_000_000) // 10⁻⁴
	whole, rest := new(big.Int).DivMod(fee, unit, new(big.Int))
	return exchange.Money(whole.Int64() + int64(rest.Sign()))
}

// A fee is greatest at 0.50. A buyer at 0.80 may trade there, a buyer at 0.20 may not.
func TestMaxFee(t *testing.T) {
	tests := []struct {
		side  exchange.Side
		limit exchange.Price
		want  exchange.Money // of one contract at 100 %
	}{
		{exchange.Buy, 2_000, 1_600}, {exchange.Buy, 5_000, 2_500}, {exchange.Buy, 8_000, 2_500}, {exchange.Buy, 1, 1},
		{exchange.Sell, 2_000, 2_500}, {exchange.Sell, 5_000, 2_500}, {exchange.Sell, 8_000, 1_600}, {exchange.Sell, 9_999, 1},
	}
	for _, test := range tests {
		if got := MaxFee(TakerRate(10_000), test.side, test.limit, 1); got != test.want {
			t.Errorf("side %d at %v: got %v, want %v", test.side, test.limit, got, test.want)
		}
	}
	if MaxFee(0, exchange.Buy, 5_000, 10) != 0 || MaxFee(TakerRate(700), exchange.Buy, 5_000, 0) != 0 {
		t.Error("there is a fee for no rate or no contracts")
	}
}

// No price within the limit costs more than the greatest fee, and one costs as much.
func TestMaxFeeIsReached(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := TakerRate(exchange.FeeRate(rapid.IntRange(1, 10_000).Draw(t, "fee")))
		limit := exchange.Price(rapid.IntRange(1, 9_999).Draw(t, "limit"))
		q := exchange.Quantity(rapid.IntRange(1, 1_000_000).Draw(t, "quantity"))
		for _, side := range []exchange.Side{exchange.Buy, exchange.Sell} {
			low, high := exchange.MinPrice, limit
			if side == exchange.Sell {
				low, high = limit, exchange.MaxPrice
			}
			var most exchange.Money
			for p := low; p <= high; p++ {
				var overpaid uint64
				most = max(most, Fee(rate, p, q, &overpaid))
			}
			if got := MaxFee(rate, side, limit, q); got != most {
				t.Fatalf("side %d at %v: got %v, want %v", side, limit, got, most)
			}
		}
	})
}

func TestHoldFor(t *testing.T) {
	quarter := MakerRate(700, 2_500) // 1.75 %: 0.0042 a contract at 0.60
	tests := []struct {
		rate  Rate
		side  exchange.Side
		limit exchange.Price
		q     exchange.Quantity
		want  exchange.Money
	}{
		{0, exchange.Buy, 6_000, 10, 6_0000},
		{0, exchange.Sell, 6_000, 10, 4_0000},
		{quarter, exchange.Buy, 6_000, 10, 6_0420},
		{quarter, exchange.Sell, 6_000, 10, 4_0420},
		{quarter, exchange.Buy, 6_000, 0, 0}, // all of it closes
	}
	for _, test := range tests {
		if got := HoldFor(test.rate, test.side, test.limit, test.q, 0); got != test.want {
			t.Errorf("side %d, %d at %v: got %v, want %v", test.side, test.q, test.limit, got, test.want)
		}
	}
}

// What is held is what a fill at the limit will take, to the unit, whatever was overpaid before.
func TestHoldCoversTheFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := MakerRate(exchange.FeeRate(rapid.IntRange(0, 10_000).Draw(t, "fee")), exchange.FeeRate(rapid.IntRange(0, 10_000).Draw(t, "share")))
		side := exchange.Side(rapid.IntRange(0, 1).Draw(t, "side"))
		limit := exchange.Price(rapid.IntRange(1, 9_999).Draw(t, "limit"))
		q := exchange.Quantity(rapid.IntRange(1, 1_000_000).Draw(t, "quantity"))
		overpaid := rapid.Uint64Range(0, feeUnit-1).Draw(t, "overpaid")
		hold := HoldFor(rate, side, limit, q, overpaid)
		if want := exchange.Cost(side.OpenCost(limit), q) + Fee(rate, limit, q, &overpaid); hold != want {
			t.Fatalf("%v is held, the fill takes %v", hold, want)
		}
	})
}

// 2²⁶ × 2²¹ contracts × 8,192 × 1,808 is 113 × 2⁶⁴: what was overpaid before is taken from the upper half too.
func TestCreditBorrows(t *testing.T) {
	overpaid := uint64(1)
	owed := new(big.Int).Lsh(big.NewInt(113), 64)
	want := roundUp(owed.Sub(owed, big.NewInt(1)))
	if got := Fee(MakerRate(8_192, 8_192), 8_192, 1<<21, &overpaid); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
