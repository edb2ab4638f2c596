package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/guard"
)

// accepting is a Submitter that accepts everything at once, so that a benchmark measures the gateway alone.
type accepting struct{ seq exchange.Seq }

func (a *accepting) Fresh(context.Context) error { return nil }

func (a *accepting) Submit(_ context.Context, _ []byte, n int, replies []exchange.Reply) error {
	for i := range replies[:n] {
		a.seq++
		replies[i] = exchange.Reply{Seq: a.seq, Time: 1_790_000_000_123_456_789, ID: 1<<40 + uint64(a.seq), Remaining: 10, Version: 1}
	}
	return nil
}

// discard is a ResponseWriter without a connection.
type discard struct {
	header http.Header
	status int
	n      int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(p []byte) (int, error) { d.n += len(p); return len(p), nil }

func benchmarkRequests(b *testing.B, path, body string, orders int, change ...func(*Config)) {
	s := newSite(b, change...)
	ada := s.trader("ada", "100")
	for range 2 {
		s.market("")
	}
	s.server.submitter = &accepting{}
	r := ask{method: "POST", path: path, token: ada.token, key: "key-000000000001", body: body}.request()
	reader := bytes.NewReader([]byte(body))
	r.Body = io.NopCloser(reader)
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	before, rounds := cpuTime(), 0
	for b.Loop() {
		rounds++
		reader.Seek(0, io.SeekStart)
		clear(w.header)
		s.server.Public().ServeHTTP(w, r)
	}
	if w.status != 201 && w.status != 200 {
		b.Fatalf("status %d", w.status)
	}
	b.ReportMetric(float64(cpuTime()-before)/float64(rounds)/float64(orders), "cpu-ns/order")
}

// cpuTime is what this process has used of all processors: on a busy machine it says more than a clock.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// What an order costs here, without net/http's reading and writing and without the exchange.
func BenchmarkPlaceOrder(b *testing.B) { benchmarkRequests(b, "/api/markets/1/orders", benchOrder, 1) }

const benchOrder = `{"outcome":"yes","side":"buy","price":"0.62","quantity":10,"time_in_force":"gtc","client_order_id":"order-000000001"}`

// The same with limits that are never reached.
func BenchmarkPlaceOrderWithLimits(b *testing.B) {
	benchmarkRequests(b, "/api/markets/1/orders", benchOrder, 1, func(c *Config) {
		p := guard.Default()
		p.Tier, p.Factors[guard.Institutional] = guard.Institutional, guard.MostFactor
		c.Limits = &p
	})
}

func BenchmarkBatchOf100(b *testing.B) {
	item := `{"market":"1","outcome":"yes","side":"buy","price":"0.62","quantity":10,"client_order_id":"order-%09d"}`
	var items []string
	for i := range api.MaxBatch {
		items = append(items, fmt.Sprintf(item, i))
	}
	benchmarkRequests(b, "/api/orders/batch", `{"orders":[`+strings.Join(items, ",")+`]}`, api.MaxBatch)
}
