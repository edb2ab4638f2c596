package replica

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
)

// soak is set for the long runs of the fault tests.
var soak = os.Getenv("HUSTINGS_SOAK") != ""

// rounds is how often something is done: in every run of the tests, and in long ones.
func rounds(quick, long int) int {
	if soak {
		return long
	}
	return quick
}

// large is the size of what must be large: smaller with the race detector, but in long runs.
func large(size, raced int) int {
	if raceDetector && !soak {
		return raced
	}
	return size
}

// deed is a command that a trader sends until it is answered. Its name turns up in the event of its effect.
type deed struct {
	cmd   exchange.Command
	name  string
	reply exchange.Reply
	done  bool
}

// trader sends deeds one after the other and remembers what was acknowledged.
type trader struct {
	id     exchange.AccountID
	random *rand.Rand
	mu     sync.Mutex
	deeds  []deed // the acknowledged ones first
	acked  int
}

// crowd is traders that trade at the same time in market 1. Trader i has account i+1.
type crowd []*trader

func newCrowd(size int, seed uint64) crowd {
	c := make(crowd, size)
	for i := range c {
		c[i] = &trader{id: exchange.AccountID(i + 1), random: rand.New(rand.NewPCG(seed, uint64(i)))}
	}
	return c
}

// next makes up the trader's next deed.
func (t *trader) next() deed {
	n := len(t.deeds)
	k, name := key(int(t.id), n), fmt.Sprintf("%d/%d", t.id, n)
	switch draw := t.random.IntN(100); {
	case draw < 12:
		return deed{name: name, cmd: &exchange.Deposit{Account: t.id, Key: k, Amount: exchange.Money(1 + n), Reference: name}}
	case draw < 30:
		if c := t.cancel(k); c != nil {
			return deed{name: name, cmd: c}
		}
	case draw < 31:
		return deed{name: name, cmd: &exchange.MassCancel{Account: t.id, Key: k}}
	}
	o := &exchange.PlaceOrder{Account: t.id, Key: k, Market: 1, Side: exchange.Side(t.random.IntN(2)), ClientID: []byte(name),
		Price: exchange.Price(4950 + t.random.IntN(100)), Quantity: exchange.Quantity(1 + t.random.IntN(9))}
	if t.random.IntN(10) == 0 {
		o.TimeInForce, o.ExpireAt = exchange.GoodTillTime, exchange.Time(time.Now().Add(20*time.Millisecond).UnixNano())
	}
	return deed{name: name, cmd: o}
}

// cancel makes a cancel of one of the last orders that were accepted, nil if that is none.
func (t *trader) cancel(k exchange.Key) exchange.Command {
	if t.acked == 0 {
		return nil
	}
	d := t.deeds[max(0, t.acked-1-t.random.IntN(20))]
	if _, placed := d.cmd.(*exchange.PlaceOrder); !placed || d.reply.Code != exchange.Accepted {
		return nil
	}
	return &exchange.CancelOrder{Account: t.id, Key: k, Market: 1, Order: exchange.OrderID(d.reply.ID)}
}

// trade sends a few deeds together, those first that were not answered before, and takes down the answer.
func (t *trader) trade(ctx context.Context, tb testing.TB, r *Replica) error {
	t.mu.Lock()
	for n := t.acked + 1 + t.random.IntN(4); len(t.deeds) < n; {
		t.deeds = append(t.deeds, t.next())
	}
	sent := t.deeds[t.acked:]
	t.mu.Unlock()
	replies, err := send(ctx, tb, r, sent)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range sent {
		sent[i].reply, sent[i].done = replies[i], true
	}
	t.acked += len(sent)
	return nil
}

func send(ctx context.Context, tb testing.TB, r *Replica, deeds []deed) ([]exchange.Reply, error) {
	cmds := make([]exchange.Command, len(deeds))
	for i := range deeds {
		cmds[i] = deeds[i].cmd
	}
	replies := make([]exchange.Reply, len(deeds))
	err := r.Submit(ctx, encode(tb, cmds...), len(deeds), replies)
	return replies, err
}

// acked returns how many deeds of each trader are acknowledged.
func (c crowd) acked() []int {
	counts := make([]int, len(c))
	for i, t := range c {
		t.mu.Lock()
		counts[i] = t.acked
		t.mu.Unlock()
	}
	return counts
}

// lastSeq is the Seq of the newest event that one of the first deeds of the traders was answered with.
func (c crowd) lastSeq(acked []int) (seq exchange.Seq) {
	for i, t := range c {
		for _, d := range t.deeds[:acked[i]] {
			seq = max(seq, d.reply.Seq)
		}
	}
	return seq
}

// forget takes back acknowledgements that came after a moment: they were given in a world that is gone.
func (c crowd) forget(acked []int) {
	for i, t := range c {
		t.acked = acked[i]
		for n := t.acked; n < len(t.deeds); n++ {
			t.deeds[n].done = false
		}
	}
}

// trade lets all traders trade until stop is closed or a command of theirs fails. It returns one such error for each
// trader that met one. A trader that is never answered fails the test.
func (c crowd) trade(tb testing.TB, r *Replica, stop <-chan struct{}) (errs []error) {
	tb.Helper()
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, t := range c {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := t.trade(context.Background(), tb, r); err != nil {
					mu.Lock()
					defer mu.Unlock()
					errs = append(errs, err)
					return
				}
			}
		})
	}
	within(tb, "the traders to be answered", wait.Wait)
	return errs
}

// within fails the test if something never ends, and ends it then.
func within(tb testing.TB, what string, do func()) {
	tb.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		debug.SetTraceback("all")
		panic("waiting in vain for " + what)
	}
}
