package demo

import (
	"maps"
	"sync"

	"github.com/hustings/hustings/api"
)

// Tally counts what a demo did.
type Tally struct {
	Orders    int            `json:"orders"`    // accepted
	Contracts uint64         `json:"contracts"` // traded by orders that arrived
	Opened    int            `json:"opened"`    // markets
	Resolved  int            `json:"resolved"`
	Deposits  api.Money      `json:"deposits"`
	Refused   map[string]int `json:"refused"` // by code
}

// expected are refusals that are part of trading: somebody else was there first.
var expected = map[string]bool{
	"order_not_found": true, // traded before its cancel came
	"market_not_open": true, // it has just ended
}

// Unexpected returns those of the refusals that should not be.
func (t *Tally) Unexpected() map[string]int {
	bad := maps.Clone(t.Refused)
	maps.DeleteFunc(bad, func(code string, _ int) bool { return expected[code] })
	return bad
}

// tally may be used concurrently.
type tally struct {
	mu sync.Mutex
	Tally
}

func (t *tally) do(f func(*Tally)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.Tally)
}

func (t *tally) deposited(amount api.Money) { t.do(func(t *Tally) { t.Deposits += amount }) }

func (t *tally) refused(code string) { t.do(func(t *Tally) { t.Refused[code]++ }) }

func (t *tally) placed(o *api.OrderAnswer) {
	t.do(func(t *Tally) {
		t.Orders++
		t.Contracts += uint64(o.Filled)
	})
}

// read returns a copy.
func (t *tally) read() (c Tally) {
	t.do(func(t *Tally) {
		c = *t
		c.Refused = maps.Clone(t.Refused)
	})
	return c
}
