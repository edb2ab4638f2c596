package orders

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/load/naive"
)

func newWorker(cancels float64, traders int) *worker {
	w := &worker{
		flow: flow{random: rand.New(rand.NewPCG(1, 2)), markets: newMarkets([]api.ID{7, 8}), cancels: cancels},
		tag:  "tag-", batch: 20,
	}
	for range traders {
		w.traders = append(w.traders, &trader{})
	}
	return w
}

// strictly reads JSON as the gateway does: a field that it does not know is an error.
func strictly(t *testing.T, body []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(body, into, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
}

func TestOrdersAreWrittenAsTheAPIWantsThem(t *testing.T) {
	o := order{market: 7, side: exchange.Sell, price: 62, quantity: 10, immediate: true}
	var got api.PlaceOrder
	strictly(t, appendOrder(nil, &o, false, []byte("a-1")), &got)
	want := api.PlaceOrder{Outcome: api.Yes, Side: api.Sell, Price: 62, Quantity: 10, TimeInForce: api.IOC, ClientOrderID: "a-1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBatchesAreWrittenAsTheAPIWantsThem(t *testing.T) {
	w := newWorker(0.5, 1)
	ids := map[string]bool{}
	sizes := map[[2]bool]bool{} // which lists were empty
	for n := range 200 {
		for i := range 1 + n%3 {
			w.traders[0].rests(restingOrder{market: 7, order: api.ID(n*10 + i + 1)})
		}
		w.batch = 1 + n%5
		cancels := w.appendBatch(w.traders[0])
		var b api.Batch
		strictly(t, w.body, &b)
		if len(b.Cancels) != cancels || len(b.Orders) != len(w.placing) || cancels+len(w.placing) != w.batch {
			t.Fatalf("%d cancels and %d orders in %s", cancels, len(w.placing), w.body)
		}
		sizes[[2]bool{cancels == 0, len(w.placing) == 0}] = true
		for i, o := range b.Orders {
			if o.Market != w.placing[i].market || ids[o.ClientOrderID] {
				t.Fatalf("order %d of %s has another market or an id that was there before", i, w.body)
			}
			ids[o.ClientOrderID] = true
		}
	}
	if len(sizes) != 3 {
		t.Errorf("batches with both lists, and with either alone, should have come: %v", sizes)
	}
}

func TestAnswersAreRead(t *testing.T) {
	placement := &api.OrderAnswer{Order: 123, Market: 7, Status: api.StatusOpen, Filled: 4, Remaining: 6}
	answer, err := json.Marshal(api.BatchAnswer{
		Seq: 99,
		Cancels: []api.BatchCancelResult{
			{Cancelled: &api.CancelAnswer{Order: 5, Market: 7, Status: api.StatusCancelled}},
			{Refused: api.RejectProblem(exchange.RejectOrderNotFound, 3, "")},
		},
		Orders: []api.BatchOrderResult{
			{Placed: placement},
			{Refused: api.RejectProblem(exchange.RejectInsufficientFunds, 3, "")},
			{Placed: &api.OrderAnswer{Order: 124, Status: api.StatusFilled, Filled: 10}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		list  string
		id    api.ID
		rests bool
		code  string
	}
	var got []result
	for _, list := range []string{"cancels", "orders"} {
		items(answer, list, func(_ int, item []byte) {
			var whole map[string]any
			strictly(t, item, &whole)
			if len(whole) != 1 {
				t.Errorf("%s is not a whole result", item)
			}
			id, rests := placed(item)
			got = append(got, result{list, id, rests, code(item)})
		})
	}
	want := []result{
		{"cancels", 5, false, ""}, {"cancels", 0, false, "order_not_found"},
		{"orders", 123, true, ""}, {"orders", 0, false, "insufficient_funds"}, {"orders", 124, false, ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v in %s", got, want, answer)
	}
}

// The book of a flow must neither run empty nor grow without end.
func TestFlowKeepsTheBookSteady(t *testing.T) {
	const cancels, rounds = 0.2, 60_000
	w := newWorker(cancels, 3)
	w.markets = w.markets[:1]
	b := naive.New()
	counts := map[string]int{}
	for n := range rounds {
		tr := w.someone()
		if o, ok := w.cancel(tr); ok {
			counts["cancels"]++
			if number := uint32(o.order); b.Order(number).Open > 0 {
				b.Cancel(number)
			} else {
				counts["late"]++
			}
			continue
		}
		o := w.order()
		number := b.Next()
		trades := b.Place(uint8(o.side), uint16(o.price), o.quantity, !o.immediate)
		if o.immediate && len(trades) == 0 && n > rounds/10 {
			counts["nothing to take"]++
		}
		if b.Order(number).Open > 0 {
			tr.rests(restingOrder{market: 7, order: api.ID(number), off: o.off})
		}
	}
	if live := len(b.Live()); live < 100 || live > 12_000 {
		t.Errorf("%d orders rest after %d commands (%v)", live, rounds, counts)
	}
	if share := float64(counts["cancels"]) / rounds; share < 0.9*cancels || share > 1.1*cancels {
		t.Errorf("a share of %.3f are cancels", share)
	}
	if counts["nothing to take"] > rounds/1_000 {
		t.Errorf("%d immediate orders found nothing", counts["nothing to take"])
	}
	t.Log(len(b.Live()), counts)
}

func TestDueFrom(t *testing.T) {
	p := openLoop(time.Now(), 1_000, 100*ms, 0)
	for since, want := range map[time.Duration]int64{0: 100, 1: 99, ms: 99, 20 * ms: 80, time.Hour: 0} {
		if got := p.dueFrom(since); got != want {
			t.Errorf("%d requests are due from %v on, want %d", got, since, want)
		}
	}
}

func TestImpossibleLoadsAreRefused(t *testing.T) {
	for _, c := range []Config{
		{},
		{Conns: 1, Batch: 1, Duration: time.Second},
	} {
		if _, err := Run(t.Context(), c); err == nil {
			t.Errorf("%+v was run", c)
		}
	}
}
