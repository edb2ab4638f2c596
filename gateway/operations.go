package gateway

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// probe is a path at which an operator's machinery asks how a server is. None needs a key, and none shows an account.
type probe struct {
	path  string
	admin bool // at the operator's address alone: it tells how busy the exchange is
	serve func(*Server, http.ResponseWriter, *http.Request)
}

const metricsPath = "/metrics"

var probes = []probe{
	{"/livez", false, (*Server).alive},
	{"/health", false, (*Server).alive},
	{"/matching/health", false, (*Server).matchingHealth},
	{"/readyz", false, (*Server).readyz},
	{"/version", false, (*Server).tellVersion},
	{"/health/deep", true, (*Server).deepHealth},
	{metricsPath, true, func(s *Server, w http.ResponseWriter, r *http.Request) { s.metrics.handler.ServeHTTP(w, r) }},
}

// Probes returns the paths beside the routes of the API at which a listener says how its server is.
func Probes(l api.Listener) (paths []string) {
	for _, p := range probes {
		if l == api.Admin || !p.admin {
			paths = append(paths, p.path)
		}
	}
	return paths
}

// addOperations adds what an operator's machinery asks for. The public listener has metrics only where that is wanted.
func (s *Server) addOperations(mux *http.ServeMux, l api.Listener) {
	for _, p := range probes {
		if l == api.Admin || !p.admin || p.path == metricsPath && s.publicMetrics {
			mux.HandleFunc("GET "+p.path, func(w http.ResponseWriter, r *http.Request) { p.serve(s, w, r) })
		}
	}
}

func (s *Server) alive(w http.ResponseWriter, _ *http.Request) {
	s.tell(w, http.StatusOK, status{Status: statusOK})
}

func (s *Server) tellVersion(w http.ResponseWriter, _ *http.Request) {
	s.tell(w, http.StatusOK, status{Status: statusOK, Version: s.version})
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

// readyz says whether this server should be sent requests. With "verbose" it says how each dependency is.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	code, st := s.readiness(r.Context())
	if r.URL.Query().Has("verbose") {
		st.Checks, _ = s.checked()
	}
	s.tell(w, code, st)
}

// readiness fails before the server is ready and while it goes down, and while its read model lags behind its own answers. It does
// not fail without a leader: reads go on, an election takes less than a load balancer needs to notice, and /matching/health tells.
func (s *Server) readiness(ctx context.Context) (int, status) {
	switch {
	case s.draining.Load():
		return http.StatusServiceUnavailable, status{Status: statusDraining}
	case s.starting():
		return http.StatusServiceUnavailable, status{Status: statusStarting}
	}
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	for i := range s.lastSeq {
		last := exchange.Seq(s.lastSeq[i].Load())
		if last == 0 {
			continue
		}
		if err := s.reader.WaitSeq(ctx, last); err != nil {
			return http.StatusServiceUnavailable, status{Status: statusLags, Seq: s.readSeq()}
		}
	}
	return http.StatusOK, status{Status: statusReady, Seq: s.readSeq()}
}

func (s *Server) readSeq() string { return api.ID(s.reader.Seq()).String() }

func (s *Server) tell(w http.ResponseWriter, code int, v status) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = jsonType, noStore
	w.WriteHeader(code)
	_ = json.MarshalWrite(w, v) // the caller has gone if this fails
}
