package flood

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
)

// Trader is one who behaves: a client of its own account, address and connection.
type Trader struct {
	*client.Client
	Market api.ID
	Tag    string // makes client order ids different from all others
}

// Outcome is how those who behave fared.
type Outcome struct {
	Latency        *hdrhistogram.Histogram // of all that they sent, from when it was due, µs
	Orders, Placed uint64
	Cancels        uint64
	CancelsRefused uint64 // cancels that were not carried out, for whatever reason but that there was nothing to cancel
	Reads          uint64
	Codes          map[string]uint64 // of what was refused or not answered
}

const longest = time.Minute

func newOutcome() *Outcome {
	return &Outcome{Latency: hdrhistogram.New(1, longest.Microseconds(), 3), Codes: map[string]uint64{}}
}

func (o *Outcome) add(other *Outcome) {
	o.Latency.Merge(other.Latency)
	o.Orders += other.Orders
	o.Placed += other.Placed
	o.Cancels += other.Cancels
	o.CancelsRefused += other.CancelsRefused
	o.Reads += other.Reads
	for code, n := range other.Codes {
		o.Codes[code] += n
	}
}

// steps are what a trader does in turn: an order, a look at the book, a cancel of the order.
const steps = 3

// Behave has traders place, look and cancel, each interval one of them, for a time. Requests that are due at the same time for
// a trader go one after the other, and count from when they were due.
func Behave(ctx context.Context, traders []Trader, interval, duration time.Duration) *Outcome {
	all := newOutcome()
	var mu sync.Mutex
	var wg sync.WaitGroup
	begun := time.Now()
	for i := range traders {
		wg.Go(func() {
			phase := interval * time.Duration(i) / time.Duration(len(traders))
			o := traders[i].behave(ctx, begun.Add(phase), begun.Add(duration), interval)
			mu.Lock()
			defer mu.Unlock()
			all.add(o)
		})
	}
	wg.Wait()
	return all
}

func (t *Trader) behave(ctx context.Context, due, end time.Time, interval time.Duration) *Outcome {
	o := newOutcome()
	var resting api.ID
	for n := 0; due.Before(end); n, due = n+1, due.Add(interval) {
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return o
		}
		var err error
		switch n % steps {
		case 0:
			o.Orders++
			if resting, err = t.place(ctx, t.Tag+strconv.Itoa(n)); err == nil {
				o.Placed++
			}
		case 1:
			o.Reads++
			_, err = t.Send(ctx, client.Request{Method: http.MethodGet, Path: fmt.Sprintf("/api/markets/%d/orderbook", t.Market)})
		case 2:
			o.Cancels++
			if err = t.cancel(ctx, resting); err != nil {
				o.CancelsRefused++
			}
		}
		if ctx.Err() != nil {
			return o
		}
		_ = o.Latency.RecordValue(min(time.Since(due), longest).Microseconds()) // it fails only for values above the greatest
		if err != nil {
			o.Codes[codeOf(err)]++
		}
	}
	return o
}

func (t *Trader) place(ctx context.Context, id string) (api.ID, error) {
	var a api.OrderAnswer
	err := t.Do(ctx, client.Request{Method: http.MethodPost, Path: fmt.Sprintf("/api/markets/%d/orders", t.Market), InBody: true,
		Body: api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 100, Quantity: 1, ClientOrderID: id}}, &a)
	return a.Order, err
}

// cancel cancels an order, or all where there is none: whoever wants to leave and does not know what he has does that.
func (t *Trader) cancel(ctx context.Context, order api.ID) error {
	path := "/api/orders"
	if order != 0 {
		path = fmt.Sprintf("/api/markets/%d/orders/%d", t.Market, order)
	}
	_, err := t.Send(ctx, client.Request{Method: http.MethodDelete, Path: path})
	if client.Code(err) == exchange.RejectOrderNotFound.String() {
		return nil
	}
	return err
}

func codeOf(err error) string {
	var refused *client.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return "no_answer"
}
