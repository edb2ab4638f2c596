package gateway

import (
	"bytes"
	"context"
	"net/http"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/guard"
)

// What a socket needs of the API: it authenticates once, and then has requests carried out like any other.

// SocketRequest is a request of somebody who has been authenticated. Key and Match are headers, "" where there are none. From is the
// caller's address. Last is what was asked for while the credential was good, to be done when the socket ends.
type SocketRequest struct {
	Method, Path, Key, Match, From string
	Body                           []byte
	Last                           bool
}

// Do answers a request as it would be answered over HTTP, without asking for the credential again. One that has been revoked or
// has expired meanwhile is refused, unless this is the last request.
func (s *Server) Do(ctx context.Context, who projection.Credential, req SocketRequest) (status int, body []byte) {
	r, err := http.NewRequestWithContext(context.WithValue(ctx, knownCaller{}, known{who, req.Last}), req.Method, req.Path, bytes.NewReader(req.Body))
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

type known struct {
	who  projection.Credential
	last bool
}

// wasKnown reports whether who asks was authenticated before, and takes in whose credential it is, as it is now.
func (c *call) wasKnown() bool {
	before, is := c.r.Context().Value(knownCaller{}).(known)
	if !is {
		return false
	}
	c.who = before.who // made at another node a moment ago, where it is not found
	if before.last {
		c.who.Revoked, c.who.ExpireAt = false, 0
	} else if now, found := c.s.reader.CredentialByHash(c.who.Hash); found {
		c.who = now
	}
	return true
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
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		if s.turnAway(w, r, guard.MarketData) {
			answerProblem(w, api.CodeRateLimited)
			return
		}
		s.sockets.ServeHTTP(w, r)
	})
	mux.Handle("/ws/", s.sockets)
}
