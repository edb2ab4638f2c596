package api

import (
	"errors"
	"math"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hustings/hustings/exchange"
)

// Errors of the readers of values. Their texts can be shown to a client.
var (
	ErrID    = errors.New(`must be an identifier as this API gave it, such as "17"`)
	ErrTime  = errors.New("must be a time such as 2026-11-03T21:47:00Z (RFC 3339)")
	ErrMoney = errors.New("must be an amount such as 12.5000, with at most 4 decimals")
)

// ID is an identifier or a seq: a JSON string of decimal digits. 0 means none and is left out.
type ID uint64

// ParseID reads an identifier: 1 to 2⁶⁴−1, one spelling each.
func ParseID(s string) (ID, error) {
	if len(s) == 0 || s[0] == '0' || s[0] == '+' {
		return 0, ErrID
	}
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, ErrID
	}
	return ID(v), nil
}

func (id ID) String() string { return strconv.FormatUint(uint64(id), 10) }

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return strconv.AppendUint(nil, uint64(id), 10), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID(string(b))
	return err
}

// Price is a price or a settlement value, 0 to 1.
type Price exchange.Price

func (p Price) String() string { return exchange.Price(p).String() }

// MarshalText implements encoding.TextMarshaler.
func (p Price) MarshalText() ([]byte, error) { return exchange.Price(p).Append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Price) UnmarshalText(b []byte) error {
	v, err := exchange.ParseSettlementValue(string(b))
	*p = Price(v)
	return err
}

// Rate is a share from 0 to 1.
type Rate exchange.FeeRate

func (r Rate) String() string { return exchange.FeeRate(r).String() }

// MarshalText implements encoding.TextMarshaler.
func (r Rate) MarshalText() ([]byte, error) { return exchange.FeeRate(r).Append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Rate) UnmarshalText(b []byte) error {
	v, err := exchange.ParseRate(string(b))
	*r = Rate(v)
	return err
}

// Money is an amount of the currency. It may be negative where its field says so.
type Money exchange.Money

func (m Money) String() string { return exchange.Money(m).String() }

// MarshalText implements encoding.TextMarshaler.
func (m Money) MarshalText() ([]byte, error) { return exchange.Money(m).Append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Money) UnmarshalText(b []byte) error {
	digits, negative := strings.CutPrefix(string(b), "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if point && fraction == "" || len(fraction) > 4 || len(whole) > 1 && whole[0] == '0' {
		return ErrMoney
	}
	w, errWhole := strconv.ParseUint(whole, 10, 64)
	f, errFraction := strconv.ParseUint((fraction + "0000")[:4], 10, 64)
	if errWhole != nil || errFraction != nil {
		return ErrMoney
	}
	over, units := bits.Mul64(w, 10_000)
	units, carry := bits.Add64(units, f, 0)
	if over != 0 || carry != 0 || units > math.MaxInt64 || negative && units == 0 {
		return ErrMoney
	}
	*m = Money(units)
	if negative {
		*m = -*m
	}
	return nil
}

// Time is an instant of log time. 0 means none and is left out.
type Time exchange.Time

// timeLayout always writes 9 decimals, so that times sort as text.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// MaxTime is the last instant that can be named, in the year 2262.
const MaxTime Time = math.MaxInt64

var timeShape = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$`)

// ParseTime reads an RFC 3339 time with any offset, from 1970 to 2262, down to the nanosecond.
func ParseTime(s string) (Time, error) {
	// time.Parse takes more than RFC 3339 has: short hours, decimal commas, any number of decimals.
	if !timeShape.MatchString(s) {
		return 0, ErrTime
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, ErrTime
	}
	if t.Unix() < 0 || t.Unix() >= int64(MaxTime)/1e9 {
		return 0, ErrTime
	}
	return Time(t.UnixNano()), nil
}

// Append appends the time with 9 decimals of a second, in UTC.
func (t Time) Append(b []byte) []byte { return exchange.Time(t).Std().AppendFormat(b, timeLayout) }

// Std returns t as a time.Time in UTC.
func (t Time) Std() time.Time { return exchange.Time(t).Std() }

func (t Time) String() string { return string(t.Append(nil)) }

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) { return t.Append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Time) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTime(string(b))
	return err
}
