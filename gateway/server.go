package gateway

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/guard"
	"github.com/hustings/hustings/tracing"
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
	publicTLS      *tls.Config
	adminTLS       *tls.Config

	signatureWindow time.Duration
	waitLimit       time.Duration // as the constant, but in tests

	log     *slog.Logger
	metrics *metrics

	limits     *limits
	orderGate  gate
	cancelRoom chan struct{}
	passwords  passwords
	terms      termsOf
	moments    chan struct{}
	strangers  chan struct{}
	looks      *looks
	nonces     *nonces
	lastSeq    [MaxShards]atomic.Uint64 // the greatest seq of each shard that an answer carried
	draining   atomic.Bool

	publicConns, adminConns atomic.Int64 // open now

	tracer        *tracing.Tracer
	findings      Findings
	health        Health // nil: nothing behind the server is asked
	checks        checks
	begun         time.Time
	publicMetrics bool

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
		tracer: cfg.Tracer, findings: cfg.Findings, health: cfg.Health, begun: cfg.Now(), publicMetrics: cfg.PublicMetrics,
		orderGate: gate{most: int64(cfg.MaxInFlight)}, cancelRoom: make(chan struct{}, cfg.MaxInFlight),
		passwords: passwords{room: make(chan struct{}, cfg.MaxLogins)}, moments: make(chan struct{}, moments), strangers: make(chan struct{}, strangers),
		publicTLS: cfg.PublicTLS, adminTLS: cfg.AdminTLS, signatureWindow: cfg.SignatureWindow, nonces: newNonces(cfg.SignatureWindow, mostNonces), looks: newLooks(),
		waitLimit: waitLimit,
	}
	cfg.Metrics.MustRegister(poolCollector{s})
	var err error
	if s.limits, err = newLimits(&cfg, s.orderGate.fill); err != nil {
		return nil, err
	}
	if s.limits.guard != nil {
		registerLimits(cfg.Metrics, s.limits.guard, &s.limits.held, s.now)
	}
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
		e := &endpoint{Route: route, handle: handlers[route.Name], class: classOf(&route), metrics: s.metrics.route(route.Name)}
		if e.handle == nil {
			return nil, fmt.Errorf("gateway: nothing serves the route %s", route.Name)
		}
		mux.HandleFunc(route.Method+" "+route.Path, func(w http.ResponseWriter, r *http.Request) { e.serve(s, w, r) })
		allowed[route.Path] = append(allowed[route.Path], route.Method)
	}
	for path, methods := range allowed {
		if slices.Contains(methods, http.MethodGet) {
			methods = append(methods, http.MethodHead)
		}
		allow := strings.Join(methods, ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			s.refuse(w, r, api.CodeMethodNotAllowed)
		})
	}
	s.addOperations(mux, l)
	if err := addDocs(mux); err != nil {
		return nil, err
	}
	s.addSockets(mux, l)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.refuse(w, r, api.CodeNotFound) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		r.RemoteAddr = s.limits.client(r)
		if len(r.TransferEncoding) > 0 {
			// It may have had a length too, which net/http does not tell. Whoever goes by that takes another place for the end of
			// this request, so no further one is read from the connection (RFC 9112, 6.1).
			w.Header().Set("Connection", "close")
		}
		if !canonical(r.URL.Path) { // ServeMux would redirect
			s.refuse(w, r, api.CodeNotFound)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

func canonical(p string) bool {
	return p != "" && p[0] == '/' && (path.Clean(p) == p || p[len(p)-1] == '/' && path.Clean(p)+"/" == p)
}

// refuse answers what no route does.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, code api.Code) {
	s.metrics.unrouted.Inc()
	if s.turnAway(w, r, guard.General) {
		code = api.CodeRateLimited
	}
	answerProblem(w, code)
}

// answerProblem answers with a code where there is no call.
func answerProblem(w http.ResponseWriter, code api.Code) {
	p := code.Problem("", "")
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = problemType, noStore
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
