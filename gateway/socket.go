package gateway

import (
	"bytes"
	"context"
	"net/http"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange/projection"
)

// What a socket needs of the API: it authenticates once, and then has requests carried out like any other.

// Authenticate finds out whose credential a request carries, which must permit reading.
func (s *Server) Authenticate(r *http.Request) (projection.Credential, *api.Problem) {
	c := newCall(s, &endpoint{Route: api.Route{Name: "connect", Need: api.NeedRead}}, nil, r)
	defer c.free()
	if p := c.authenticate(); p != nil {
		return projection.Credential{}, p
	}
	return c.who, nil
}

// SocketRequest is a request of somebody who has been authenticated. Key and Match are headers, "" where there are none.
type SocketRequest struct {
	Method, Path, Key, Match, From string
	Body                           []byte
}

// Do answers a request as it would be answered over HTTP, without asking for the credential again. One that has been revoked or
// has expired meanwhile is refused.
func (s *Server) Do(ctx context.Context, who projection.Credential, req SocketRequest) (status int, body []byte) {
	r, err := http.NewRequestWithContext(context.WithValue(ctx, knownCaller{}, who), req.Method, req.Path, bytes.NewReader(req.Body))
	if err != nil {
		p := api.CodeNotFound.Problem("", "")
		return p.Status, appendProblem(nil, p)
	}
	r.RemoteAddr, r.RequestURI = req.From, req.Path
	if len(req.Body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range map[string]string{api.HeaderKey: req.Key, "If-Match": req.Match} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	w := answer{header: http.Header{}}
	s.public.ServeHTTP(&w, r)
	return w.status, w.body.Bytes()
}

// knownCaller is the key of a caller in a context, who was authenticated before.
type knownCaller struct{}

// caller returns whose credential a request carries. It may have been revoked or have expired.
func (c *call) caller() (who projection.Credential, ok bool) {
	if known, is := c.r.Context().Value(knownCaller{}).(projection.Credential); is {
		if now, found := c.s.reader.CredentialByHash(known.Hash); found {
			return now, true
		}
		return known, true // made at another node a moment ago
	}
	hash, ok := hashSecret(bearer(c.r.Header))
	if !ok {
		return who, false
	}
	return c.credential(hash)
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// addSockets serves everything below /ws, where there is something that does.
func (s *Server) addSockets(mux *http.ServeMux, l api.Listener) {
	if s.sockets == nil || l != api.Public {
		return
	}
	mux.Handle("/ws", s.sockets)
	mux.Handle("/ws/", s.sockets)
}
