package gateway

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// Server serves the API. Make one with New, and start it with Serve; or use its handlers.
type Server struct {
	submitter Submitter
	reader    Reader
	history   History
	cluster   Cluster // nil: the exchange is one node
	shards    Shards  // nil: it has no shards to show or change

	adminKeyHash   [32]byte
	secret         []byte
	traderDeposits bool
	accessLog      bool
	version        string
	maxConns       int
	sockets        http.Handler // nil: none
	ready          <-chan struct{}
	drainDelay     time.Duration
	now            func() time.Time
	log            *slog.Logger
	metrics        *metrics

	orderGate  gate
	cancelGate gate
	passwords  passwords
	terms      termsOf
	moments    chan struct{}
	strangers  chan struct{}
	lastSeq    [MaxShards]atomic.Uint64 // the greatest seq of each shard that an answer carried
	draining   atomic.Bool

	public http.Handler
	admin  http.Handler
}

// New makes a server. It fails only when the configuration cannot be used.
func New(cfg Config) (*Server, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	s := &Server{
		submitter: cfg.Submitter, reader: cfg.Reader, history: cfg.History, cluster: cfg.Cluster, shards: cfg.Shards,
		adminKeyHash: sha256.Sum256(cfg.AdminKey), secret: cfg.Secret, traderDeposits: cfg.TraderDeposits,
		accessLog: cfg.AccessLog, version: cfg.Version, maxConns: cfg.MaxConns, sockets: cfg.Sockets, ready: cfg.Ready, drainDelay: cfg.DrainDelay,
		now: cfg.Now, log: cfg.Log, metrics: newMetrics(cfg.Metrics),
		orderGate: gate{most: int64(cfg.MaxInFlight)}, cancelGate: gate{most: int64(cfg.MaxInFlight)},
		passwords: passwords{room: make(chan struct{}, cfg.MaxLogins)}, moments: make(chan struct{}, moments), strangers: make(chan struct{}, strangers),
	}
	var err error
	if s.public, err = s.mux(api.Public); err != nil {
		return nil, err
	}
	s.admin, err = s.mux(api.Admin)
	return s, err
}

// Public returns the handler of the public listener.
func (s *Server) Public() http.Handler { return s.public }

// Admin returns the handler of the admin listener.
func (s *Server) Admin() http.Handler { return s.admin }

// mux builds the handler of a listener from the table of routes.
func (s *Server) mux(l api.Listener) (http.Handler, error) {
	mux := http.NewServeMux()
	allowed := map[string][]string{}
	for _, route := range api.Routes() {
		if route.Listener != l {
			continue
		}
		e := &endpoint{Route: route, handle: handlers[route.Name], metrics: s.metrics.route(route.Name)}
		if e.handle == nil {
			return nil, fmt.Errorf("gateway: nothing serves the route %s", route.Name)
		}
		mux.HandleFunc(route.Method+" "+route.Path, func(w http.ResponseWriter, r *http.Request) { e.serve(s, w, r) })
		allowed[route.Path] = append(allowed[route.Path], route.Method)
	}
	for path, methods := range allowed {
		allow := strings.Join(methods, ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			s.refuse(w, api.CodeMethodNotAllowed)
		})
	}
	s.addOperations(mux)
	s.addSockets(mux, l)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.refuse(w, api.CodeNotFound) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !canonical(r.URL.Path) { // ServeMux would redirect
			s.refuse(w, api.CodeNotFound)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

func canonical(p string) bool {
	return p != "" && p[0] == '/' && (path.Clean(p) == p || p[len(p)-1] == '/' && path.Clean(p)+"/" == p)
}

// refuse answers what no route does.
func (s *Server) refuse(w http.ResponseWriter, code api.Code) {
	s.metrics.unrouted.Inc()
	p := code.Problem("", "")
	h := w.Header()
	h["Content-Type"], h["Cache-Control"], h["X-Content-Type-Options"] = problemType, noStore, noSniff
	w.WriteHeader(p.Status)
	_, _ = w.Write(appendProblem(nil, p)) // the caller has gone if this fails
}

// MaxShards is how many shards an exchange has at most. The high bits of a Seq say which one it is of.
const (
	MaxShards = 64
	seqBits   = 48
)

// saw remembers the greatest seq of each shard that an answer carries.
func (s *Server) saw(seq exchange.Seq) {
	greatest := &s.lastSeq[seq>>seqBits%MaxShards]
	for {
		last := greatest.Load()
		if uint64(seq) <= last || greatest.CompareAndSwap(last, uint64(seq)) {
			return
		}
	}
}
