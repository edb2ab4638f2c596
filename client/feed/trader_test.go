package feed_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/client/feed"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	server "github.com/hustings/hustings/feed"
)

func (f *floor) trader(base string, o feed.Options) *feed.Trader {
	f.t.Helper()
	o.Token, o.Backoff = f.key.Secret, time.Millisecond
	tr := must[*feed.Trader](f.t)(feed.NewTrader(base, o))
	f.t.Cleanup(tr.Close)
	return tr
}

func bound(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func bid(price api.Price, quantity uint32) api.PlaceOrder {
	return api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: price, Quantity: quantity, SelfTrade: api.AllowSelf}
}

// Everything that can be asked over the socket is answered as over HTTP, in the middle of listening.
func TestTrader(t *testing.T) {
	ctx := bound(t)
	f := newFloor(t)
	base := "http://" + f.node.Addr()
	tr := f.trader(base, feed.Options{})
	l := f.listen(base, feed.Options{}, f.books())
	l.until("the image", func() bool { return l.images == 1 })

	placed := must[api.OrderAnswer](t)(tr.Place(ctx, f.market, "k", bid(4_000, 10)))
	l.until("the order", l.sees(f.market, exchange.Buy, 4_000, 10))
	if again := must[api.OrderAnswer](t)(tr.Place(ctx, f.market, "k", bid(4_000, 10))); again != placed {
		t.Errorf("the same again: %+v, at first %+v", again, placed)
	}
	amended := must[api.AmendAnswer](t)(tr.Amend(ctx, f.market, placed.Order, "", 1, api.AmendOrder{Quantity: 6}))
	l.until("the change", l.sees(f.market, exchange.Buy, 4_000, 6))
	if _, err := tr.Amend(ctx, f.market, placed.Order, "", amended.Version+1, api.AmendOrder{Quantity: 5}); client.Code(err) != "version_mismatch" {
		t.Errorf("a version that there is not: %v", err)
	}
	must[api.CancelAnswer](t)(tr.Cancel(ctx, f.market, placed.Order))
	l.until("the cancellation", l.sees(f.market, exchange.Buy, 4_000, 0))
	if _, err := tr.Cancel(ctx, f.market, 77); client.Code(err) != "order_not_found" {
		t.Errorf("cancelling what there is not: %v", err)
	}

	batch := must[api.BatchAnswer](t)(tr.Batch(ctx, "", api.Batch{Orders: []api.BatchOrder{{Market: f.market, PlaceOrder: bid(3_000, 1)}, {Market: f.market, PlaceOrder: bid(3_100, 1)}}}))
	if len(batch.Orders) != 2 || batch.Orders[0].Placed == nil || batch.Orders[1].Placed == nil {
		t.Fatalf("the batch: %+v", batch)
	}
	l.until("the batch", l.sees(f.market, exchange.Buy, 3_100, 1))
	group := must[api.GroupAnswer](t)(f.ada.CreateGroup(ctx, "", api.CreateGroup{Limit: 100, WindowSeconds: 1}))
	grouped := bid(3_200, 2)
	grouped.Group = group.Group
	must[api.OrderAnswer](t)(tr.Place(ctx, f.market, "", grouped))
	l.until("the group's order", l.sees(f.market, exchange.Buy, 3_200, 2))
	must[api.MassCancelAnswer](t)(tr.CancelGroup(ctx, group.Group))
	l.until("the group's end", l.sees(f.market, exchange.Buy, 3_200, 0))
	if !l.sees(f.market, exchange.Buy, 3_100, 1)() {
		t.Error("the order of no group is gone with the group's")
	}
	must[api.MassCancelAnswer](t)(tr.CancelAll(ctx, f.market))
	l.until("the end of all", l.sees(f.market, exchange.Buy, 3_100, 0))
	if armed := must[api.DeadMansSwitchAnswer](t)(tr.SetDeadMansSwitch(ctx, api.DeadMansSwitch{TimeoutSeconds: 3_600})); armed.Deadline == 0 {
		t.Error("the dead-man's switch is not armed")
	}
	if disarmed := must[api.DeadMansSwitchAnswer](t)(tr.SetDeadMansSwitch(ctx, api.DeadMansSwitch{})); disarmed.Deadline != 0 {
		t.Error("the dead-man's switch is armed")
	}

	var refused *client.Error
	if _, err := tr.Place(ctx, f.market, "", bid(9_000, 1_000_000)); !errors.As(err, &refused) || refused.Code != "insufficient_funds" || refused.Seq == 0 {
		t.Errorf("an order that cannot be paid for: %v", err)
	}
	if _, err := tr.Place(ctx, f.market, "", api.PlaceOrder{ClientOrderID: "\xff"}); err == nil || client.Code(err) != "" {
		t.Errorf("text that is none: %v", err)
	}
	nobody := must[*feed.Trader](t)(feed.NewTrader(base, feed.Options{Token: "pm_wrong"}))
	if _, err := nobody.CancelAll(ctx, 0); client.Code(err) != "unauthenticated" {
		t.Errorf("nobody: %v", err)
	}
	if err := must[*feed.Trader](t)(feed.NewTrader(base, feed.Options{})).CancelOnDisconnect(ctx, true); client.Code(err) != "unauthenticated" {
		t.Errorf("nobody: %v", err)
	}
	if _, err := feed.NewTrader("127.0.0.1:8080", feed.Options{}); err == nil {
		t.Error("an address without a scheme was taken")
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := tr.Place(over, f.market, "", bid(3_000, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever does not wait: %v", err)
	}
	nowhere := f.trader("http://127.0.0.1:1", feed.Options{})
	if _, err := nowhere.CancelAll(ctx, 0); err == nil || client.Code(err) != "" {
		t.Errorf("where there is no exchange: %v", err)
	}
}

// Connections are cut and answers lost while orders are under way, and each order is there exactly once.
func TestTraderPlacesEachOrderOnce(t *testing.T) {
	const workers, each = 6, 15
	ctx := bound(t)
	f := newFloor(t)
	c := newCutter(t, f.node.Addr())
	tr := f.trader("http://"+c.addr, feed.Options{Others: []string{"http://127.0.0.1:1"}, Tries: 10_000})
	var mu sync.Mutex
	placed := map[api.ID]uint32{}
	var all sync.WaitGroup
	for w := range uint32(workers) {
		all.Go(func() {
			for i := range uint32(each) {
				switch (w + i) % 4 {
				case 0:
					c.drops.Add(1)
				case 1:
					c.cut()
				}
				o := bid(100+api.Price(w), 1+i)
				if w%2 == 0 { // the order names itself, or the trader makes a key up
					o.ClientOrderID = fmt.Sprintf("%d-%d", w, i)
				}
				a, err := tr.Place(ctx, f.market, "", o)
				if err != nil {
					t.Errorf("order %d of %d: %v", i, w, err)
					return
				}
				mu.Lock()
				placed[a.Order] = o.Quantity
				mu.Unlock()
			}
		})
	}
	all.Wait()
	impatient := f.trader("http://"+c.addr, feed.Options{Tries: 10_000, Patience: 300 * time.Millisecond})
	for i := range int64(2) {
		c.mutes.Add(i) // the second answer does not come, on a connection that stays
		o := bid(90, 77)
		placed[must[api.OrderAnswer](t)(impatient.Place(ctx, f.market, "", o)).Order] = o.Quantity
	}
	there := 0
	for o, err := range f.ada.Fresh().EachOrder(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		there++
		if placed[o.Order] != o.Quantity {
			t.Errorf("order %v of %d was answered as one of %d", o.Order, o.Quantity, placed[o.Order])
		}
	}
	if there != workers*each+2 || len(placed) != there {
		t.Errorf("%d orders were placed and %d answered, %d are there", workers*each+2, len(placed), there)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count < each {
		t.Errorf("only %d connections were made: nothing was lost", c.count)
	}
}

// Orders go with the connection, and with the one that is made after it.
func TestTraderCancelsOnDisconnect(t *testing.T) {
	ctx := bound(t)
	f := newFloor(t)
	c := newCutter(t, f.node.Addr())
	tr := f.trader("http://"+c.addr, feed.Options{Tries: 1_000})
	l := f.listen("http://"+f.node.Addr(), feed.Options{Token: f.key.Secret}, feed.Subscription{Account: true})
	if err := tr.CancelOnDisconnect(ctx, true); err != nil {
		t.Fatal(err)
	}
	for _, end := range []func(){c.cut, tr.Close} {
		o := must[api.OrderAnswer](t)(tr.Place(ctx, f.market, "", bid(4_000, 1)))
		l.until("the order", func() bool { return l.orders[o.Order].Status == api.StatusOpen })
		end()
		l.until("its end", func() bool { return l.orders[o.Order].Status == api.StatusCancelled })
	}
}

// desk answers requests with one status after the other, the last of them for ever. Whether the key is still good it always confirms.
type desk struct {
	mu       sync.Mutex
	statuses []int
	asked    int
}

func (*desk) Authenticate(*http.Request) (projection.Credential, *api.Problem) {
	return projection.Credential{Account: 1, Permissions: exchange.PermRead | exchange.PermTrade}, nil
}

func (d *desk) Do(_ context.Context, _ projection.Credential, r server.Request) (int, []byte) {
	if r.Method == http.MethodGet {
		return http.StatusOK, []byte(`{}`)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	status := d.statuses[min(d.asked, len(d.statuses)-1)]
	d.asked++
	if status < 300 {
		return status, []byte(`{"orders":7}`)
	}
	return status, fmt.Appendf(nil, `{"status":%d,"code":"code_%d","retry":"later"}`, status, status)
}

// A node that cannot do what is asked is left for another one, unless orders would go with the connection; whoever asks too much stays.
func TestTraderGoesElsewhere(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second []int
		armed         bool
		asked         [2]int
		code          string
	}{
		{"a node that is in trouble", []int{503}, []int{200}, false, [2]int{1, 1}, ""},
		{"one that is in trouble for a while, with orders that go with the connection", []int{503, 503, 200}, []int{200}, true, [2]int{3, 0}, ""},
		{"too much", []int{429, 429, 200}, []int{200}, false, [2]int{3, 0}, ""},
		{"a refusal", []int{422}, []int{200}, false, [2]int{1, 0}, "code_422"},
		{"trouble everywhere", []int{503}, []int{503}, false, [2]int{2, 2}, "code_503"},
		{"an answer that is none", []int{502, 200}, []int{502, 200}, false, [2]int{2, 1}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			desks := [2]*desk{{statuses: c.first}, {statuses: c.second}}
			var bases []string
			for _, d := range desks {
				bases = append(bases, newLaggard(t, server.Config{Desk: d}).http.URL)
			}
			f := &floor{t: t}
			f.key.Secret = "pm_any"
			tr := f.trader(bases[0], feed.Options{Others: bases[1:]})
			if c.armed {
				if err := tr.CancelOnDisconnect(t.Context(), true); err != nil {
					t.Fatal(err)
				}
			}
			a, err := tr.CancelAll(t.Context(), 0)
			if client.Code(err) != c.code || err == nil && a.Orders != 7 {
				t.Errorf("%+v, %v", a, err)
			}
			for i, d := range desks {
				d.mu.Lock()
				if d.asked != c.asked[i] {
					t.Errorf("node %d was asked %d times, not %d", i, d.asked, c.asked[i])
				}
				d.mu.Unlock()
			}
		})
	}
}
