package node_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
)

func TestHealthAndReadiness(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	m := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question))
	for _, c := range []*client.Client{r.public, r.admin} {
		if got := text(t, ctx, c, "/health"); got != `{"status":"ok"}` {
			t.Errorf("/health: %s", got)
		}
		if got := text(t, ctx, c, "/readyz"); got != fmt.Sprintf(`{"status":"ready","seq":"%v"}`, m.Seq) {
			t.Errorf("/readyz: %s", got)
		}
		if got := text(t, ctx, c, "/version"); got != `{"status":"ok","version":"v0.0.0-test"}` {
			t.Errorf("/version: %s", got)
		}
	}
}

// Every stage of an order's way is measured, in the gateway and in the log, and every answer counted once.
func TestMetrics(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	f := makeFirstTrade(t, ctx, r)
	must[api.Portfolio](t)(r.public.As(f.Bob).Portfolio(ctx, f.Matched.Seq)) // published
	if _, err := r.public.As(f.Bob).Place(ctx, f.Market.Market, "", api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 10_000, Quantity: 1}); err == nil {
		t.Fatal("a price of 1 was accepted")
	}
	// An answer is counted after it was written.
	var m metrics
	for m = readMetrics(t, ctx, r.admin); m[`hustings_http_requests_total{route="placeOrder",status="422"}`] == 0; m = readMetrics(t, ctx, r.admin) {
		if ctx.Err() != nil {
			t.Fatal("the refused order is never counted")
		}
		time.Sleep(time.Millisecond)
	}
	for series, want := range map[string]float64{
		`hustings_http_requests_total{route="placeOrder",status="201"}`:                                                        2,
		`hustings_http_requests_total{route="placeOrder",status="422"}`:                                                        1,
		`hustings_http_requests_total{route="deposit",status="201"}`:                                                           2,
		`hustings_http_requests_total{route="createMarket",status="201"}`:                                                      1,
		`hustings_http_stage_seconds_count{route="placeOrder",stage="total"}`:                                                  3,
		`hustings_http_stage_seconds_count{route="deposit",stage="read"}`:                                                      2,
		`hustings_http_stage_seconds_count{route="deposit",stage="submit"}`:                                                    2,
		`hustings_http_stage_seconds_count{route="deposit",stage="answer"}`:                                                    2,
		`hustings_http_stage_seconds_count{route="createMarket",stage="total"}`:                                                1,
		`hustings_order_to_trade_seconds_count`:                                                                                1,
		`hustings_http_stage_seconds_count{route="deposit",stage="validation"}`:                                                2,
		`hustings_commands_total{code="price_out_of_range"}`:                                                                   0, // refused before it was a command
		`hustings_orders_total{shard="1"}`:                                                                                     2,
		`hustings_trades_total{shard="1"}`:                                                                                     1,
		`hustings_market_trades_total{market="1",shard="1"}`:                                                                   1,
		`hustings_markets{shard="1",state="open"}`:                                                                             1,
		`hustings_pool_size{pool="orders"}`:                                                                                    4096,
		`hustings_leader{shard="1"}`:                                                                                           1,
		fmt.Sprintf(`hustings_build_info{go="%s",rules="%d",version="v0.0.0-test"}`, runtime.Version(), exchange.RulesVersion): 1,
	} {
		if got := m[series]; got != want {
			t.Errorf("%s is %v, not %v", series, got, want)
		}
	}
	for _, series := range []string{`hustings_journal_seq{shard="1"}`, `hustings_read_model_seq{shard="1"}`} {
		if got := m[series]; got < float64(f.Matched.Seq) {
			t.Errorf("%s is %v, but the trade was %v", series, got, f.Matched.Seq)
		}
	}
	for s := range replica.Stages {
		count := m[fmt.Sprintf(`hustings_log_stage_seconds_count{shard="1",stage="%v"}`, s)]
		if all := m[fmt.Sprintf(`hustings_log_stage_seconds_bucket{shard="1",stage="%v",le="+Inf"}`, s)]; count == 0 || all != count {
			t.Errorf("stage %v: count %v, in buckets %v", s, count, all)
		}
	}
}

// After a restart the metrics say what was replayed.
func TestMetricsOfRecovery(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	f := makeFirstTrade(t, ctx, r)
	r.close(t)
	r = start(t, configOf(dir))
	m := readMetrics(t, ctx, r.admin)
	if got := m[`hustings_recovery_commands{shard="1"}`]; got != float64(r.Replica().Recovery().Commands) {
		t.Errorf("%v commands replayed", got)
	}
	if m[`hustings_journal_seq{shard="1"}`] != float64(f.Matched.Seq) || m[`hustings_read_model_seq{shard="1"}`] != float64(f.Matched.Seq) {
		t.Errorf("journal at %v, read model at %v, after %v", m[`hustings_journal_seq{shard="1"}`], m[`hustings_read_model_seq{shard="1"}`], f.Matched.Seq)
	}
}

// metrics is values by series.
type metrics map[string]float64

func readMetrics(t *testing.T, ctx context.Context, c *client.Client) metrics {
	t.Helper()
	m := metrics{}
	for line := range strings.Lines(text(t, ctx, c, "/metrics")) {
		series, value, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		m[series] = must[float64](t)(strconv.ParseFloat(value, 64))
	}
	return m
}
