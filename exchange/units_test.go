package exchange

import (
	"math/big"
	"testing"
)

// A buyer of Yes at 0.62 pays 0.62, the seller takes the No for 0.38: together they make one pair, worth 1.
func TestOpenCost(t *testing.T) {
	for p := MinPrice; p <= MaxPrice; p++ {
		if Buy.OpenCost(p) != p || Buy.OpenCost(p)+Sell.OpenCost(p) != One {
			t.Fatalf("at %v a buyer pays %v and a seller %v", p, Buy.OpenCost(p), Sell.OpenCost(p))
		}
		if p.Complement() != Sell.OpenCost(p) || p.Complement().Complement() != p {
			t.Fatalf("the other contract costs %v at %v", p.Complement(), p)
		}
	}
	if Buy.Opposite() != Sell || Sell.Opposite() != Buy {
		t.Error("the sides are not opposite")
	}
}

func TestCostIsExact(t *testing.T) {
	for _, p := range []Price{0, MinPrice, 6_200, MaxPrice, One} {
		for _, q := range []Quantity{0, 1, MaxQuantity, MaxPosition} {
			want := new(big.Int).Mul(big.NewInt(int64(p)), big.NewInt(int64(q)))
			if got := Cost(p, q); want.Cmp(big.NewInt(int64(got))) != 0 {
				t.Errorf("%v × %d: got %v, want %v units", p, q, got, want)
			}
		}
	}
}

func TestTickRuleAllows(t *testing.T) {
	tests := []struct {
		rule    TickRule
		allowed []Price
		off     []Price
	}{
		{TickRule{Middle: 1}, []Price{1, 2, 4_999, 9_999}, nil},
		{TickRule{Middle: 10}, []Price{10, 20, 5_000, 9_990}, []Price{1, 9, 11, 5_005, 9_999}},
		{TickRule{Middle: 100}, []Price{100, 6_200, 9_900}, []Price{10, 150, 6_210, 9_990}},
		{TickRule{Middle: 10, Edge: 1, EdgeWidth: 1_000}, // finer below 0.10 and above 0.90
			[]Price{1, 999, 1_000, 1_010, 8_990, 9_000, 9_001, 9_999}, []Price{1_001, 1_009, 5_005, 8_999}},
		{TickRule{Middle: 100, Edge: 10, EdgeWidth: 500},
			[]Price{10, 490, 500, 600, 9_400, 9_500, 9_510, 9_990}, []Price{5, 499, 510, 9_490, 9_505, 9_999}},
	}
	for _, test := range tests {
		for _, p := range test.allowed {
			if !test.rule.Allows(p) {
				t.Errorf("%+v does not allow %v", test.rule, p)
			}
		}
		for _, p := range test.off {
			if test.rule.Allows(p) {
				t.Errorf("%+v allows %v", test.rule, p)
			}
		}
	}
}

func TestTickRuleValid(t *testing.T) {
	tests := []struct {
		rule  TickRule
		valid bool
		why   string
	}{
		{TickRule{1, 0, 0}, true, "the finest"},
		{TickRule{10, 0, 0}, true, ""},
		{TickRule{100, 0, 0}, true, ""},
		{TickRule{0, 0, 0}, false, "no step"},
		{TickRule{2, 0, 0}, false, "not a step"},
		{TickRule{1_000, 0, 0}, false, "not a step"},
		{TickRule{10, 1, 1_000}, true, "finer edges"},
		{TickRule{10, 10, 1_000}, true, "edges as the middle"},
		{TickRule{10, 100, 1_000}, false, "coarser edges"},
		{TickRule{100, 5, 1_000}, false, "the edge's is not a step"},
		{TickRule{10, 0, 1_000}, false, "edges without a step"},
		{TickRule{10, 1, 0}, false, "a step without edges"},
		{TickRule{10, 1, 1_005}, false, "a border off the middle's grid"},
		{TickRule{100, 10, 4_900}, true, "the widest edges"},
		{TickRule{10, 1, 4_990}, true, "the widest edges"},
		{TickRule{10, 1, 5_000}, false, "no middle left"},
		{TickRule{10, 1, 10_000}, false, "edges wider than all"},
	}
	for _, test := range tests {
		if test.rule.Valid() != test.valid {
			t.Errorf("%+v (%s): valid is %t, want %t", test.rule, test.why, !test.valid, test.valid)
		}
	}
}

// An order on No at p is one on Yes at 1 − p, so a grid that allows one must allow the other.
func TestTickRulesAreSymmetric(t *testing.T) {
	steps := []Price{1, 10, 100}
	for _, middle := range steps {
		for _, edge := range append(steps, 0) {
			for width := Price(0); width < One; width += 10 {
				rule := TickRule{middle, edge, width}
				if !rule.Valid() {
					continue
				}
				for _, p := range []Price{1, 7, 10, 50, width - 1, width, width + 1, width + 10, 4_990, 5_000} {
					if p >= MinPrice && p <= MaxPrice && rule.Allows(p) != rule.Allows(p.Complement()) {
						t.Fatalf("%+v treats %v and %v differently", rule, p, p.Complement())
					}
				}
			}
		}
	}
}
