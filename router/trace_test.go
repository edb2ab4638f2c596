package router

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/tracing"
	"github.com/hustings/hustings/tracing/collector"
)

// watched is a replica that keeps with what it was called.
type watched struct {
	Local
	ctx      context.Context
	commands []byte
	n        int
}

func (w *watched) Submit(ctx context.Context, commands []byte, n int, _ []exchange.Reply) error {
	w.ctx, w.commands, w.n = ctx, commands, n
	return nil
}

// A request takes its trace along, and is the same commands with it and without. Whoever does not know of traces refuses it before
// anything is done.
func TestRequestCarriesItsTrace(t *testing.T) {
	to := collector.Start(t)
	var tracers [2]*tracing.Tracer
	for i := range tracers {
		var err error
		if tracers[i], err = tracing.New(tracing.Config{Endpoint: to.URL, Ratio: 1}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, span := tracers[0].Request(httptest.NewRequest(http.MethodGet, "/", nil), "placeOrder")
	commands := []byte("commands")
	request := Request(commands, 2, tracers[0].Carry(ctx))
	if le.Uint32(request) <= maxCommands {
		t.Errorf("an earlier version would take %x for commands", request)
	}
	for _, c := range []struct {
		request  []byte
		tracer   *tracing.Tracer
		followed bool
	}{{request, tracers[1], true}, {request, nil, false}, {Request(commands, 2, nil), tracers[1], false}, {Request(commands, 2, []byte("short")), tracers[1], false}} {
		w := &watched{}
		if _, err := Serve(t.Context(), w, c.request, c.tracer); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(w.commands, commands) || w.n != 2 || tracers[1].Followed(w.ctx) != c.followed {
			t.Errorf("%q, %d, followed %v of %x", w.commands, w.n, tracers[1].Followed(w.ctx), c.request)
		}
	}
	for cut := range requestHead + tracing.CarriedSize {
		if _, err := Serve(t.Context(), &watched{}, request[:cut], nil); !errors.Is(err, replica.ErrNotSubmitted) {
			t.Errorf("%d bytes of a request: %v", cut, err)
		}
	}
	span.End()
	for _, tracer := range tracers {
		if err := tracer.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	spans := to.Spans()
	if len(spans) != 2 || spans[1].Name != "leader" || !bytes.Equal(spans[1].ParentSpanId, spans[0].SpanId) || !bytes.Equal(spans[1].TraceId, spans[0].TraceId) {
		t.Errorf("%v", spans)
	}
}

// What is not followed costs no more than its bytes.
func TestRequestWithoutTraceCostsNothing(t *testing.T) {
	commands := make([]byte, 200)
	if n := testing.AllocsPerRun(100, func() {
		if b := Request(commands, 1, nil); len(b) != requestHead+len(commands) {
			t.Fatalf("%d bytes", len(b))
		}
	}); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
