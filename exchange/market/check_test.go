package market

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

const now = exchange.Time(1_000_000)

// valid returns a specification with nothing wrong.
func valid() exchange.MarketSpec {
	return exchange.MarketSpec{Question: "Will it rain tomorrow?", Tick: exchange.TickRule{Middle: 100}, PositionLimit: 1000}
}

// names returns n distinct names of outcomes.
func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%02d", i))
	}
	return all
}

// wide returns n characters of 4 bytes each.
func wide(n int) string { return strings.Repeat("𝄞", n) }

// Each bound is accepted, and what lies just beyond is refused.
func TestCheck(t *testing.T) {
	const text, outcomes, terms = exchange.RejectTextInvalid, exchange.RejectOutcomesInvalid, exchange.RejectTermsInvalid
	type spec = exchange.MarketSpec
	tests := []struct {
		name   string
		within []func(*spec)
		beyond []func(*spec)
		want   exchange.Reject
	}{
		{"question of 10 to 500 characters",
			[]func(*spec){func(s *spec) { s.Question = wide(10) }, func(s *spec) { s.Question = wide(500) }},
			[]func(*spec){func(s *spec) { s.Question = "" }, func(s *spec) { s.Question = wide(9) }, func(s *spec) { s.Question = wide(501) },
				func(s *spec) { s.Question = "Will it rain \xff?" }}, text},
		{"rules of up to 10,000 characters",
			[]func(*spec){func(s *spec) { s.Rules = wide(10_000) }},
			[]func(*spec){func(s *spec) { s.Rules = wide(10_001) }, func(s *spec) { s.Rules = "\xff" }}, text},
		{"no outcomes or 2 to 64",
			[]func(*spec){func(s *spec) { s.Outcomes = names(2) }, func(s *spec) { s.Outcomes = names(64) }},
			[]func(*spec){func(s *spec) { s.Outcomes = names(1) }, func(s *spec) { s.Outcomes = names(65) }}, outcomes},
		{"distinct names of 1 to 100 characters",
			[]func(*spec){func(s *spec) { s.Outcomes = []string{"a", wide(100)} }},
			[]func(*spec){func(s *spec) { s.Outcomes = []string{"a", ""} }, func(s *spec) { s.Outcomes = []string{"a", wide(101)} },
				func(s *spec) { s.Outcomes = []string{"a", "b", "a"} }, func(s *spec) { s.Outcomes = []string{"a", "\xff"} }}, outcomes},
		{"texts of up to 60,000 bytes together",
			[]func(*spec){func(s *spec) { *s = long() }},
			[]func(*spec){func(s *spec) { *s = long(); s.Outcomes[59] += "x" }}, text},
		{"closing later than now or by hand",
			[]func(*spec){func(s *spec) { s.CloseAt = now + 1 }},
			[]func(*spec){func(s *spec) { s.CloseAt = now }, func(s *spec) { s.CloseAt = -1 }}, terms},
		{"disputes for up to 90 days",
			[]func(*spec){func(s *spec) { s.DisputeWindow = 7_776_000_000_000_000 }},
			[]func(*spec){func(s *spec) { s.DisputeWindow = 7_776_000_000_000_001 }, func(s *spec) { s.DisputeWindow = -1 }}, terms},
		{"a tick rule that is valid", nil, []func(*spec){func(s *spec) { s.Tick.Middle = 0 }}, terms},
		{"fees of up to 100 %",
			[]func(*spec){func(s *spec) { s.TakerFee, s.MakerShare = 10_000, 10_000 }},
			[]func(*spec){func(s *spec) { s.TakerFee = 10_001 }, func(s *spec) { s.MakerShare = 10_001 }}, terms},
		{"a position limit of 1 to 1,000,000,000",
			[]func(*spec){func(s *spec) { s.PositionLimit = 1 }, func(s *spec) { s.PositionLimit = 1_000_000_000 }},
			[]func(*spec){func(s *spec) { s.PositionLimit = 0 }, func(s *spec) { s.PositionLimit = 1_000_000_001 }}, terms},
		{"a collar below 1",
			[]func(*spec){func(s *spec) { s.Collar = 9_999 }},
			[]func(*spec){func(s *spec) { s.Collar = 10_000 }}, terms},
		{"the two flags",
			[]func(*spec){func(s *spec) { s.Flags = 3 }},
			[]func(*spec){func(s *spec) { s.Flags = 4 }}, terms},
	}
	for _, test := range tests {
		for i, change := range test.within {
			s := valid()
			if change(&s); Check(&s, now) != exchange.Accepted {
				t.Errorf("%s: bound %d is refused: %v", test.name, i, Check(&s, now))
			}
		}
		for i, change := range test.beyond {
			s := valid()
			if change(&s); Check(&s, now) != test.want {
				t.Errorf("%s: beyond %d is %v, want %v", test.name, i, Check(&s, now), test.want)
			}
		}
	}
}

// long has texts of 60,000 bytes: 2,000 of the question, 40,000 of the rules and 300 of each of 60 outcomes.
func long() exchange.MarketSpec {
	s := valid()
	s.Question, s.Rules, s.Outcomes = wide(500), wide(10_000), names(60)
	for i := range s.Outcomes {
		s.Outcomes[i] += wide(74) + "ab"
	}
	return s
}

func TestCheckTexts(t *testing.T) {
	tests := []struct {
		name  string
		check func(string) bool
		least int
		most  int
	}{
		{"reason", CheckReason, 1, 500}, {"evidence", CheckEvidence, 0, 2_000},
		{"question", CheckQuestion, 10, 500}, {"rules", CheckRules, 0, 10_000},
	}
	for _, test := range tests {
		for n, want := range map[int]bool{test.least: true, test.most: true, test.least - 1: false, test.most + 1: false} {
			if n >= 0 && test.check(wide(n)) != want {
				t.Errorf("a %s of %d characters: %t", test.name, n, !want)
			}
		}
	}
}

// Values are one a book, from 0 to 1; of a categorical market they add up to 1.
func TestCheckValues(t *testing.T) {
	tests := []struct {
		books  uint8
		values []exchange.Price
		want   bool
	}{
		{1, []exchange.Price{0}, true}, {1, []exchange.Price{3_333}, true}, {1, []exchange.Price{10_000}, true},
		{1, []exchange.Price{10_001}, false}, {1, nil, false}, {1, []exchange.Price{0, 10_000}, false},
		{3, []exchange.Price{0, 10_000, 0}, true}, {3, []exchange.Price{3_333, 3_333, 3_334}, true},
		{3, []exchange.Price{3_333, 3_333, 3_333}, false}, {3, []exchange.Price{5_000, 5_000, 1}, false},
		{3, []exchange.Price{0, 10_000}, false}, {3, []exchange.Price{0, 0, 0}, false},
		{64, make([]exchange.Price, 64), false},
		{8, []exchange.Price{9_442, 9_442, 9_442, 9_442, 9_442, 9_442, 9_442, 9_442}, false}, // 2¹⁶ + 10,000
	}
	for _, test := range tests {
		m := Market{Count: test.books}
		if m.CheckValues(test.values) != test.want {
			t.Errorf("%d books, %v: %t", test.books, test.values, !test.want)
		}
	}
}
