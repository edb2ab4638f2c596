package gateway

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Health is how a server finds out whether what is behind it works. It may be called concurrently.
type Health interface {
	// Matching returns why orders of some shard do not reach its leader now, or nil. It waits for nothing and nobody.
	Matching() error
	// Dependencies lists what the server cannot do without, for people and alerts.
	Dependencies() []Dependency
	// Recent is how many events there were in the last 60 seconds.
	Recent() uint64
}

// A Dependency is asked how it is. Check returns within its context, with how long it took to do its work and what is wrong
// with it, if anything.
type Dependency struct {
	Name  string
	Check func(ctx context.Context) (took time.Duration, err error)
}

// What /readyz?verbose and /health/deep answer. They are not of the API: machinery reads them.
type status struct {
	Status  string  `json:"status"`
	Version string  `json:"version,omitzero"`
	Seq     string  `json:"seq,omitzero"`
	Reason  string  `json:"reason,omitzero"`
	Uptime  float64 `json:"uptime_seconds,omitzero"`
	Recent  *uint64 `json:"events_last_60s,omitzero"`
	Checks  []check `json:"dependencies,omitzero"`
}

type check struct {
	Name      string  `json:"name"`
	Status    string  `json:"status"`
	LatencyMS float64 `json:"latency_ms"`
	Reason    string  `json:"reason,omitzero"`
}

// Words of a status.
const (
	statusOK       = "ok"
	statusReady    = "ready"
	statusDegraded = "degraded"
	statusDraining = "draining"
	statusStarting = "starting"
	statusLags     = "read model lags"
	statusNoLeader = "no leader"
)

const (
	checkPatience = 500 * time.Millisecond // with a dependency
	checksKept    = time.Second            // so long the answer of dependencies is given again
)

// checks asks the dependencies, all at once. Nobody needs a key for it, so what it found is kept for a moment: however many
// ask, the dependencies are not asked more often.
type checks struct {
	mu    sync.Mutex
	at    time.Time
	found []check
}

func (c *checks) of(h Health, now func() time.Time) []check {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found != nil && now().Sub(c.at) < checksKept {
		return c.found
	}
	dependencies := h.Dependencies()
	found := make([]check, len(dependencies))
	ctx, cancel := context.WithTimeout(context.Background(), checkPatience)
	defer cancel()
	var all sync.WaitGroup
	for i, d := range dependencies {
		all.Go(func() { found[i] = d.ask(ctx) })
	}
	all.Wait()
	c.at, c.found = now(), found
	return found
}

func (d Dependency) ask(ctx context.Context) check {
	took, err := d.Check(ctx)
	c := check{Name: d.Name, Status: statusOK, LatencyMS: float64(took.Microseconds()) / 1000}
	if err != nil {
		c.Status, c.Reason = statusDegraded, err.Error()
	}
	return c
}

// checked returns how the dependencies are, and whether all are well.
func (s *Server) checked() (all []check, well bool) {
	well = true
	if s.health == nil {
		return nil, true
	}
	all = s.checks.of(s.health, s.now)
	for _, c := range all {
		well = well && c.Status == statusOK
	}
	return all, well
}

// matchingHealth says whether orders sent here reach a leader now. It answers at once, for load balancers.
func (s *Server) matchingHealth(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.draining.Load():
		s.tell(w, http.StatusServiceUnavailable, status{Status: statusDraining})
	case s.starting():
		s.tell(w, http.StatusServiceUnavailable, status{Status: statusStarting})
	default:
		if s.health != nil {
			if err := s.health.Matching(); err != nil {
				s.tell(w, http.StatusServiceUnavailable, status{Status: statusNoLeader, Reason: err.Error()})
				return
			}
		}
		s.tell(w, http.StatusOK, status{Status: statusOK})
	}
}

// deepHealth says how everything is. A server whose dependencies are not well still answers 200: it is for people and alerts,
// and a load balancer that took all nodes out because one disk is slow would do harm.
func (s *Server) deepHealth(w http.ResponseWriter, _ *http.Request) {
	st := status{Status: statusOK, Version: s.version, Uptime: s.now().Sub(s.begun).Round(time.Millisecond).Seconds()}
	var well bool
	if st.Checks, well = s.checked(); !well || s.starting() || s.draining.Load() {
		st.Status = statusDegraded
	}
	if s.health != nil {
		recent := s.health.Recent()
		st.Recent = &recent
	}
	s.tell(w, http.StatusOK, st)
}
