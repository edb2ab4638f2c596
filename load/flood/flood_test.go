package flood

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stutter takes a few bytes at a time, and then none for once.
type stutter struct {
	bytes.Buffer
	turn int
}

func (s *stutter) Write(b []byte) (int, error) {
	if s.turn++; s.turn%3 == 0 {
		n, _ := s.Buffer.Write(b[:min(len(b), 7)])
		return n, os.ErrDeadlineExceeded
	}
	return s.Buffer.Write(b[:min(len(b), 150)])
}

// However little a connection takes at a time, whole requests are on it, each with a number of its own, and they are counted.
func TestStreamsAreOfWholeRequests(t *testing.T) {
	for name, sender := range map[string]Sender{"order": Order("h", 7, "pm_x", "a-"), "read": Read("h", 7), "guess": Guess("h")} {
		t.Run(name, func(t *testing.T) {
			s := newStream(&sender)
			var number, sent atomic.Uint64
			var out stutter
			for n := range 40 {
				if err := s.write(&out, n%9, &number, &sent); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatal(err)
				}
			}
			whole := out.Len() / s.size
			if got := sent.Load(); got != uint64(whole) || whole < 20 {
				t.Errorf("%d are counted, and %d whole requests were sent", got, whole)
			}
			seen := map[string]bool{}
			for i := range whole {
				request := out.Bytes()[i*s.size : (i+1)*s.size]
				at := string(request[s.mark : s.mark+len(Mark)])
				if seen[at] || strings.Replace(string(sender.Request), Mark, at, 1) != string(request) {
					t.Fatalf("request %d is %q", i, request)
				}
				seen[at] = true
			}
		})
	}
}

// What a flood sends is what a server reads, and what it answers is counted.
func TestFloodReachesAServer(t *testing.T) {
	var got [3]atomic.Uint64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == http.MethodPost && strings.Contains(string(body), `"client_order_id":"a-0`) && r.Header.Get("Authorization") == "Bearer pm_x":
			got[0].Add(1)
			w.WriteHeader(http.StatusCreated)
		case r.URL.Path == "/api/markets/7/orderbook":
			got[1].Add(1)
			w.WriteHeader(http.StatusTooManyRequests)
		case strings.HasPrefix(r.Header.Get("Authorization"), "Bearer pm_0"):
			got[2].Add(1)
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, `{"a body":"without a line break"}`)
	}))
	defer server.Close()
	addr := server.Listener.Addr().String()
	end := Begin(t.Context(), Config{Addr: addr, Rate: 600, Conns: 3, From: []net.IP{net.IPv4(127, 0, 0, 1)},
		Senders: []Sender{Order(addr, 7, "pm_x", "a-"), Read(addr, 7), Guess(addr)}})
	for got[0].Load() < 50 || got[1].Load() < 50 || got[2].Load() < 3 {
		time.Sleep(time.Millisecond)
	}
	toll := end()
	if toll.Answered[2] < 40 || toll.Answered[4] < 40 || toll.Answered[5] < 2 || toll.Conns < 5 || toll.Sent < 100 || toll.Due == 0 {
		t.Errorf("%+v", toll)
	}
	if answered := toll.Answered[2] + toll.Answered[4] + toll.Answered[5]; answered > toll.Sent {
		t.Errorf("%d answers to %d requests", answered, toll.Sent)
	}
}

// Those who behave place, look and cancel what they have placed, and what is refused is told by code.
func TestWhoBehaves(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Method+" "+r.URL.Path)
		refuse := func(status int, code string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"status":%d,"code":"%s"}`, status, code)
		}
		switch {
		case r.Method == http.MethodPost && len(seen) > 3:
			refuse(429, "rate_limited")
		case r.Method == http.MethodPost:
			fmt.Fprint(w, `{"order":"17"}`)
		case r.Method == http.MethodDelete && r.URL.Path == "/api/orders":
			refuse(503, "overloaded")
		case r.Method == http.MethodDelete:
			refuse(404, "order_not_found")
		}
	}))
	defer server.Close()
	c, err := client.New(server.URL, client.Options{MaxConns: 1, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o := Behave(ctx, []Trader{{Client: c, Market: 7, Tag: "x"}}, time.Millisecond, 6*time.Millisecond)
	want := "[POST /api/markets/7/orders GET /api/markets/7/orderbook DELETE /api/markets/7/orders/17 " +
		"POST /api/markets/7/orders GET /api/markets/7/orderbook DELETE /api/orders]"
	if fmt.Sprint(seen) != want {
		t.Errorf("%v", seen)
	}
	if o.Orders != 2 || o.Placed != 1 || o.Reads != 2 || o.Cancels != 2 || o.CancelsRefused != 1 || o.Latency.TotalCount() != 6 ||
		fmt.Sprint(o.Codes) != "map[overloaded:1 rate_limited:1]" {
		t.Errorf("%+v", o)
	}
}
