package top

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/hustings/hustings/latency"
)

// Board is what is shown.
type Board struct {
	At        time.Time
	Over      time.Duration // which the rates and latencies are of; 0: since the nodes started
	Down      []string      // nodes that do not answer
	Rates     []Rate
	Latencies []Latency
	Queues    []Queue
	Shards    []Shard
	Markets   []Market
	Notes     []string // what an operator should look at
}

// Rate is how often something happens in a second, and how often it has.
type Rate struct {
	Name      string
	PerSecond float64 // NaN: not known yet
	Total     float64
}

// Latency is the percentiles of a time, in seconds; NaN where nothing happened.
type Latency struct {
	Name                string
	P50, P95, P99, P999 float64
}

// Queue is something that can be full.
type Queue struct {
	Name        string
	Used, Limit float64
}

// Shard is a log with its leader.
type Shard struct {
	Shard, Leader                 string
	Term, Orders, Markets, Behind float64 // Behind: seconds that a read model is behind, at most
	Lag                           float64 // entries that the last member is behind
}

// Market is one of those that trade most.
type Market struct {
	Market, Question                     string
	DayContracts, Trades, Orders, Spread float64 // Trades in a second; Spread is NaN where there is none
}

// NewBoard makes a board of two samples, or of one if before has no nodes.
func NewBoard(before, now *Sample) *Board {
	b := &Board{At: now.At}
	if len(before.Nodes) > 0 {
		b.Over = now.At.Sub(before.At)
	}
	for _, n := range now.Nodes {
		if n.Err != nil {
			b.Down = append(b.Down, n.Name)
		}
	}
	b.rates(before, now)
	b.latencies(before, now)
	b.queues(now)
	b.shards(now)
	b.markets(before, now)
	b.notes(now)
	return b
}

func (b *Board) perSecond(before, now float64) float64 {
	if b.Over <= 0 {
		return math.NaN()
	}
	return max(0, now-before) / b.Over.Seconds()
}

func (b *Board) rates(before, now *Sample) {
	add := func(name string, of func(*Sample) float64) {
		total := of(now)
		b.Rates = append(b.Rates, Rate{name, b.perSecond(of(before), total), total})
	}
	add("requests", func(s *Sample) float64 { return s.sum("hustings_http_requests_total", nil) })
	add("orders", func(s *Sample) float64 { return s.shards("hustings_orders_total") })
	add("trades", func(s *Sample) float64 { return s.shards("hustings_trades_total") })
	add("contracts traded", func(s *Sample) float64 { return s.shards("hustings_traded_contracts_total") })
	add("commands refused", func(s *Sample) float64 {
		return s.sum("hustings_commands_total", nil) - s.sum("hustings_commands_total", map[string]string{"code": "accepted"})
	})
	add("requests failed here", func(s *Sample) (failed float64) {
		s.each("hustings_http_requests_total", func(_ string, m *dto.Metric) {
			if status := label(m, "status"); status >= "500" {
				failed += value(m)
			}
		})
		return failed
	})
}

func (b *Board) latencies(before, now *Sample) {
	for _, of := range []struct {
		name, family string
		labels       map[string]string
	}{
		{"order placed", "hustings_http_stage_seconds", map[string]string{"route": "placeOrder", "stage": "total"}},
		{"order to trade", "hustings_order_to_trade_seconds", nil},
		{"any request", "hustings_http_stage_seconds", map[string]string{"stage": "total"}},
		{"  queue", "hustings_log_stage_seconds", map[string]string{"stage": "queue"}},
		{"  log", "hustings_log_stage_seconds", map[string]string{"stage": "log"}},
		{"  risk and match", "hustings_log_stage_seconds", map[string]string{"stage": "apply"}},
		{"  fsync", "hustings_log_stage_seconds", map[string]string{"stage": "fsync"}},
	} {
		bounds, counts := histogram(before, now, of.family, of.labels)
		q := func(p float64) float64 { return latency.Quantile(p, bounds, counts) }
		b.Latencies = append(b.Latencies, Latency{of.name, q(0.5), q(0.95), q(0.99), q(0.999)})
	}
}

// histogram adds up what the buckets of all nodes got between two samples.
func histogram(before, now *Sample, family string, labels map[string]string) (bounds []float64, counts []uint64) {
	at := map[float64]uint64{}
	add := func(s *Sample, sign uint64) {
		s.each(family, func(_ string, m *dto.Metric) {
			if !has(m, labels) {
				return
			}
			for _, bucket := range m.GetHistogram().GetBucket() {
				at[bucket.GetUpperBound()] += sign * bucket.GetCumulativeCount()
			}
		})
	}
	add(now, 1)
	add(before, math.MaxUint64) // which subtracts
	for bound := range at {
		bounds = append(bounds, bound)
	}
	slices.Sort(bounds)
	for _, bound := range bounds {
		count := at[bound]
		if count > math.MaxInt64 { // a node has started again in between
			count = 0
		}
		counts = append(counts, count)
	}
	return bounds, counts
}

func (b *Board) queues(now *Sample) {
	lane := func(name string) float64 {
		return now.sum("hustings_log_queue_bytes", map[string]string{"lane": name})
	}
	limit := now.sum("hustings_log_queue_bytes_limit", nil)
	b.Queues = []Queue{
		{"order queue, bytes", lane("orders"), limit},
		{"cancel queue, bytes", lane("cancels"), limit},
		{"log, entries", now.sum("hustings_log_entries_in_flight", nil), now.sum("hustings_log_entries_in_flight_limit", nil)},
		{"journal, entries", now.sum("hustings_journal_queue_entries", nil), now.sum("hustings_journal_queue_entries_limit", nil)},
	}
	for _, pool := range []string{"orders", "cancels", "logins", "public_connections"} {
		is := map[string]string{"pool": pool}
		b.Queues = append(b.Queues, Queue{poolNames[pool], now.sum("hustings_pool_used", is), now.sum("hustings_pool_size", is)})
	}
}

var poolNames = map[string]string{"orders": "orders under way", "cancels": "cancels under way", "logins": "logins", "public_connections": "connections"}

func (b *Board) shards(now *Sample) {
	leaders := map[string]string{}
	now.each("hustings_leader", func(node string, m *dto.Metric) {
		if value(m) == 1 {
			leaders[label(m, "shard")] = node
		}
	})
	terms, orders, behind, lag := now.byShard("hustings_term"), now.byShard("hustings_open_orders"), now.byShard("hustings_read_model_lag_seconds"),
		now.byShard("hustings_replica_lag_entries")
	markets := map[string]map[string]float64{}
	now.each("hustings_markets", func(_ string, m *dto.Metric) {
		shard := label(m, "shard")
		if markets[shard] == nil {
			markets[shard] = map[string]float64{}
		}
		state := label(m, "state")
		markets[shard][state] = max(markets[shard][state], value(m))
	})
	for shard, term := range terms {
		b.Shards = append(b.Shards, Shard{shard, leaders[shard], term, orders[shard], markets[shard]["open"], behind[shard], lag[shard]})
	}
	slices.SortFunc(b.Shards, func(a, b Shard) int { return byNumber(a.Shard, b.Shard) })
}

// byNumber compares two numbers that are written out.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

const shownMarkets = 10

func (b *Board) markets(before, now *Sample) {
	all := map[string]*Market{}
	of := func(m *dto.Metric) *Market {
		id := label(m, "market")
		if all[id] == nil {
			all[id] = &Market{Market: id, Spread: math.NaN()}
		}
		return all[id]
	}
	trades := map[string]float64{}
	before.each("hustings_market_trades_total", func(_ string, m *dto.Metric) {
		trades[label(m, "market")] = max(trades[label(m, "market")], value(m))
	})
	now.each("hustings_market_day_contracts", func(_ string, m *dto.Metric) { of(m).DayContracts = max(of(m).DayContracts, value(m)) })
	now.each("hustings_market_trades_total", func(_ string, m *dto.Metric) { of(m).Trades = max(of(m).Trades, value(m)) })
	now.each("hustings_market_open_orders", func(_ string, m *dto.Metric) { of(m).Orders = max(of(m).Orders, value(m)) })
	now.each("hustings_market_spread", func(_ string, m *dto.Metric) { of(m).Spread = value(m) })
	for id, m := range all {
		had, known := trades[id]
		if !known {
			had = m.Trades // it was none of the busiest before
		}
		m.Trades = b.perSecond(had, m.Trades)
		b.Markets = append(b.Markets, *m)
	}
	slices.SortFunc(b.Markets, func(a, b Market) int {
		return cmp.Or(cmp.Compare(b.DayContracts, a.DayContracts), byNumber(a.Market, b.Market))
	})
	b.Markets = b.Markets[:min(len(b.Markets), shownMarkets)]
}

func (b *Board) notes(now *Sample) {
	note := func(text string) { b.Notes = append(b.Notes, text) }
	for _, s := range b.Shards {
		if s.Leader == "" {
			note("shard " + s.Shard + ": nobody who was asked leads")
		}
	}
	if n := now.sum("hustings_state_differences_total", nil); n > 0 {
		note("REPLICAS DIFFER: see hustings cluster status")
	}
	if n := now.shards("hustings_settlements_pending"); n > 0 {
		oldest := 0.0
		for _, v := range now.byShard("hustings_settlement_oldest_seconds") {
			oldest = max(oldest, v)
		}
		note(count(n) + " markets settle, the oldest for " + (time.Duration(oldest) * time.Second).String())
	}
	found := 0.0
	for _, n := range now.Nodes { // all find the same
		sum := 0.0
		for _, m := range n.Families["hustings_watch_findings_total"].GetMetric() {
			sum += value(m)
		}
		found = max(found, sum)
	}
	if found > 0 {
		note(count(found) + " findings of the manipulation watch: see hustings findings")
	}
	if changes := now.byShard("hustings_leader_changes_total"); len(changes) > 0 {
		most := 0.0
		for _, n := range changes {
			most = max(most, n)
		}
		if most > 0 {
			note(strconv.FormatFloat(most, 'f', 0, 64) + " leader changes of a shard since the start")
		}
	}
}
