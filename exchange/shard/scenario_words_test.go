package shard_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hustings/hustings/exchange"
)

// words are a command's line, read from left to right. The first mistake is kept; from then on everything reads as
// zero.
type words struct {
	rest []string
	err  error
}

// split cuts a line at its spaces; a text in double quotes is one word.
func split(line string) *words {
	w := &words{}
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				w.fail("a text without its end: %s", line)
				return w
			}
			word, _ = strconv.Unquote(quoted)
			rest = line[len(quoted):]
		}
		w.rest = append(w.rest, word)
		line = rest
	}
	return w
}

func (w *words) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func (w *words) empty() bool { return len(w.rest) == 0 || w.err != nil }

func (w *words) next() string {
	if len(w.rest) == 0 {
		w.fail("a word is missing at the end")
		return ""
	}
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

// is takes the next word if it is this one.
func (w *words) is(word string) bool {
	if len(w.rest) == 0 || w.rest[0] != word {
		return false
	}
	w.rest = w.rest[1:]
	return true
}

func (w *words) must(word string) {
	if !w.is(word) {
		w.fail("expected %q at %q", word, strings.Join(w.rest, " "))
	}
}

func (w *words) number() int64 {
	word := w.next()
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		w.fail("%q is not a whole number", word)
	}
	return n
}

// units reads a decimal with up to 4 places, of any size and sign, so that bad ones can be sent.
func (w *words) units() int64 {
	word := w.next()
	f, err := strconv.ParseFloat(word, 64)
	n := math.Round(f * 10_000)
	if err != nil || math.Abs(n/10_000-f) > 1e-9 {
		w.fail("%q is not a decimal with 4 places", word)
	}
	return int64(n)
}

func (w *words) money() exchange.Money  { return exchange.Money(w.units()) }
func (w *words) price() exchange.Price  { return exchange.Price(w.units()) }
func (w *words) rate() exchange.FeeRate { return exchange.FeeRate(w.units()) }

func (w *words) span() exchange.Duration {
	word := w.next()
	d, err := time.ParseDuration(word)
	if err != nil {
		w.fail("%q is not a duration such as 90s or 24h", word)
	}
	return exchange.Duration(d)
}

// numbered reads a name such as o12.
func (w *words) numbered(prefix string) uint64 {
	word := w.next()
	n, err := strconv.ParseUint(strings.TrimPrefix(word, prefix), 10, 64)
	if err != nil || !strings.HasPrefix(word, prefix) {
		w.fail("%q is not a name such as %s1", word, prefix)
	}
	return n
}

// key turns a client's key into the form in which the core sees it.
func (w *words) key() (key exchange.Key) {
	copy(key[:], w.next())
	return key
}
