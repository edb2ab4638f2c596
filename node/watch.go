package node

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/gateway/merge"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/watch"
)

// findings are what the manipulation watches of the shards have found: the newest ones, however many there were. It implements
// gateway.Findings.
type findings struct {
	log     *slog.Logger
	counts  *prometheus.CounterVec
	behind  *prometheus.GaugeVec
	mu      sync.Mutex
	found   []api.Finding // a ring
	numbers uint64        // found ever
}

const keptFindings = 10_000

func newFindings(log *slog.Logger, registry prometheus.Registerer) *findings {
	f := &findings{log: log,
		counts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hustings_watch_findings_total",
			Help: "Findings of the manipulation watch since the start, by kind. Every node finds the same."}, []string{"kind"}),
		behind: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hustings_watch_seq",
			Help: "Seq of the newest event that the manipulation watch has seen."}, shardLabels),
	}
	for k := range watch.Kinds {
		f.counts.WithLabelValues(k.String()) // that nothing was found is to be seen as well
	}
	registry.MustRegister(f.counts, f.behind)
	return f
}

// Kinds implements gateway.Findings.
func (f *findings) Kinds() (names []string) {
	for k := range watch.Kinds {
		names = append(names, k.String())
	}
	return names
}

// add keeps, counts and logs what was found on a shard.
func (f *findings) add(shard exchange.ShardID, found watch.Finding) {
	of := api.Finding{Kind: found.Kind.String(), Shard: uint32(shard), Market: api.ID(found.Market), Accounts: []api.ID{},
		From: api.Time(found.From), To: api.Time(found.To), Score: found.Score, Observed: api.ID(found.Observed), Limit: api.ID(found.Limit)}
	for _, a := range found.Accounts {
		of.Accounts = append(of.Accounts, api.ID(a))
	}
	for _, seq := range found.Evidence {
		of.Evidence = append(of.Evidence, api.ID(merge.JoinSeq(shard, seq)))
	}
	f.mu.Lock()
	if len(f.found) < keptFindings {
		f.found = append(f.found, of)
	} else {
		f.found[f.numbers%keptFindings] = of
	}
	f.numbers++
	f.mu.Unlock()
	f.counts.WithLabelValues(of.Kind).Inc()
	f.log.Warn("the manipulation watch has found something", "kind", of.Kind, "shard", of.Shard, "market", of.Market, "accounts", of.Accounts,
		"from", of.From, "to", of.To, "score", of.Score, "observed", of.Observed, "limit", of.Limit, "evidence", of.Evidence)
}

// Newest implements gateway.Findings.
func (f *findings) Newest(before uint64, kind string, market api.ID, limit int) (page []gateway.NumberedFinding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	number := f.numbers
	if before != 0 {
		number = min(number, before-1)
	}
	for ; number > 0 && f.numbers-number < uint64(len(f.found)) && len(page) < limit; number-- {
		of := f.found[(number-1)%keptFindings]
		if (kind == "" || of.Kind == kind) && (market == 0 || of.Market == market) {
			page = append(page, gateway.NumberedFinding{Number: number, Finding: of})
		}
	}
	return page
}

// What a start shows the watch again, so that it knows what is usual: the last hour, but not for ever.
const (
	watchedAgain  = exchange.Time(time.Hour)
	watchedEvents = 2_000_000
)

// watchManipulation shows the events of a shard to a watch, behind everything else.
func (n *Node) watchManipulation(h *hosted) {
	j := h.replica.Journal()
	from, err := watchFrom(j)
	if err != nil {
		n.log.Error("manipulation is not watched: the journal cannot be read", "shard", h.id, "error", err)
		return
	}
	w := watch.New(watch.DefaultRoom(), func(f watch.Finding) { n.findings.add(h.id, f) })
	seen := n.findings.behind.WithLabelValues(shardLabel(h.id))
	cursor := j.Subscribe(from)
	for {
		r, err := cursor.Next(n.ctx)
		if err == nil {
			err = w.Record(exchange.Time(r.Time), exchange.Seq(r.FirstSeq), r.Events, int(r.Count))
		}
		if err != nil {
			if n.ctx.Err() == nil && !errors.Is(err, journal.ErrClosed) && !errors.Is(err, context.Canceled) {
				n.log.Error("manipulation is not watched any more", "shard", h.id, "error", err)
			}
			return
		}
		seen.Set(float64(r.LastSeq()))
	}
}

// watchFrom is the Seq with which a watch begins.
func watchFrom(j *journal.Journal) (uint64, error) {
	last := j.Last()
	before, _, err := j.LastAt(last.Time - int64(watchedAgain))
	return max(before.LastSeq, last.Seq-min(last.Seq, watchedEvents)) + 1, err
}
