package orders

import (
	"log/slog"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/load/floor"
	"github.com/hustings/hustings/node"
)

// What a load reports must be what the exchange's journal has, order for order.
func TestReportedOrdersAreInTheJournal(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"open loop":   func(c *Config) { c.Rate = 2_000 },
		"closed loop": func(c *Config) {},
		"batches":     func(c *Config) { c.Batch = 20 },
	} {
		t.Run(name, func(t *testing.T) {
			n, f := startExchange(t)
			c := Config{Conns: 4, Batch: 1, Cancels: 0.3, Duration: 200 * time.Millisecond, Tag: "t"}
			change(&c)
			for range 2 {
				id, err := f.OpenMarket(t.Context(), api.CreateMarket{Question: "Is every order where it should be?"})
				if err != nil {
					t.Fatal(err)
				}
				c.Markets = append(c.Markets, id)
			}
			told := 0
			hired, err := f.HireAll(t.Context(), "trader-", 8, 1_000_000_0000, func(n int) { told = n })
			if err != nil || told != 8 {
				t.Fatal(told, err)
			}
			c.Traders = Of(hired)
			r, err := Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			placed, cancelled := countEvents(t, n, f)
			if r.Orders == 0 || r.Orders != placed || r.Cancels != cancelled || r.Errors != 0 {
				t.Errorf("%d orders and %d cancels were reported (%v), the journal has %d and %d", r.Orders, r.Cancels, r.Codes, placed, cancelled)
			}
			items := r.Orders + r.Cancels + r.TooLate
			if items != r.Requests*uint64(c.Batch) {
				t.Errorf("%d items in %d requests of %d", items, r.Requests, c.Batch)
			}
			if c.Rate > 0 && int64(r.Requests)+r.Unsent != 400 {
				t.Errorf("%d requests were sent and %d were not, of 400", r.Requests, r.Unsent)
			}
			if l := r.Latency; l.P50 <= 0 || l.P99 < l.P50 || l.P999 < l.P99 || l.Max < l.P999 {
				t.Errorf("latencies %+v", l)
			}
		})
	}
}

func TestRefusalsAreErrors(t *testing.T) {
	_, f := startExchange(t)
	id, err := f.OpenMarket(t.Context(), api.CreateMarket{Question: "Who pays for all of this?"})
	if err != nil {
		t.Fatal(err)
	}
	poor, err := f.HireAll(t.Context(), "poor-", 2, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range []int{1, 5} {
		c := Config{Conns: 2, Batch: batch, Duration: 50 * time.Millisecond, Tag: "t" + api.ID(batch).String(), Traders: Of(poor), Markets: []api.ID{id}}
		r, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if r.Errors == 0 || r.Codes["insufficient_funds"] != r.Errors || r.Errors+r.Orders != r.Requests*uint64(batch) {
			t.Errorf("batches of %d: %+v", batch, r.Count)
		}
	}
}

func startExchange(t *testing.T) (*node.Node, *floor.Floor) {
	t.Helper()
	n, err := node.Start(node.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	f := new(floor.Floor)
	if f.Public, err = client.New("http://"+n.Addr(), client.Options{Tries: 1}); err != nil {
		t.Fatal(err)
	}
	if f.Admin, err = client.New("http://"+n.AdminAddr(), client.Options{Token: n.AdminKey()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Public.Close()
		f.Admin.Close()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n, f
}

// countEvents counts the orders that were placed, and those that their owners cancelled, up to a last market.
func countEvents(t *testing.T, n *node.Node, f *floor.Floor) (placed, cancelled uint64) {
	t.Helper()
	last, err := f.Admin.CreateMarket(t.Context(), "", api.CreateMarket{Question: "Is this the end of it?"})
	if err != nil {
		t.Fatal(err)
	}
	var d wire.Decoder
	for c := n.Replica().Journal().Subscribe(1); c.Seq() <= uint64(last.Seq); {
		record, err := c.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, frame := range record.All() {
			event, err := d.Event(frame)
			if err != nil {
				t.Fatal(err)
			}
			switch e := event.(type) {
			case *exchange.OrderPlaced:
				placed++
			case *exchange.OrderCancelled:
				if e.Reason == exchange.CancelRequested {
					cancelled++
				}
			}
		}
	}
	return placed, cancelled
}
