package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// deeds keeps every deed and what came of it, and what the faults cost.
type deeds struct {
	mu         sync.Mutex
	done       []*deed // answered
	open       []*deed // given up
	gaveUpOn   int
	again      int // further answers to the same
	failures   map[string]int
	violations []string // the first of them
	violated   int

	last    time.Time     // answer to a deed
	current *tally        // the fault that is going on or was last
	quiet   time.Duration // longest time without an answer since it began
}

// tally is what a class of faults did.
type tally struct {
	class   string
	fired   int
	silence time.Duration // longest time in which nobody was answered
	slowest time.Duration // longest time that a deed took which was answered in the end
	machine time.Duration // longest time that the machine's own disk took for a sync, on which all others lie
}

func newDeeds() *deeds {
	return &deeds{failures: map[string]int{}, last: time.Now(), current: &tally{}}
}

// begin says that what happens now is the doing of a fault.
func (l *deeds) begin(t *tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current, l.quiet = t, 0
}

// silence is the longest time in which nobody was answered since the last fault began.
func (l *deeds) silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quiet
}

// answered takes an answer of a node to a deed. It reports whether it is the first one; a further one must be the same.
func (l *deeds) answered(d *deed, a answer, node int, took time.Duration) (first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d.known {
		l.again++
		if !a.equal(d.answer) {
			l.violate("%s %s with key %s was answered %v, and again, by node %d, %v", d.request.Method, d.request.Path, d.request.Key,
				d.answer, node+1, a)
		}
		return false
	}
	now := time.Now()
	l.quiet = max(l.quiet, now.Sub(l.last))
	l.current.silence = max(l.current.silence, l.quiet)
	l.current.slowest = max(l.current.slowest, took)
	l.last = now
	d.answer, d.known = a, true
	l.done = append(l.done, d)
	d.settle(a)
	return true
}

func (l *deeds) synced(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current.machine = max(l.current.machine, took)
}

func (l *deeds) gaveUp(d *deed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gaveUpOn++
	l.open = append(l.open, d)
}

// failed counts why there was no answer.
func (l *deeds) failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures[nameOf(err)]++
}

func nameOf(err error) string {
	var refused *client.Error
	var network net.Error
	switch {
	case errors.As(err, &refused):
		return fmt.Sprintf("%d %s", refused.Status, refused.Code)
	case errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	case strings.HasPrefix(err.Error(), "connect"):
		return "no connection"
	default:
		return "connection lost"
	}
}

// mostViolations bounds how many are told.
const mostViolations = 50

func (l *deeds) violation(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violate(format, args...)
}

// violate is violation for who holds the lock.
func (l *deeds) violate(format string, args ...any) {
	l.violated++
	if len(l.violations) < mostViolations {
		l.violations = append(l.violations, fmt.Sprintf(format, args...))
	}
}

// some draws an answered deed, one of the last ones as often as one of all.
func (l *deeds) some(random *rand.Rand) *deed {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := 0
	if random.IntN(2) == 0 {
		from = max(0, len(l.done)-300)
	}
	if from == len(l.done) {
		return nil
	}
	return l.done[from+random.IntN(len(l.done)-from)]
}

// unanswered takes the deeds that were given up.
func (l *deeds) unanswered() []*deed {
	l.mu.Lock()
	defer l.mu.Unlock()
	open := l.open
	l.open = nil
	return open
}

func (l *deeds) all() []*deed {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.done)
}

func TestDeedsThatAreAnsweredTwice(t *testing.T) {
	placed, refused := answer{body: []byte(`{"seq":"5","order":"7"}`)}, answer{problem: api.Problem{Code: "insufficient_funds", Status: 402, Seq: 7}}
	for _, test := range []struct {
		first, second answer
		wrong         int
	}{{placed, placed, 0}, {refused, refused, 0}, {placed, answer{body: []byte(`{"seq":"6","order":"7"}`)}, 0},
		{placed, answer{body: []byte(`{"seq":"5","order":"8"}`)}, 1}, {placed, refused, 1}, {refused, placed, 1}} {
		l, settled := newDeeds(), 0
		d := &deed{settle: func(answer) { settled++ }}
		if !l.answered(d, test.first, 0, time.Second) || l.answered(d, test.second, 1, time.Minute) {
			t.Error("the first answer is not the first")
		}
		if l.violated != test.wrong || settled != 1 || len(l.done) != 1 || l.again != 1 || l.current.slowest != time.Second {
			t.Errorf("%v, then %v: %d violations, settled %d times", test.first, test.second, l.violated, settled)
		}
	}
}
