package desk

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hustings/hustings/api"
)

// money writes an amount with 2 decimals or as many more as say something, and separators of thousands.
func money(m api.Money) string {
	s, negative := strings.CutPrefix(atLeast2(m.String()), "-")
	whole, fraction, _ := strings.Cut(s, ".")
	s = thousands(whole) + "." + fraction
	if negative {
		return "−" + s
	}
	return s
}

// atLeast2 leaves zeros at the end out, but for the first two decimals of four.
func atLeast2(s string) string { return s[:len(s)-2] + strings.TrimRight(s[len(s)-2:], "0") }

// gain writes an amount with its sign.
func gain(m api.Money) cell {
	s := money(m)
	if m > 0 {
		s = "+" + s
	}
	return cell{s, signed(m)}
}

// price writes a price with 2 decimals or as many more as say something; one that is not there is a dash.
func price(p api.Price) string {
	if p == 0 {
		return "-"
	}
	return atLeast2(p.String())
}

// percent writes a price as the probability that it stands for.
func percent(p api.Price) string {
	if p == 0 {
		return "-"
	}
	s := strconv.FormatFloat(float64(p)/100, 'f', 2, 64)
	return strings.TrimSuffix(s, ".00") + " %"
}

// count writes a number with separators of thousands.
func count[T uint32 | uint64 | int](n T) string { return thousands(fmt.Sprint(n)) }

func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// when writes an instant in local time, without the date if it is today.
func when(t api.Time, now time.Time) string {
	if t == 0 {
		return "-"
	}
	at := t.Std().In(now.Location())
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format(time.TimeOnly)
	}
	return at.Format("2006-01-02 15:04")
}

// contractName names a contract as a trader says it: Yes, or London (No).
func contractName(outcome, contract string) string {
	switch {
	case contract == api.No:
		return outcome + " (No)"
	case contract == "" && (outcome == api.Yes || outcome == api.No):
		return strings.ToUpper(outcome[:1]) + outcome[1:]
	}
	return outcome
}
