package feed

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gobwas/ws"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange/projection"
)

// Paths that the feed serves.
const (
	Path       = "/ws"
	HealthPath = "/ws/health"
)

// Subprotocols with which a client says how it wants market data. The query ?encoding=json or binary does it too.
const (
	JSONProtocol   = "hustings.json.v1"
	BinaryProtocol = "hustings.binary.v1"
)

// ServeHTTP answers requests for Path and HealthPath.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		refuse(w, api.CodeMethodNotAllowed.Problem("", ""))
	case r.URL.Path == HealthPath:
		f.health(w)
	case r.URL.Path == Path:
		if p := f.connect(w, r); p != nil {
			refuse(w, p)
		}
	default:
		refuse(w, api.CodeNotFound.Problem("", ""))
	}
}

// health answers at once: it asks nobody.
func (f *Feed) health(w http.ResponseWriter) {
	if f.closing.Load() {
		refuse(w, api.CodeOverloaded.Problem("", "The exchange is going away."))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("{\"status\":\"ok\"}\n")) // the caller has gone if this fails
}

func refuse(w http.ResponseWriter, p *api.Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		body = nil
	}
	h := w.Header()
	h.Set("Content-Type", api.ProblemType)
	h.Set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the caller has gone if this fails
}

// connect makes a WebSocket connection of a request, or says why not.
func (f *Feed) connect(w http.ResponseWriter, r *http.Request) *api.Problem {
	e, who, p := f.admit(r)
	if p != nil {
		return p
	}
	if p := f.enter(); p != nil {
		return p
	}
	up := ws.HTTPUpgrader{Timeout: 5 * time.Second, Protocol: func(p string) bool { return p == JSONProtocol || p == BinaryProtocol }}
	socket, rw, hs, err := up.Upgrade(r, w)
	if err != nil {
		f.open.Add(-1)
		f.readers.Done()
		if socket != nil { // it is ours, and without a deadline: nobody else would ever close it
			_ = socket.Close()
		}
		return nil // the upgrader has answered
	}
	if hs.Protocol == BinaryProtocol {
		e = inBinary
	}
	_ = socket.SetDeadline(time.Time{}) // the server has set one for the request
	early, _ := rw.Reader.Peek(rw.Reader.Buffered())
	c := &conn{feed: f, lane: f.lanes[int(f.next.Add(1))%len(f.lanes)], net: socket, raw: underlying(socket, f.config.SendBuffer), encoding: e}
	c.tryOnce = c.writeOnce
	c.desk.who, c.desk.from = who, r.RemoteAddr
	c.join()
	if who.Account != 0 {
		f.tasks.put(func() { f.identify(c, who) })
	}
	f.metrics.connections.Inc()
	go c.read(early)
	return nil
}

// enter counts one more connection, if there may be one more.
func (f *Feed) enter() *api.Problem {
	f.entering.Lock()
	defer f.entering.Unlock()
	if f.closing.Load() {
		return api.CodeOverloaded.Problem("", "The exchange is going away. Connect to another node, or again soon.")
	}
	if f.open.Add(1) > int64(f.config.MaxConnections) {
		f.open.Add(-1)
		return api.CodeOverloaded.Problem("", "There are as many connections as this node takes. Try another node, or later.")
	}
	f.readers.Add(1)
	return nil
}

// admit reads what a request for a connection says.
func (f *Feed) admit(r *http.Request) (e encoding, who projection.Credential, p *api.Problem) {
	switch word := r.URL.Query().Get("encoding"); word {
	case "", "json":
	case "binary":
		e = inBinary
	default:
		return 0, who, api.CodeInvalidQuery.Problem("encoding", "encoding is json or binary.")
	}
	if !f.originOK(r) {
		return 0, who, api.CodeForbidden.Problem("Origin", "Pages of this origin may not connect.")
	}
	switch {
	case r.Header.Get("Authorization") == "":
	case f.config.Desk == nil:
		return 0, who, api.CodeDisabled.Problem("Authorization", "")
	default:
		if who, p = f.config.Desk.Authenticate(r); p != nil {
			return 0, who, p
		}
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		p = api.CodeInvalidField.Problem("Upgrade", "This path takes WebSocket connections: see docs/formats/feed.md.")
	}
	return e, who, p
}

// originOK reports whether a browser may connect from where its page is. Other clients send no origin.
func (f *Feed) originOK(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err == nil && strings.EqualFold(u.Host, r.Host) {
		return true
	}
	for _, allowed := range f.config.Origins {
		if allowed == "*" || strings.EqualFold(allowed, origin) {
			return true
		}
	}
	return false
}
