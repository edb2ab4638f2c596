package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// deed is a mutation that a client asks for with an idempotency key. The key is also the name of its effect.
type deed struct {
	token   string
	request client.Request
	effect  bool // the journal names it once it has happened
	answer  answer
	known   bool
	settle  func(answer) // told the first answer
}

// answer is a body or, if the exchange refused, the problem.
type answer struct {
	body    []byte
	problem api.Problem
}

// equal compares all but seq and time: where a market has moved since, its answers have the seq of when they came with it, and
// a time that is not in the future there.
func (a answer) equal(b answer) bool {
	a.problem.Seq, b.problem.Seq = 0, 0
	return bytes.Equal(when.ReplaceAll(a.body, nil), when.ReplaceAll(b.body, nil)) && a.problem == b.problem
}

var when = regexp.MustCompile(`"(seq|time)":"[^"]*",?`)

func (a answer) refused() bool { return a.problem.Code != "" }

func (a answer) String() string {
	if a.refused() {
		return fmt.Sprintf("%+v", a.problem)
	}
	return string(a.body)
}

// once sends a request to one node. An error means that there was no answer: neither that it was done nor that it was not.
func once(ctx context.Context, c *client.Client, r client.Request) (answer, error) {
	body, err := c.Send(ctx, r)
	var refused *client.Error
	if errors.As(err, &refused) && decided(&refused.Problem) {
		return answer{problem: refused.Problem}, nil
	}
	return answer{body: body}, err
}

// decided reports whether a refusal is the exchange's own decision. A gateway may also refuse because it cannot reach the
// exchange, or because what it knows of it is old.
func decided(p *api.Problem) bool { return p.Seq > 0 || p.Status == 404 }

// nonsense returns a refusal that says that the request is no good, which it always is. A node that lags behind may not
// know of a new account yet, though.
func nonsense(err error) *client.Error {
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status < 500 && refused.Status != 401 {
		return refused
	}
	return nil
}

// trader is a client that does one thing after the other.
type trader struct {
	number int
	run    *run
	home   int // the node that it likes best
	node   int // the node that it asks
	random *rand.Rand
	loyal  bool // it asks no other node than its home
}

const (
	persistence = 12 * time.Second // how long a trader asks again for what has no answer
	impatience  = 0.05             // share of deeds that it gives up after the first failure
	homesick    = 0.02             // chance to go back to the node that it likes best, per deed
	alarm       = 0.02             // share of deeds that it sends to all nodes at once
	tact        = 5 * time.Millisecond
)

// trade trades until the run is over.
func (t *trader) trade(ctx context.Context) {
	for ctx.Err() == nil {
		if t.random.Float64() < homesick {
			t.node = t.home
		}
		t.run.grounds.pick(t.random).act(ctx, t)
		time.Sleep(time.Duration(t.random.Int64N(int64(2 * tact))))
	}
}

// watch reads again and again, whatever happens to the node, until the run is over.
func (t *trader) watch(ctx context.Context) {
	for ctx.Err() == nil {
		t.run.grounds.pick(t.random).read(ctx, t)
		time.Sleep(time.Duration(t.random.Int64N(int64(2 * tact))))
	}
}

// send asks for a deed until there is an answer or the trader gives up.
func (t *trader) send(ctx context.Context, d *deed) {
	if t.random.Float64() < alarm {
		t.sendEverywhere(ctx, d)
		return
	}
	begun := time.Now()
	givesUp := t.random.Float64() < impatience
	for {
		a, err := once(ctx, t.run.public[t.node].As(d.token), d.request)
		if err == nil {
			t.run.log.answered(d, a, t.node, time.Since(begun))
			return
		}
		t.run.log.failed(err)
		if reason := nonsense(err); reason != nil {
			t.run.log.violation("%s %s is refused: %v", d.request.Method, d.request.Path, reason)
			t.run.log.gaveUp(d)
			return
		}
		if givesUp || time.Since(begun) > persistence || ctx.Err() != nil {
			t.run.log.gaveUp(d)
			return
		}
		t.elsewhere()
	}
}

// sendEverywhere asks all nodes for the same at once and waits for the first answer. All others must be the same.
func (t *trader) sendEverywhere(ctx context.Context, d *deed) {
	begun := time.Now()
	first := make(chan struct{})
	var tries sync.WaitGroup
	for node := range nodes {
		tries.Go(func() {
			a, err := once(ctx, t.run.public[node].As(d.token), d.request)
			if err != nil {
				t.run.log.failed(err)
			} else if t.run.log.answered(d, a, node, time.Since(begun)) {
				close(first)
			}
		})
	}
	over := make(chan struct{})
	t.run.stragglers.Go(func() {
		tries.Wait()
		close(over)
	})
	select {
	case <-first:
	case <-over:
		select {
		case <-first:
		default:
			t.run.log.gaveUp(d)
		}
	}
}

// elsewhere makes the trader ask another node, after a moment.
func (t *trader) elsewhere() {
	if t.loyal {
		return
	}
	t.node = (t.node + 1 + t.random.IntN(nodes-1)) % nodes
	time.Sleep(time.Duration(1+t.random.IntN(20)) * time.Millisecond)
}

// read asks for something once.
func (t *trader) read(ctx context.Context, token, path string) (answer, bool) {
	a, err := once(ctx, t.run.public[t.node].As(token), client.Request{Method: "GET", Path: path})
	if err != nil {
		t.run.log.failed(err)
		t.elsewhere()
		return a, false
	}
	return a, true
}
