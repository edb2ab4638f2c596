package gateway

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/guard"
)

// client is the address of who sent a request, as host:port: behind a trusted proxy that of the proxy's client. Everything goes by it:
// limits, the address lists of keys, what a socket does later, and the access log.
func (l *limits) client(r *http.Request) string {
	if l.guard == nil {
		return r.RemoteAddr
	}
	return l.guard.Client(r.RemoteAddr, r.Header["X-Forwarded-For"])
}

// maxHeaders is how many headers a request may have.
const maxHeaders = 100

// limits is what keeps the many from being crowded out by a few. Without a guard nothing is limited but what is under way.
type limits struct {
	guard *guard.Guard // nil: no limits
	held  gate         // answers that are held back
	hold  func(ctx context.Context, d time.Duration)
}

func newLimits(cfg *Config, inFlight func() float64) (l *limits, err error) {
	l = new(limits)
	if cfg.Limits == nil {
		return l, nil
	}
	l.guard, err = guard.New(*cfg.Limits, cfg.Now(), append([]func() float64{inFlight}, cfg.Loads...)...)
	if err != nil {
		return l, fmt.Errorf("gateway: limits: %w", err)
	}
	l.held.most, l.hold = int64(cfg.MaxConns/2), wait
	return l, nil
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// classes are the classes of the routes that are neither general nor market data.
var classes = map[string]guard.Class{
	"register": guard.Authentication, "login": guard.Authentication, "setPassword": guard.Authentication,
	"placeOrder": guard.Orders, "amendOrder": guard.Orders,
	"cancelOrder": guard.Cancels, "cancelOrders": guard.Cancels, "triggerGroup": guard.Cancels, "deleteGroup": guard.Cancels,
	"setDeadMansSwitch": guard.Cancels,
	"batch":             guard.Cancels, // until it is read: it may have nothing else
}

func classOf(r *api.Route) guard.Class {
	if class, ok := classes[r.Name]; ok {
		return class
	}
	if r.Need == api.NeedNothing {
		return guard.MarketData
	}
	return guard.General
}

// arrive decides about a request before anything of it is read or looked up: where there is no hope, little is spent on it.
func (c *call) arrive() *api.Problem {
	if len(c.r.Header) > maxHeaders {
		return api.CodeTooManyHeaders.Problem("", "")
	}
	class := c.endpoint.class
	if class == guard.Orders && c.s.orderGate.full() {
		return api.CodeOverloaded.Problem("", "")
	}
	if c.s.limits.guard == nil {
		return nil
	}
	if c.endpoint.Need != api.NeedNothing {
		return nil
	}
	if class != guard.Authentication {
		c.recognize()
	}
	return c.limit(class, 1)
}

// recognize lets a credential raise the limits where none is needed.
func (c *call) recognize() {
	if who, ok := c.s.shown(c.r); ok {
		c.caller = c.s.identified(c.caller, &who)
	}
}

// shown returns the credential that a request shows, if it is known here and good.
func (s *Server) shown(r *http.Request) (projection.Credential, bool) {
	hash, ok := hashSecret(bearer(r.Header))
	if !ok {
		return projection.Credential{}, false
	}
	who, ok := s.reader.CredentialByHash(hash)
	return who, ok && s.lives(&who)
}

// identified is a caller with the credential that he comes with.
func (s *Server) identified(caller guard.Caller, who *projection.Credential) guard.Caller {
	caller.Account, caller.Tier = uint32(who.Account), guard.Tier(s.Tier(who)-exchange.TierStandard)
	caller.Key = uint64(who.Account)<<32 | uint64(who.ID)
	return caller
}

// knock is for a caller whose credential is not one. It counts as an attempt to guess one.
func (c *call) knock() *api.Problem {
	if c.s.limits.guard == nil {
		return nil
	}
	return c.limit(guard.Authentication, 1)
}

// charge decides about a request when it is known who asks.
func (c *call) charge() *api.Problem {
	if c.s.limits.guard == nil || c.who.Account == 0 {
		return nil
	}
	c.caller = c.s.identified(c.caller, &c.who)
	return c.limit(c.endpoint.class, 1)
}

// chargeBatch decides about what a batch has in it: one token is paid already.
func (c *call) chargeBatch(orders, cancels int) *api.Problem {
	if c.s.limits.guard == nil {
		return nil
	}
	if cancels > 1 {
		if p := c.limit(guard.Cancels, cancels-1); p != nil {
			return p
		}
	}
	if orders == 0 {
		return nil
	}
	return c.limit(guard.Orders, orders)
}

// limit takes tokens, or says why not.
func (c *call) limit(class guard.Class, n int) *api.Problem {
	g := c.s.limits.guard
	c.limited = true
	c.verdict = g.Take(c.started, c.caller, class, n)
	v := &c.verdict
	switch v.Reason {
	case guard.Admitted:
		return nil
	case guard.TooMany:
		return api.CodeOverBurst.Problem("", fmt.Sprintf("%d at once is more than your limit ever allows, which is %d for %s.",
			n, g.Burst(v.Tier, class), class))
	case guard.Boxed:
		return api.CodePenaltyBox.Problem("", fmt.Sprintf("Too many requests were sent in spite of refusals. Wait %s seconds; cancels are taken meanwhile.", v.RetryAfter()))
	case guard.Throttled:
		return api.CodeOverloaded.Problem("", "The exchange is busy, and rates are lower for as long as it is. Nothing was done.")
	}
	return api.CodeRateLimited.Problem("", fmt.Sprintf("Your limit for %s is used up. Wait %s seconds.", class, v.RetryAfter()))
}

// holdBack holds a refusal back for as long as the guard wants it: whoever knocks on must wait for it. When many are held
// already, the connection is closed instead. The time does not count as that of the request.
func (c *call) holdBack() {
	l := c.s.limits
	if c.verdict.Hold == 0 {
		return
	}
	if !l.held.enter() {
		c.w.Header()["Connection"] = closing
		return
	}
	defer l.held.leave()
	begun := c.s.now()
	l.hold(c.r.Context(), c.verdict.Hold)
	c.started = c.started.Add(c.s.now().Sub(begun))
}

var closing = []string{"close"}

// limitHeaders says how much the caller has left.
func (c *call) limitHeaders(h http.Header) {
	if !c.limited {
		return
	}
	g := c.s.limits.guard
	h["Ratelimit-Policy"], h["Ratelimit"] = g.RateLimitPolicy(&c.verdict), g.RateLimit(&c.verdict)
	if c.verdict.Reason != guard.Admitted && c.verdict.Reason != guard.TooMany {
		h["Retry-After"] = []string{c.verdict.RetryAfter()}
	}
}

// turnAway reports whether what no call serves is asked for too often.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, class guard.Class) bool {
	g := s.limits.guard
	if g == nil {
		return false
	}
	caller := guard.Caller{Address: guard.KeyOfSocket(r.RemoteAddr)}
	if who, ok := s.shown(r); ok {
		caller = s.identified(caller, &who)
	}
	v := g.Take(s.now(), caller, class, 1)
	if v.Reason == guard.Admitted {
		return false
	}
	w.Header()["Retry-After"] = []string{v.RetryAfter()}
	if v.Hold > 0 && s.limits.held.enter() {
		defer s.limits.held.leave()
		s.limits.hold(r.Context(), v.Hold)
	}
	return true
}
