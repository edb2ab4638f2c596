package exchange

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// parsers are the four readers of decimals, each with the least and greatest value that it takes, in units of 0.0001.
var parsers = []struct {
	name        string
	parse       func(string) (int64, error)
	least, most int64
}{
	{"price", as(ParsePrice), 1, 9_999},
	{"settlement value", as(ParseSettlementValue), 0, 10_000},
	{"rate", as(ParseRate), 0, 10_000},
	{"amount", as(ParseAmount), 1, 1_000_000_000_000_000},
}

func as[T ~uint16 | ~int64](parse func(string) (T, error)) func(string) (int64, error) {
	return func(s string) (int64, error) {
		v, err := parse(s)
		return int64(v), err
	}
}

// What is not a plain decimal is refused by every parser, whatever its value would be, and so are decimals that are finer
// than the unit, even where the digits beyond are zeros.
func TestParseRefusesOtherSpellings(t *testing.T) {
	tests := []struct {
		want  error
		texts []string
	}{
		{ErrDecimalSyntax, []string{
			"", ".", ".5", "5.", "0.", "0..5", "0.5.", "0.1.2", // points
			"-0", "-0.5", "+1", "+0.5", // signs
			"00", "01", "00.5", "007", // leading zeros
			" 1", "1 ", "0. 5", "\t1", "1\n", "0.5\x00", // spaces
			"1e-3", "1E3", "0x1", "0b1", "0.5f", "1_000", "1,000", "0,5", "50%", "$1", // other notations
			"NaN", "nan", "Inf", "-Infinity", "null", "one",
			"１", "0.５", "٠.٥", "½", "0\u00b75", "−1", // digits, points and minus of other scripts
			"0.00001x", "0.5000-", // garbage behind the fourth decimal
			"\xff", "0.\x80",
			"1" + strings.Repeat("0", 24), "0." + strings.Repeat("0", 23), // longer than any value
		}},
		{ErrDecimalPlaces, []string{"0.00001", "0.00000", "0.50000", "1.00000", "0.123456789", "0.99999", "0.00009"}},
	}
	for _, test := range tests {
		for _, text := range test.texts {
			for _, p := range parsers {
				if v, err := p.parse(text); !errors.Is(err, test.want) || v != 0 {
					t.Errorf("%s %q: got %d and %v, want %v", p.name, text, v, err, test.want)
				}
			}
		}
	}
}

func TestParseBounds(t *testing.T) {
	const refused = -1 // with ErrDecimalRange
	tests := []struct {
		text                            string
		price, settlement, rate, amount int64
	}{
		{"0", refused, 0, 0, refused},
		{"0.0", refused, 0, 0, refused},
		{"0.0000", refused, 0, 0, refused},
		{"0.0001", 1, 1, 1, 1},
		{"0.5", 5_000, 5_000, 5_000, 5_000},
		{"0.50", 5_000, 5_000, 5_000, 5_000},
		{"0.0700", 700, 700, 700, 700},
		{"0.9999", 9_999, 9_999, 9_999, 9_999},
		{"1", refused, 10_000, 10_000, 10_000},
		{"1.0000", refused, 10_000, 10_000, 10_000},
		{"1.0001", refused, refused, refused, 10_001},
		{"6.5536", refused, refused, refused, 65_536}, // 2¹⁶ would be 0 in a price
		{"10", refused, refused, refused, 100_000},
		{"100000000000", refused, refused, refused, 1_000_000_000_000_000},
		{"100000000000.0001", refused, refused, refused, refused},
		{"922337203685477.5807", refused, refused, refused, refused}, // 2⁶³ − 1 units
		{"922337203685477.5808", refused, refused, refused, refused}, // 2⁶³ units
		{"9223372036854775807", refused, refused, refused, refused},
		{"9223372036854775808", refused, refused, refused, refused},
		{"18446744073709551616", refused, refused, refused, refused}, // 2⁶⁴
		{"18446744073709551616.5", refused, refused, refused, refused},
		{strings.Repeat("9", 24), refused, refused, refused, refused},
	}
	for _, test := range tests {
		for i, want := range []int64{test.price, test.settlement, test.rate, test.amount} {
			p := parsers[i]
			v, err := p.parse(test.text)
			if want == refused {
				if !errors.Is(err, ErrDecimalRange) {
					t.Errorf("%s %q: got %d and %v, want %v", p.name, test.text, v, err, ErrDecimalRange)
				}
			} else if err != nil || v != want {
				t.Errorf("%s %q: got %d and %v, want %d", p.name, test.text, v, err, want)
			}
		}
	}
}

func TestStringOfMoney(t *testing.T) {
	tests := []struct {
		money Money
		want  string
	}{
		{0, "0.0000"}, {1, "0.0001"}, {10, "0.0010"}, {9_999, "0.9999"}, {10_000, "1.0000"}, {12_345_678, "1234.5678"},
		{-1, "-0.0001"}, {-10_000, "-1.0000"},
		{math.MaxInt64, "922337203685477.5807"}, {math.MinInt64, "-922337203685477.5808"},
	}
	for _, test := range tests {
		if got := test.money.String(); got != test.want {
			t.Errorf("%d: got %s, want %s", int64(test.money), got, test.want)
		}
	}
}

func TestWhatIsPrintedCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range parsers {
			want := rapid.Int64Range(p.least, p.most).Draw(t, p.name)
			text := Money(want).String()
			if got, err := p.parse(text); err != nil || got != want {
				t.Fatalf("%s %s: got %d and %v, want %d", p.name, text, got, err, want)
			}
		}
		m := Money(rapid.Int64().Draw(t, "money"))
		if got := string(m.Append([]byte("x"))); got != "x"+m.String() {
			t.Fatalf("appended %s", got)
		}
		p := rapid.Uint16().Draw(t, "price")
		if Price(p).String() != Money(p).String() || FeeRate(p).String() != Money(p).String() {
			t.Fatalf("%v and %v are not %v", Price(p), FeeRate(p), Money(p))
		}
	})
}

// plain is the grammar that the parsers take, but for the length.
var plain = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]{1,4})?$`)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "1", "0.62", "1.0000", "0.00001", "-0", "1e-3", "NaN", "１", "9223372036854775808", "00", "5."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		units, good := new(big.Rat), len(text) <= 24 && plain.MatchString(text)
		if good {
			units.SetString(text)
			units.Mul(units, big.NewRat(scale, 1))
		}
		for _, p := range parsers {
			taken := good && units.Cmp(big.NewRat(p.least, 1)) >= 0 && units.Cmp(big.NewRat(p.most, 1)) <= 0
			v, err := p.parse(text)
			if taken != (err == nil) || err != nil && v != 0 {
				t.Fatalf("%s %q: got %d and %v", p.name, text, v, err)
			}
			if taken && units.Cmp(big.NewRat(v, 1)) != 0 {
				t.Fatalf("%s %q: got %d, want %v", p.name, text, v, units)
			}
		}
	})
}
