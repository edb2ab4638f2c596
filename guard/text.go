package guard

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// steps is how finely RateLimit says what is left. Greater counts are rounded down.
const steps = 100

// texts are the values of the headers RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10), made
// beforehand: an answer on the fast path must not pay for them.
type texts [Tiers][Classes]text

type text struct {
	policy []string
	limits [][]string // by step: what is left
	step   int64
}

func (t *texts) init(g *Guard) {
	for tier := range t {
		for c := range t[tier] {
			t[tier][c] = newText(Class(c), int64(g.grades[tier][c].burst), time.Duration(g.rooms[c]))
		}
	}
}

// newText makes the texts of a bucket that holds burst tokens and is full again after a time.
func newText(c Class, burst int64, full time.Duration) text {
	seconds := func(share float64) int64 { return int64(math.Ceil(full.Seconds() * share)) }
	t := text{
		policy: []string{fmt.Sprintf(`"%s";q=%d;w=%d`, c, burst, max(1, seconds(1)))},
		step:   max(1, (burst+steps-1)/steps),
	}
	for left := int64(0); left <= burst; left += t.step {
		t.limits = append(t.limits, []string{fmt.Sprintf(`"%s";r=%d;t=%d`, c, left, seconds(float64(burst-left)/float64(burst)))})
	}
	return t
}

// RateLimitPolicy returns the value of that header. Nobody may write to it.
func (g *Guard) RateLimitPolicy(v *Verdict) []string { return g.texts[v.Tier][v.Class].policy }

// RateLimit returns the value of that header. Nobody may write to it.
func (g *Guard) RateLimit(v *Verdict) []string {
	t := &g.texts[v.Tier][v.Class]
	return t.limits[min(int(v.Left/t.step), len(t.limits)-1)]
}

// RetryAfter is the value of that header for a refusal: whole seconds, at least one.
func (v *Verdict) RetryAfter() string {
	return strconv.FormatInt(max(1, int64(math.Ceil(v.Retry.Seconds()))), 10)
}

// Burst is how many tokens a bucket of a tier and class ever has.
func (g *Guard) Burst(t Tier, c Class) int { return g.grades[t][c].burst }
