package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"go.opentelemetry.io/otel/trace"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/guard"
)

// call is one request while it is worked on, with the buffers that it needs. Calls are used again.
type call struct {
	s        *Server
	endpoint *endpoint
	w        http.ResponseWriter
	r        *http.Request

	who     projection.Credential // zero for anyone and the admin key
	root    bool                  // the admin key itself was given
	nonce   string                // of a signed request, else ""
	key     string                // Idempotency-Key, or ""
	version uint32                // If-Match, or 0

	caller  guard.Caller
	verdict guard.Verdict // the last one, if limited
	limited bool

	keyOfNonce  bool // key follows from the nonce
	recorded    bool // the journal has that the operator does this
	mustBeFresh bool
	bodyRead    bool
	body        []byte
	scan        scanner

	orders   []orderRequest
	cancels  []exchange.CancelOrder
	commands []byte
	replies  []exchange.Reply

	out    bytes.Buffer // the answer's body
	status int
	seq    exchange.Seq // of a mutation's effects, or that a read has seen
	etag   uint32       // 0: none

	events wire.Decoder

	started   time.Time
	read      time.Time // when the body had been read
	submitted time.Time // zero: nothing was submitted
	replied   time.Time
	span      trace.Span // nil: the request is not followed
	traded    bool       // something that was submitted traded at once
}

var calls = sync.Pool{New: func() any { return new(call) }}

// keep bounds what a call holds on to while it waits for its next use.
const keep = 256 << 10

func newCall(s *Server, e *endpoint, w http.ResponseWriter, r *http.Request) *call {
	c := calls.Get().(*call)
	c.s, c.endpoint, c.w, c.r = s, e, w, r
	c.status = e.Status
	c.started = s.now()
	if s.limits.guard != nil {
		c.caller.Address = guard.KeyOfSocket(r.RemoteAddr)
	}
	return c
}

func (c *call) free() {
	if cap(c.body)+cap(c.commands)+c.out.Cap() > keep {
		return
	}
	c.s, c.endpoint, c.w, c.r = nil, nil, nil, nil
	c.who, c.key, c.version, c.seq, c.etag = projection.Credential{}, "", 0, 0, 0
	c.root, c.nonce, c.keyOfNonce, c.recorded, c.mustBeFresh, c.bodyRead = false, "", false, false, false, false
	c.caller, c.verdict, c.limited = guard.Caller{}, guard.Verdict{}, false
	c.span = nil
	c.orders, c.cancels = c.orders[:0], c.cancels[:0]
	c.body, c.commands, c.replies = c.body[:0], c.commands[:0], c.replies[:0]
	c.out.Reset()
	c.started, c.read, c.submitted, c.replied, c.traded = time.Time{}, time.Time{}, time.Time{}, time.Time{}, false
	calls.Put(c)
}

// coreKey is the key under which the exchange knows this request; zero where it needs none.
func (c *call) coreKey() exchange.Key {
	switch {
	case c.key == "":
		return c.keyForRetries()
	case c.endpoint.Need == api.NeedOperator:
		return deriveKey(scopeOperator, c.who.Account, 0, c.key)
	}
	return deriveKey(scopeHeader, c.who.Account, 0, c.key)
}

// keyForRetries is the key of a command that needs none. Where leaders can be lost it has one all the same, so that the
// router can send it again.
func (c *call) keyForRetries() (key exchange.Key) {
	if c.s.cluster != nil {
		copy(key[:], randomBytes(len(key)))
	}
	return key
}

// do submits one command and returns its reply, which was accepted.
func (c *call) do(cmd exchange.Command) (*exchange.Reply, *api.Problem) {
	r, p := c.try(cmd)
	if p == nil && r.Code != exchange.Accepted {
		p = api.RejectProblem(r.Code, r.Seq, "")
	}
	return r, p
}

// try submits one command and returns its reply, accepted or not.
func (c *call) try(cmd exchange.Command) (*exchange.Reply, *api.Problem) {
	if p := c.record(); p != nil {
		return nil, p
	}
	var err error
	if c.commands, err = wire.AppendCommand(c.commands[:0], cmd); err != nil {
		return nil, api.CodeInvalidField.Problem("", "The request's texts are too long together.")
	}
	if p := c.submit(1, wire.OnlyCancels(c.commands, 1)); p != nil {
		return nil, p
	}
	c.seq = c.replies[0].Seq
	return &c.replies[0], nil
}

// submit submits the first n commands and fills replies. Cancels have room of their own, so that a flood of orders
// does not keep anybody from cancelling.
func (c *call) submit(n int, cancels bool) *api.Problem {
	leave, p := c.enter(cancels)
	if p != nil {
		return p
	}
	defer leave()
	if cap(c.replies) < n {
		c.replies = make([]exchange.Reply, n)
	}
	c.replies = c.replies[:n]
	c.submitted = c.s.now()
	err := c.s.submitter.Submit(c.r.Context(), c.commands, n, c.replies)
	c.replied = c.s.now()
	if err != nil {
		return c.submitProblem(err)
	}
	if g := c.s.limits.guard; g != nil && !cancels {
		g.Observe(c.replied, c.replied.Sub(c.submitted))
	}
	for i := range c.replies {
		c.s.saw(c.replies[i].Seq)
		c.s.metrics.replied(c.replies[i].Code)
		c.traded = c.traded || c.replies[i].Filled > 0
	}
	return nil
}

// enter waits for a cancel's turn, and refuses an order at once when as many as may are under way. Connections bound how many wait.
func (c *call) enter(cancels bool) (leave func(), p *api.Problem) {
	if !cancels {
		if !c.s.orderGate.enter() {
			return nil, api.CodeOverloaded.Problem("", "")
		}
		return c.s.orderGate.leave, nil
	}
	select {
	case c.s.cancelRoom <- struct{}{}:
		return c.s.leaveCancels, nil
	case <-c.r.Context().Done():
		return nil, api.CodeUnavailable.Problem("", "")
	}
}

func (s *Server) leaveCancels() { <-s.cancelRoom }

func (c *call) submitProblem(err error) *api.Problem {
	if errors.Is(err, ErrNoLeader) { // said often, and known
		return api.CodeNoLeader.Problem("", "No node leads the market's shard now. Nothing was done.")
	}
	c.s.log.Error("submit commands", "route", c.endpoint.Name, "error", err)
	if errors.Is(err, ErrNotSubmitted) {
		return api.CodeOverloaded.Problem("", "The exchange cannot take requests now. Nothing was done.")
	}
	return api.CodeUnavailable.Problem("", "")
}

// answer writes a shape of package api as the answer's body.
func (c *call) answer(v any) *api.Problem {
	if err := json.MarshalWrite(&c.out, v); err != nil {
		c.s.log.Error("write an answer", "route", c.endpoint.Name, "error", err)
		return api.CodeInternal.Problem("", "")
	}
	return nil
}

// receipt is the head of a mutation's answer.
func receipt(r *exchange.Reply) api.Receipt {
	return api.Receipt{Seq: api.ID(r.Seq), Time: api.Time(r.Time)}
}

// waitLimit is how long a request waits for the read model and for the other nodes.
const waitLimit = 2 * time.Second

// fresh waits until the read model has seen everything that was acknowledged before this request, which asks for that in a
// field or not.
func (c *call) fresh(field string) *api.Problem {
	ctx, cancel := context.WithTimeout(c.r.Context(), c.s.waitLimit)
	defer cancel()
	if err := c.s.submitter.Fresh(ctx); err != nil {
		return api.CodeNotCaughtUp.Problem(field, "No majority of the nodes could be asked in time.")
	}
	return nil
}

// wait waits until the read model has seen seq.
func (c *call) wait(seq exchange.Seq) *api.Problem { return c.s.Wait(c.r.Context(), seq) }

// Wait waits until the read model has seen seq, as reads that name one do: for 2 s at most.
func (s *Server) Wait(ctx context.Context, seq exchange.Seq) *api.Problem {
	if s.reader.Seq() >= seq {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.waitLimit)
	defer cancel()
	if s.reader.WaitSeq(ctx, seq) != nil {
		return api.CodeNotCaughtUp.Problem("", "The read model is at seq "+strconv.FormatUint(uint64(s.reader.Seq()), 10)+".")
	}
	return nil
}

// catchUp waits until the read model has seen everything that this server has answered with, and for a mutation everything
// that any server has: an answer to one holds for ever, wherever it is asked for again.
func (c *call) catchUp() *api.Problem {
	if c.endpoint.Mutation() {
		return c.fresh("")
	}
	for i := range c.s.lastSeq {
		if p := c.wait(exchange.Seq(c.s.lastSeq[i].Load())); p != nil {
			return p
		}
	}
	c.seq = c.s.reader.Seq()
	return nil
}

// pathID returns an identifier of the path. What cannot be one names nothing, so it is answered as such.
func (c *call) pathID(name string, greatest uint64, notFound exchange.Reject) (uint64, *api.Problem) {
	id, err := api.ParseID(c.r.PathValue(name))
	if err != nil || uint64(id) > greatest {
		return 0, api.RejectProblem(notFound, 0, name)
	}
	return uint64(id), nil
}

func (c *call) marketID() (exchange.MarketID, *api.Problem) {
	id, p := c.pathID("market", 1<<32-1, exchange.RejectMarketNotFound)
	return exchange.MarketID(id), p
}

func (c *call) orderID() (exchange.OrderID, *api.Problem) {
	id, p := c.pathID("order", 1<<64-1, exchange.RejectOrderNotFound)
	return exchange.OrderID(id), p
}
