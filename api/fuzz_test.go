package api

import (
	"strings"
	"testing"
)

// What is read as a value is written as one spelling of it, which is read as the same.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"17", "0.62", "-12.5000", "2026-11-03T21:47:00.123456789Z", "1e3", "１", "-0", "18446744073709551615", "922337203685477.5807", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseID(s); err == nil && id.String() != s {
			t.Errorf("%q is the id %s", s, id)
		}
		if at, err := ParseTime(s); err == nil {
			if again, err := ParseTime(at.String()); err != nil || again != at {
				t.Errorf("%q is %s, which is %s: %v", s, at, again, err)
			}
		}
		var money Money
		if money.UnmarshalText([]byte(s)) == nil {
			digits := strings.TrimPrefix(s, "-")
			var again Money
			if err := again.UnmarshalText([]byte(money.String())); err != nil || again != money || strings.HasPrefix(digits, "0") && !strings.HasPrefix(digits, "0.") && digits != "0" {
				t.Errorf("%q is %s, which is %s: %v", s, money, again, err)
			}
		}
		var price Price
		var rate Rate
		if price.UnmarshalText([]byte(s)) == nil && price > 10_000 || rate.UnmarshalText([]byte(s)) == nil && rate > 10_000 {
			t.Errorf("%q is more than 1", s)
		}
	})
}
