package node

import (
	"errors"
	"log/slog"
	"slices"
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

// findings are what the manipulation watch of the shards has found: the newest ones, however many there were. It implements
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
			Help: "Findings of the manipulation watch since the start, by kind. Every node watches all shards."}, []string{"kind"}),
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

// add keeps, counts and logs what was found.
func (f *findings) add(found watch.Finding) {
	of := api.Finding{Kind: found.Kind.String(), Markets: []api.ID{}, Accounts: []api.ID{}, From: api.Time(found.From), To: api.Time(found.To),
		Score: found.Score, Observed: api.ID(found.Observed), Limit: api.ID(found.Limit)}
	for _, m := range found.Markets {
		of.Markets = append(of.Markets, api.ID(m))
	}
	for _, a := range found.Accounts {
		of.Accounts = append(of.Accounts, api.ID(a))
	}
	for _, e := range found.Evidence {
		of.Evidence = append(of.Evidence, api.ID(merge.JoinSeq(e.Shard, e.Seq)))
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
	f.log.Warn("the manipulation watch has found something", "kind", of.Kind, "markets", of.Markets, "accounts", of.Accounts,
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
		if (kind == "" || of.Kind == kind) && (market == 0 || slices.Contains(of.Markets, market)) {
			page = append(page, gateway.NumberedFinding{Number: number, Finding: of})
		}
	}
	return page
}

// What a start shows the watch again, so that it knows what is usual: the last hour of each shard, but not for ever.
const (
	watchedAgain  = exchange.Time(time.Hour)
	watchedEvents = 2_000_000
)

// watchPause is how often the watch looks at what has happened. It is in no hurry, and what it looks at is in memory still.
const watchPause = 50 * time.Millisecond

// watched are the shards that the manipulation watch sees.
type watched struct {
	*Node
	watch *watch.Watch
	order watch.Merge
	seen  map[exchange.ShardID]*seen
}

// seen is how far a shard is seen.
type seen struct {
	last  exchange.Seq
	gauge prometheus.Gauge
}

// watchManipulation shows the events of all shards to a watch, behind everything else.
func (n *Node) watchManipulation() {
	w := watched{Node: n, watch: watch.New(watch.DefaultRoom(), n.findings.add), seen: map[exchange.ShardID]*seen{}}
	for {
		for _, h := range n.shards.all() {
			if w.seen[h.id] == nil {
				w.add(h)
			}
		}
		w.look()
		if !n.wait(watchPause) {
			return
		}
	}
}

// add adds a shard.
func (w *watched) add(h *hosted) {
	w.seen[h.id] = &seen{gauge: w.findings.behind.WithLabelValues(shardLabel(h.id))}
	j := h.replica.Journal()
	from, err := watchFrom(j)
	if err != nil {
		w.unseen(h.id, err)
		return
	}
	cursor := j.Subscribe(from)
	w.order.Add(h.id, func() (watch.Record, bool, error) {
		r, there, err := cursor.Poll()
		return watch.Record{Shard: h.id, Time: exchange.Time(r.Time), First: exchange.Seq(r.FirstSeq), Count: int(r.Count), Events: r.Events}, there, err
	})
}

// unseen leaves out a shard that cannot be read.
func (w *watched) unseen(shard exchange.ShardID, err error) {
	w.order.Drop(shard)
	if w.ctx.Err() == nil && !errors.Is(err, journal.ErrClosed) {
		w.log.Error("manipulation is not watched on this shard any more", "shard", shard, "error", err)
	}
}

// look shows the watch what there is by now.
func (w *watched) look() {
	for w.ctx.Err() == nil {
		r, there, err := w.order.Next()
		if there {
			err = w.watch.Record(&r)
		}
		switch {
		case err != nil:
			w.unseen(r.Shard, err)
		case there:
			w.seen[r.Shard].last = r.First + exchange.Seq(r.Count) - 1
		default:
			for _, s := range w.seen {
				s.gauge.Set(float64(s.last))
			}
			return
		}
	}
}

// watchFrom is the Seq with which a watch begins.
func watchFrom(j *journal.Journal) (uint64, error) {
	last := j.Last()
	before, _, err := j.LastAt(last.Time - int64(watchedAgain))
	return max(before.LastSeq, last.Seq-min(last.Seq, watchedEvents)) + 1, err
}
