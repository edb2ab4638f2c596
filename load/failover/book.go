package failover

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
)

// book keeps what clients have seen.
type book struct {
	mu      sync.Mutex
	faulty  int // index of the node that is not well, or -1
	acks    []ack
	placed  map[string]uint64   // orders that were acknowledged, by client order id
	gone    map[uint64]struct{} // orders whose cancel was acknowledged
	codes   map[string]int      // errors
	retried int
}

// ack is an acknowledgement that a client of a node has got.
type ack struct {
	at   time.Time
	home int // index of the node
}

func newBook() book {
	return book{faulty: -1, placed: map[string]uint64{}, gone: map[uint64]struct{}{}, codes: map[string]int{}}
}

func (b *book) setFaulty(node int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faulty = node
}

func (b *book) isFaulty(node int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.faulty == node
}

func (b *book) acknowledged(home int, r *client.Request, answer []byte) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acks = append(b.acks, ack{now, home})
	if isOrder(r) {
		order, _ := strconv.ParseUint(text(answer, `"order":"`), 10, 64)
		b.placed[text(r.Raw, `"client_order_id":"`)] = order
		return
	}
	order, _ := strconv.ParseUint(r.Path[strings.LastIndexByte(r.Path, '/')+1:], 10, 64)
	b.gone[order] = struct{}{}
}

// text returns what is between a mark and the next quotation mark.
func text(b []byte, mark string) string {
	_, rest, _ := bytes.Cut(b, []byte(mark))
	value, _, _ := bytes.Cut(rest, []byte{'"'})
	return string(value)
}

// tooLate is the code of a cancel of an order that has traded meanwhile, or that was cancelled by the first of two tries.
var tooLate = exchange.RejectOrderNotFound.String()

func (b *book) refused(err error) {
	code := "no_answer"
	var refused *client.Error
	if errors.As(err, &refused) {
		code = refused.Code
	}
	if code == tooLate {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.codes[code]++
}

func (b *book) again() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.retried++
}

// longestGap returns the longest time between two acknowledgements, one after the other, to clients of all nodes but one.
// The later one came after from, the earlier one before until. It returns false if that cannot be told yet.
func (b *book) longestGap(from, until time.Time, but int) (g gap, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := len(b.acks) // acknowledgements are in order but for who came first to the lock
	for first > 0 && b.acks[first-1].at.After(from.Add(-time.Second)) {
		first--
	}
	var at []time.Time
	for _, a := range b.acks[first:] {
		if a.home != but {
			at = append(at, a.at)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	for i := 1; i < len(at); i++ {
		if !at[i].After(from) {
			continue
		}
		if !at[i-1].Before(until) {
			return g, true
		}
		if d := at[i].Sub(at[i-1]); d > g.to.Sub(g.from) {
			g = gap{at[i-1], at[i]}
		}
	}
	return g, false
}

// gap is a time without acknowledgements.
type gap struct{ from, to time.Time }
