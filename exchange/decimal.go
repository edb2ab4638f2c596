package exchange

import (
	"errors"
	"strconv"
)

// Errors of the decimal parsers. They are values to compare with, and their texts can be shown to a client.
var (
	ErrDecimalSyntax = errors.New("must be a plain decimal such as 0.62: digits, one point, no sign, exponent or spaces")
	ErrDecimalPlaces = errors.New("must have at most 4 decimals")
	ErrDecimalRange  = errors.New("is out of range")
)

const decimals = 4 // of prices and money
const scale = 10_000

// ParsePrice reads an order's price: a plain decimal above 0 and below 1 with at most 4 decimals.
func ParsePrice(s string) (Price, error) {
	v, err := parseDecimal(s, int64(MaxPrice))
	if err == nil && v < int64(MinPrice) {
		err = ErrDecimalRange
	}
	return Price(v), err
}

// ParseSettlementValue reads what a contract pays: a plain decimal from 0 to 1 with at most 4 decimals.
func ParseSettlementValue(s string) (Price, error) {
	v, err := parseDecimal(s, int64(One))
	return Price(v), err
}

// ParseAmount reads an amount of money above 0 and up to MaxAmount.
func ParseAmount(s string) (Money, error) {
	v, err := parseDecimal(s, int64(MaxAmount))
	if err == nil && v <= 0 {
		err = ErrDecimalRange
	}
	return Money(v), err
}

// ParseRate reads a share from 0 to 1, such as a fee rate.
func ParseRate(s string) (FeeRate, error) {
	v, err := parseDecimal(s, int64(MaxFeeRate))
	return FeeRate(v), err
}

// parseDecimal reads digits with an optional point into units of 0.0001, from 0 to most. It accepts one spelling of
// each value but for trailing zeros within the 4 decimals: no sign, no exponent, no leading zeros, no bare point.
func parseDecimal(s string, most int64) (int64, error) {
	const maxLen = 24
	if len(s) == 0 || len(s) > maxLen || s[0] == '.' {
		return 0, ErrDecimalSyntax
	}
	if len(s) > 1 && s[0] == '0' && s[1] != '.' {
		return 0, ErrDecimalSyntax
	}
	var v int64
	places := -1 // digits after the point, -1 before it
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.' && places < 0 && i+1 < len(s):
			places = 0
		case c < '0' || c > '9':
			return 0, ErrDecimalSyntax
		case places == decimals:
			return 0, checkTail(s[i:])
		default:
			if v > (1<<63-10)/10 {
				return 0, ErrDecimalRange
			}
			v = v*10 + int64(c-'0')
			if places >= 0 {
				places++
			}
		}
	}
	for places = max(places, 0); places < decimals; places++ {
		if v > (1<<63-1)/10 {
			return 0, ErrDecimalRange
		}
		v *= 10
	}
	if v > most {
		return 0, ErrDecimalRange
	}
	return v, nil
}

// checkTail says why digits beyond the fourth decimal are refused: garbage is a matter of syntax.
func checkTail(s string) error {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return ErrDecimalSyntax
		}
	}
	return ErrDecimalPlaces
}

// Append appends the price as a decimal with 4 places.
func (p Price) Append(b []byte) []byte { return Money(p).Append(b) }

func (p Price) String() string { return string(p.Append(nil)) }

// Append appends the rate as a decimal with 4 places.
func (r FeeRate) Append(b []byte) []byte { return Money(r).Append(b) }

func (r FeeRate) String() string { return string(r.Append(nil)) }

// Append appends the amount as a decimal with 4 places, with a leading minus where it is negative.
func (m Money) Append(b []byte) []byte {
	u := uint64(m)
	if m < 0 {
		b = append(b, '-')
		u = -u
	}
	b = strconv.AppendUint(b, u/scale, 10)
	f := u % scale
	return append(b, '.', byte('0'+f/1000), byte('0'+f/100%10), byte('0'+f/10%10), byte('0'+f%10))
}

func (m Money) String() string { return string(m.Append(nil)) }
