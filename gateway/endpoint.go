package gateway

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/guard"
)

// endpoint is a route with what serves it.
type endpoint struct {
	api.Route
	handle  func(*call) *api.Problem // writes the answer's body into out, or returns why not
	metrics *routeMetrics
	class   guard.Class
}

// serve answers one request.
func (e *endpoint) serve(s *Server, w http.ResponseWriter, r *http.Request) {
	c := newCall(s, e, w, r)
	if ctx, span := s.tracer.Request(r, e.Name); span != nil {
		c.r, c.span = r.WithContext(ctx), span
	}
	p := c.run()
	if p != nil {
		c.holdBack()
		c.problem(p)
	} else {
		c.success()
	}
	e.metrics.observe(c)
	c.endTrace()
	s.logAccess(c, p)
	c.free()
}

// run does everything up to the answer's body.
func (c *call) run() (p *api.Problem) {
	defer func() {
		if v := recover(); v != nil {
			c.s.log.Error("a request broke", "route", c.endpoint.Name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			p = api.CodeInternal.Problem("", "")
		}
	}()
	if p := c.arrive(); p != nil {
		return p
	}
	if p := c.authenticate(); p != nil {
		return p
	}
	if p := c.charge(); p != nil {
		return p
	}
	min, p := c.checkQuery()
	if p != nil {
		return p
	}
	if p := c.readConditions(); p != nil {
		return p
	}
	if !c.bodyRead {
		if c.body, p = readBody(c.r, c.body); p != nil {
			return p
		}
	}
	if c.endpoint.Mutation() {
		c.read = c.s.now()
	}
	if c.endpoint.Request == nil {
		if p := c.scan.noBody(c.body); p != nil {
			return p
		}
	}
	if !c.endpoint.Mutation() {
		if c.mustBeFresh {
			if p := c.fresh(api.ParamFresh); p != nil {
				return p
			}
		}
		if p := c.wait(min); p != nil {
			return p
		}
		c.seq = c.s.reader.Seq()
	}
	return c.endpoint.handle(c)
}

// readConditions reads the idempotency key and the version that a mutation may carry.
func (c *call) readConditions() (p *api.Problem) {
	if !c.endpoint.Mutation() {
		return nil
	}
	if c.key, p = headerKey(c.r.Header); p != nil {
		return p
	}
	if c.key == "" && c.nonce != "" {
		c.key, c.keyOfNonce = c.keyOfSignature(), true
	}
	if c.key == "" && c.endpoint.Key == api.KeyRequired && !c.endpoint.keyInBody() {
		return api.CodeKeyRequired.Problem(api.HeaderKey, "")
	}
	c.version, p = ifMatch(c.r.Header, c.endpoint.IfMatch)
	return p
}

// keyInBody reports whether the body may carry the idempotency key instead of the header.
func (e *endpoint) keyInBody() bool { return e.Name == "placeOrder" || e.Name == "batch" }

// Header values that do not change. Nobody may write to them.
var (
	jsonType    = []string{"application/json"}
	problemType = []string{api.ProblemType}
	noStore     = []string{"no-store"}
)

func (c *call) success() {
	h := c.w.Header()
	h["Cache-Control"] = noStore
	switch {
	case c.endpoint.Cacheable():
		if c.unchanged(h) {
			return
		}
	case c.etag != 0:
		h["Etag"] = []string{`"` + strconv.FormatUint(uint64(c.etag), 10) + `"`}
	}
	h["Content-Type"] = jsonType
	c.write(h)
}

func (c *call) problem(p *api.Problem) {
	c.status = p.Status
	c.out.Reset()
	c.out.Write(appendProblem(c.out.AvailableBuffer(), p))
	h := c.w.Header()
	h["Content-Type"], h["Cache-Control"] = problemType, noStore
	problemHeaders(h, p)
	if p.Seq == 0 {
		c.seq = 0
	}
	c.write(h)
}

// problemHeaders sets what HTTP wants beside some statuses.
func problemHeaders(h http.Header, p *api.Problem) {
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	case http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close")
	}
}

// write sends the head, and the body in out. An answer of 304 has no body.
func (c *call) write(h http.Header) {
	c.limitHeaders(h)
	if c.status != http.StatusNotModified {
		h["Content-Length"] = []string{strconv.Itoa(c.out.Len())}
	}
	if c.seq != 0 {
		h[api.HeaderSeq] = []string{strconv.FormatUint(uint64(c.seq), 10)}
	}
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(c.out.Bytes()) // the caller has gone if this fails
}

// appendProblem appends the body of a refusal.
func appendProblem(b []byte, p *api.Problem) []byte {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // a problem has valid text in every field
	}
	return append(b, body...)
}
