package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
)

func TestJudge(t *testing.T) {
	refused := func(status int, seq api.ID) error {
		return &Error{Problem: api.Problem{Status: status, Code: "x", Seq: seq}}
	}
	for _, test := range []struct {
		name string
		err  error
		want verdict
	}{
		{"broken connection", errors.New("reset"), elsewhere},
		{"overloaded", refused(503, 0), elsewhere},
		{"a mistake of the exchange", refused(500, 0), elsewhere},
		{"a proxy without the exchange behind it", refused(502, 0), elsewhere},
		{"too many requests", refused(429, 0), here},
		{"recorded: it would be said again", refused(503, 7), final},
		{"wrong as it stands", refused(400, 0), final},
		{"stale", refused(412, 7), final},
		{"no key", refused(401, 0), final},
	} {
		if got := judge(test.err); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 3, 21, 47, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, "60": time.Minute, "Tue, 03 Nov 2026 21:47:30 GMT": 30 * time.Second,
		"Tue, 03 Nov 2026 21:46:30 GMT": 0, "": 0, "-1": 0, "soon": 0, "1.5": 0, "99999999999": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestPausesAreShortenedAtRandom(t *testing.T) {
	least, most := time.Second, time.Duration(0)
	for range 1_000 {
		p := jittered(time.Second)
		least, most = min(least, p), max(most, p)
	}
	if least < time.Second/2 || most > time.Second || most-least < time.Second/4 {
		t.Errorf("from %v to %v", least, most)
	}
}

// fakeNode is one of several that serve the same exchange.
type fakeNode struct {
	*httptest.Server
	asked atomic.Int64
	keys  chan string
}

func newFakeNode(t *testing.T, status int, header ...string) *fakeNode {
	n := &fakeNode{keys: make(chan string, 100)}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.asked.Add(1)
		n.keys <- r.Header.Get(api.HeaderKey)
		if len(header) == 2 {
			w.Header().Set(header[0], header[1])
		}
		w.WriteHeader(status)
		if status >= 300 {
			fmt.Fprintf(w, `{"type":"x","title":"x","status":%d,"detail":"x","code":"c%[1]d","retry":"later"}`, status)
			return
		}
		fmt.Fprint(w, `{"account":"7","name":"ada"}`)
	}))
	t.Cleanup(n.Close)
	return n
}

// What one node cannot answer another one is asked at once, with the same key; and it is asked first from then on.
func TestAnotherAddressIsAsked(t *testing.T) {
	gone := newFakeNode(t, 200)
	gone.Close()
	ill, well := newFakeNode(t, 503), newFakeNode(t, 201)
	c, err := New(gone.URL, Options{Token: "pm_x", Others: []string{ill.URL, well.URL}, Backoff: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		if a, err := c.Register(t.Context(), "ada", "correct horse"); err != nil || a.Account != 7 {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	if ill.asked.Load() != 1 || well.asked.Load() != 3 {
		t.Errorf("asked %d and %d times", ill.asked.Load(), well.asked.Load())
	}
	if first, second := <-ill.keys, <-well.keys; first == "" || first != second {
		t.Errorf("keys %q and %q", first, second)
	}
	if "http://"+c.Address() != well.URL {
		t.Error(c.Address())
	}
}

// A refusal is not shopped around, and neither is a limit.
func TestRefusalsAreNotTakenElsewhere(t *testing.T) {
	for _, status := range []int{400, 409, 429} {
		first, other := newFakeNode(t, status), newFakeNode(t, 201)
		c, err := New(first.URL, Options{Others: []string{other.URL}, Backoff: time.Nanosecond})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Register(t.Context(), "ada", "correct horse"); Code(err) != fmt.Sprintf("c%d", status) || other.asked.Load() != 0 {
			t.Errorf("%d: %v, and the other was asked %d times", status, err, other.asked.Load())
		}
		if want := map[int]int64{400: 1, 409: 1, 429: 4}[status]; first.asked.Load() != want {
			t.Errorf("%d: asked %d times, want %d", status, first.asked.Load(), want)
		}
		c.Close()
	}
}

// Whoever is asked to wait for long is told so rather than left waiting.
func TestLongWaitsAreTheCallersChoice(t *testing.T) {
	shut := newFakeNode(t, 429, "Retry-After", "60")
	c, err := New(shut.URL, Options{Backoff: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Markets(t.Context(), nil)
	var refused *Error
	if !errors.As(err, &refused) || refused.RetryAfter != time.Minute || shut.asked.Load() != 1 {
		t.Errorf("%v after %d", err, shut.asked.Load())
	}
}
