package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// addOperations adds what an operator's machinery asks for. None of it needs a key, and none shows an account.
func (s *Server) addOperations(mux *http.ServeMux) {
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		s.tell(w, http.StatusOK, status{Status: "ok"})
	})
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		s.tell(w, http.StatusOK, status{Status: "ok", Version: s.version})
	})
	mux.Handle("GET /metrics", s.metrics.handler)
}

type status struct {
	Status  string `json:"status"`
	Version string `json:"version,omitzero"`
	Seq     api.ID `json:"seq,omitzero"`
}

// starting reports whether what is behind the server is not ready yet.
func (s *Server) starting() bool {
	if s.ready == nil {
		return false
	}
	select {
	case <-s.ready:
		return false
	default:
		return true
	}
}

// readyz says whether this server should be sent requests: not before it is ready or while it goes down, and not while its read model
// lags behind its own answers.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	const patience = 500 * time.Millisecond
	if s.draining.Load() {
		s.tell(w, http.StatusServiceUnavailable, status{Status: "draining"})
		return
	}
	if s.starting() {
		s.tell(w, http.StatusServiceUnavailable, status{Status: "starting"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	for i := range s.lastSeq {
		last := exchange.Seq(s.lastSeq[i].Load())
		if last == 0 {
			continue
		}
		if err := s.reader.WaitSeq(ctx, last); err != nil {
			s.tell(w, http.StatusServiceUnavailable, status{Status: "read model lags", Seq: api.ID(s.reader.Seq())})
			return
		}
	}
	s.tell(w, http.StatusOK, status{Status: "ready", Seq: api.ID(s.reader.Seq())})
}

func (s *Server) tell(w http.ResponseWriter, code int, v status) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = jsonType, noStore
	w.WriteHeader(code)
	_ = json.MarshalWrite(w, v) // the caller has gone if this fails
}
