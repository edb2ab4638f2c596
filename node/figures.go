package node

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/replica"
)

// figures exports what the shards of a node are doing, when it is asked. Nothing is counted for it meanwhile.
type figures struct{ shards *table }

// state is what is known of a shard at the time of asking.
type state struct {
	replica *replica.Replica
	load    replica.Load
	status  replica.Status
	view    projection.Figures
	applied uint64 // Seq of the last event applied
	now     time.Time
	shut    bool
}

// figure is a family that has one value for each shard.
type figure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*state) float64
}

func gauge(name, help string, value func(*state) float64) figure {
	return figure{prometheus.NewDesc("hustings_"+name, help, shardLabels, nil), prometheus.GaugeValue, value}
}

func total(name, help string, value func(*state) float64) figure {
	return figure{prometheus.NewDesc("hustings_"+name, help, shardLabels, nil), prometheus.CounterValue, value}
}

var shardLabels = []string{"shard"}

var shardFigures = []figure{
	gauge("leader", "1 while commands are accepted here.", func(s *state) float64 { return one(s.replica.Leading()) }),
	gauge("has_leader", "1 while a leader is known here, on whichever node.", func(s *state) float64 { return one(s.status.Leader != 0) }),
	gauge("shard_shut", "1 while commands are refused at once because the shard does not answer.", func(s *state) float64 { return one(s.shut) }),
	gauge("term", "Number of the election that the replica knows of.", func(s *state) float64 { return float64(s.status.Term) }),
	gauge("rules_version", "Version of the rules that hold.", func(s *state) float64 { return float64(s.replica.View().Rules()) }),
	gauge("log_index", "Index of the newest entry in the log here.", func(s *state) float64 { return float64(s.status.Last) }),
	gauge("log_commit_index", "Index of the newest entry known to be on a quorum.", func(s *state) float64 { return float64(s.status.Commit) }),

	gauge("journal_seq", "Seq of the newest event in the journal.", func(s *state) float64 { return float64(s.replica.Journal().Last().Seq) }),
	gauge("read_model_seq", "Seq of the newest event in the read model.", func(s *state) float64 { return float64(s.replica.View().Seq()) }),
	gauge("read_model_lag_events", "Events applied that the read model has not seen yet.", func(s *state) float64 {
		return float64(s.applied - min(s.applied, uint64(s.replica.View().Seq())))
	}),
	gauge("read_model_lag_seconds", "How long the oldest event that the read model has not seen has waited.", func(s *state) float64 {
		return s.load.Behind.Seconds()
	}),
	gauge("log_entries_in_flight", "Entries proposed here and not applied yet.", func(s *state) float64 { return float64(s.load.Unapplied) }),
	gauge("log_entries_in_flight_limit", "Entries that may be proposed and not applied.", func(s *state) float64 { return float64(s.load.MaxUnapplied) }),
	gauge("journal_queue_entries", "Entries applied that wait for journal and read model.", func(s *state) float64 { return float64(s.load.Unpublished) }),
	gauge("journal_queue_entries_limit", "Entries that may wait for journal and read model; beyond it orders wait.", func(s *state) float64 {
		return float64(s.load.MaxUnpublished)
	}),
	gauge("log_queue_bytes_limit", "Bytes of commands that each lane before the log takes; beyond it they are refused.", func(s *state) float64 {
		return float64(s.load.MaxBytes)
	}),
	gauge("answers_held", "Answers that wait for a synchronous copy.", func(s *state) float64 { return float64(s.load.Held) }),
	total("state_comparisons_total", "Comparisons of journal and state hashes with other replicas since the start.", func(s *state) float64 {
		return float64(s.load.Compared)
	}),
	total("state_differences_total", "Comparisons in which not all replicas had the same hash. Any is an emergency.", func(s *state) float64 {
		return float64(s.load.Differing)
	}),
	gauge("recovery_commands", "Commands replayed at the last start.", func(s *state) float64 { return float64(s.replica.Recovery().Commands) }),
	gauge("recovery_seconds", "Time that the last start took to read the snapshot and replay the log.", func(s *state) float64 {
		return (s.replica.Recovery().SnapshotTime + s.replica.Recovery().ReplayTime).Seconds()
	}),

	total("orders_total", "Orders accepted ever.", func(s *state) float64 { return float64(s.view.Orders) }),
	total("trades_total", "Trades ever.", func(s *state) float64 { return float64(s.view.Trades) }),
	total("traded_contracts_total", "Contracts traded ever: the volume.", func(s *state) float64 { return float64(s.view.Volume) }),
	gauge("open_orders", "Orders that rest in books.", func(s *state) float64 { return float64(s.view.OpenOrders) }),
	gauge("positions", "Pairs of account and outcome with contracts.", func(s *state) float64 { return float64(s.view.Positions) }),
	gauge("accounts", "Accounts that the shard knows.", func(s *state) float64 { return float64(s.view.Accounts) }),
	gauge("market_fees", "Fees charged in markets that are not settled, in units of money.", func(s *state) float64 { return money(s.view.MarketFees) }),
	gauge("house_fees", "Fees of settled markets, in units of money.", func(s *state) float64 { return money(s.view.HouseFees) }),
	gauge("escrow", "Collateral behind open contracts, in units of money.", func(s *state) float64 { return money(s.view.Escrow) }),
	gauge("markets_without_trade", "Open markets older than 24 hours without a trade in the last 24 hours.", func(s *state) float64 {
		return float64(s.view.Quiet)
	}),
	gauge("proposals_waiting", "Acts that wait for a second operator.", func(s *state) float64 { return float64(len(s.replica.View().Proposals())) }),
	gauge("proposal_oldest_seconds", "How long the oldest act that waits for a second operator has waited; 0 if none does.", func(s *state) float64 {
		all := s.replica.View().Proposals()
		if len(all) == 0 {
			return 0
		}
		made := all[0].LapseAt - exchange.Time(exchange.ProposalLife)
		return max(0, s.now.Sub(made.Std()).Seconds())
	}),
	gauge("settlements_pending", "Markets whose payouts or refunds are due and not all made.", func(s *state) float64 { return float64(s.view.Settling) }),
	gauge("settlement_oldest_seconds", "How long the oldest payout or refund has been due; 0 if none is.", func(s *state) float64 {
		if s.view.Oldest == 0 {
			return 0
		}
		return max(0, s.now.Sub(s.view.Oldest.Std()).Seconds())
	}),
}

var (
	marketsDesc    = prometheus.NewDesc("hustings_markets", "Markets, by state.", []string{"shard", "state"}, nil)
	laneDesc       = prometheus.NewDesc("hustings_log_queue_submissions", "Submissions that wait to be proposed, by lane: cancels come first.", laneLabels, nil)
	laneBytesDesc  = prometheus.NewDesc("hustings_log_queue_bytes", "Bytes of commands that wait to be proposed, by lane.", laneLabels, nil)
	lagDesc        = prometheus.NewDesc("hustings_replica_lag_entries", "Entries that a member lacks of the leader's log; told by the leader.", memberLabels, nil)
	silentDesc     = prometheus.NewDesc("hustings_replica_silent_seconds", "Time since a member was heard of; told by the leader.", memberLabels, nil)
	busyTradesDesc = prometheus.NewDesc("hustings_market_trades_total", "Trades ever, of the busiest markets.", busyLabels, nil)
	busyVolumeDesc = prometheus.NewDesc("hustings_market_day_contracts", "Contracts traded in the last 24 hours, of the busiest markets.", busyLabels, nil)
	busySpreadDesc = prometheus.NewDesc("hustings_market_spread", "Best ask less best bid of the busiest outcome, 0 to 1, of the busiest markets with both.", busyLabels, nil)
	busyOrdersDesc = prometheus.NewDesc("hustings_market_open_orders", "Orders that rest, in the busiest markets.", busyLabels, nil)

	laneLabels   = []string{"shard", "lane"}
	memberLabels = []string{"shard", "node"}
	busyLabels   = []string{"shard", "market"}
	otherDescs   = []*prometheus.Desc{marketsDesc, laneDesc, laneBytesDesc, lagDesc, silentDesc, busyTradesDesc, busyVolumeDesc, busySpreadDesc, busyOrdersDesc}
)

// Describe implements prometheus.Collector.
func (f figures) Describe(out chan<- *prometheus.Desc) {
	for _, of := range shardFigures {
		out <- of.desc
	}
	for _, d := range otherDescs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (f figures) Collect(out chan<- prometheus.Metric) {
	now := time.Now()
	for _, h := range f.shards.all() {
		id := shardLabel(h.id)
		view := h.replica.View()
		s := &state{replica: h.replica, load: h.replica.Load(), status: h.replica.Status(), view: view.Figures(exchange.Time(now.UnixNano())), now: now,
			shut: h.submit.breaker.IsOpen()}
		_, s.applied = h.replica.Applied()
		for _, of := range shardFigures {
			out <- prometheus.MustNewConstMetric(of.desc, of.kind, of.value(s), id)
		}
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{id}, labels...)...)
		}
		for i, n := range s.view.States {
			gauge(marketsDesc, float64(n), exchange.MarketState(i).String())
		}
		for lane, l := range map[string]replica.Lane{"cancels": s.load.Cancels, "orders": s.load.Others} {
			gauge(laneDesc, float64(l.Submissions), lane)
			gauge(laneBytesDesc, float64(l.Bytes), lane)
		}
		if s.status.Leader == s.status.Self {
			for _, m := range s.status.Members {
				node := strconv.Itoa(int(m.Replica.Node()))
				gauge(lagDesc, float64(s.status.Last-min(s.status.Last, m.Match)), node)
				gauge(silentDesc, m.Silent.Seconds(), node)
			}
		}
		for _, m := range busiest(view) {
			market := strconv.FormatUint(uint64(m.ID), 10)
			out <- prometheus.MustNewConstMetric(busyTradesDesc, prometheus.CounterValue, float64(m.Trades), id, market)
			gauge(busyVolumeDesc, float64(m.DayVolume), market)
			gauge(busyOrdersDesc, float64(m.OpenOrders), market)
			if spread, ok := spreadOf(&m); ok {
				gauge(busySpreadDesc, spread, market)
			}
		}
	}
}

// Only the markets that trade most have series of their own: there may be a million others.
const (
	busyMarkets = 10
	lastTraded  = 200 // among which they are looked for
)

// busiest returns the open markets with the greatest volume of the day among those that traded last.
func busiest(view *projection.View) []projection.Market {
	all := view.Markets(projection.MarketFilter{States: projection.States(exchange.StateOpen), Sort: projection.SortActivity, Limit: lastTraded}).Markets
	all = slices.DeleteFunc(all, func(m projection.Market) bool { return m.DayVolume == 0 })
	slices.SortFunc(all, func(a, b projection.Market) int {
		return cmp.Or(cmp.Compare(b.DayVolume, a.DayVolume), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(len(all), busyMarkets)]
}

// spreadOf returns the spread of a market's busiest outcome.
func spreadOf(m *projection.Market) (float64, bool) {
	busy := slices.MaxFunc(m.Books, func(a, b projection.Book) int { return cmp.Compare(a.DayVolume, b.DayVolume) })
	if busy.Bid == 0 || busy.Ask == 0 {
		return 0, false
	}
	return float64(busy.Ask-busy.Bid) / float64(exchange.One), true
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func money(m exchange.Money) float64 { return float64(m) / float64(exchange.One) }
