package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// TestEqualKeysInParallel sends one command 1,000 times at once, then again after a power cut: it has one effect, and
// everybody gets the same answer. Another command with the same key is refused.
func TestEqualKeysInParallel(t *testing.T) {
	disk := vfs.NewMem()
	r := open(t, faultConfig(disk))
	found(t, r, 2)
	place := order(0, 1)
	place.ClientID = []byte("once")
	for _, cmd := range []exchange.Command{place,
		&exchange.Deposit{Account: 1, Key: key(0, 2), Amount: 5, Reference: "once"},
		&exchange.Withdraw{Account: 1, Key: key(0, 3), Amount: 7, Reference: "once"},
		&exchange.Register{Key: key(0, 4), Name: "once"},
		&exchange.CancelOrder{Account: 1, Key: key(0, 5), Market: 1, Order: 77},
	} {
		first := together(t, r, cmd, 1000)
		disk = disk.Crash()
		shut(t, r)
		r = open(t, faultConfig(disk))
		if again := together(t, r, cmd, 100); again != first {
			t.Errorf("%T was answered %+v, and after a power cut %+v", cmd, first, again)
		}
		if got := submit(t, r, altered(cmd))[0]; got.Code != exchange.RejectKeyReused {
			t.Errorf("another %T with the key was answered %+v", cmd, got)
		}
		if again := submit(t, r, cmd)[0]; again != first {
			t.Errorf("after another use of its key %T was answered %+v, want %+v", cmd, again, first)
		}
	}
	examine(t, r, nil)
	effects := map[exchange.EventKind]int{}
	eachEvent(t, disk, func(_ exchange.Seq, e exchange.Event) { effects[e.EventKind()]++ })
	for kind, want := range map[exchange.EventKind]int{exchange.KindOrderPlaced: 1, exchange.KindFundsDeposited: 3,
		exchange.KindFundsWithdrawn: 1, exchange.KindAccountRegistered: 3, exchange.KindCommandRejected: 6} {
		if effects[kind] != want {
			t.Errorf("%d events of kind %d, want %d", effects[kind], kind, want)
		}
	}
}

// together sends a command many times at once and returns the answer that all must have got.
func together(t *testing.T, r *Replica, cmd exchange.Command, times int) exchange.Reply {
	t.Helper()
	frame, start := encode(t, cmd), make(chan struct{})
	replies := make([]exchange.Reply, times)
	var wait sync.WaitGroup
	for i := range replies {
		wait.Go(func() {
			<-start
			if err := r.Submit(context.Background(), frame, 1, replies[i:i+1]); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wait.Wait()
	for _, reply := range replies {
		if reply != replies[0] {
			t.Errorf("%T was answered %+v and %+v", cmd, replies[0], reply)
			break
		}
	}
	return replies[0]
}

// altered returns a command that differs in one field from the one with the same key.
func altered(cmd exchange.Command) exchange.Command {
	switch c := cmd.(type) {
	case *exchange.PlaceOrder:
		other := *c
		other.Quantity++
		return &other
	case *exchange.Deposit:
		return &exchange.Deposit{Account: c.Account, Key: c.Key, Amount: c.Amount + 1, Reference: c.Reference}
	case *exchange.Withdraw:
		return &exchange.Withdraw{Account: c.Account, Key: c.Key, Amount: c.Amount, Reference: c.Reference + "!"}
	case *exchange.Register:
		return &exchange.Register{Key: c.Key, Name: c.Name + "r"}
	case *exchange.CancelOrder:
		return &exchange.CancelOrder{Account: c.Account, Key: c.Key, Market: c.Market, Order: c.Order + 1}
	}
	panic("no other of this kind")
}

// TestImpatientSubmitters give up at random moments and use their buffers for something else at once. What they were
// told holds: a command that was not submitted has no effect, an answered one has one, any other at most one, and no
// command is mixed up with another.
func TestImpatientSubmitters(t *testing.T) {
	disk := vfs.NewMem()
	r := open(t, testConfig(disk))
	const traders = 8
	found(t, r, traders)
	fates := make([]map[string]error, traders)
	var wait sync.WaitGroup
	for i := range traders {
		fates[i] = map[string]error{}
		random := rand.New(rand.NewPCG(9, uint64(i)))
		wait.Go(func() {
			var buf []byte
			replies := make([]exchange.Reply, 1)
			for n := range rounds(600, 20_000) {
				o := order(i, n)
				o.ClientID = fmt.Appendf(nil, "%d/%d", i, n)
				buf = append(buf[:0], encode(t, o)...)
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.IntN(400))*time.Microsecond)
				fates[i][string(o.ClientID)] = r.Submit(ctx, buf, 1, replies)
				cancel()
				copy(buf, bytes.Repeat([]byte{0xff}, len(buf)))
			}
		})
	}
	wait.Wait()
	examine(t, r, nil)
	effects, told := effectsOf(t, disk), map[string]int{}
	for _, fate := range fates {
		for name, err := range fate {
			least, most := 0, 1
			switch {
			case err == nil:
				least = 1
				told["answered"]++
			case errors.Is(err, ErrNotSubmitted):
				most = 0
				told["not submitted"]++
			case errors.Is(err, context.DeadlineExceeded):
				told["unknown"]++
			default:
				t.Error(err)
			}
			if got := effects[name]; got < least || got > most {
				t.Errorf("order %s had %d effects, its submitter was told %v", name, got, err)
			}
			delete(effects, name)
		}
	}
	if len(effects) > 0 {
		t.Errorf("effects of what nobody sent: %v", effects)
	}
	for _, fate := range []string{"answered", "not submitted", "unknown"} {
		if told[fate] == 0 {
			t.Errorf("no submitter was told %s: %v", fate, told)
		}
	}
}
