package top

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
)

// page is what one of two nodes exports. The first node leads shard 1.
const pageThen = `
hustings_http_requests_total{route="placeOrder",status="201"} 100
hustings_http_requests_total{route="placeOrder",status="503"} 0
hustings_commands_total{code="accepted"} 100
hustings_orders_total{shard="1"} 1000
hustings_trades_total{shard="1"} 50
hustings_term{shard="1"} 3
hustings_leader{shard="1"} 1
hustings_open_orders{shard="1"} 70
hustings_markets{shard="1",state="open"} 2
hustings_market_day_contracts{market="7",shard="1"} 500
hustings_market_trades_total{market="7",shard="1"} 30
# TYPE hustings_order_to_trade_seconds histogram
hustings_order_to_trade_seconds_bucket{le="0.001"} 10
hustings_order_to_trade_seconds_bucket{le="0.002"} 10
hustings_order_to_trade_seconds_bucket{le="+Inf"} 10
hustings_order_to_trade_seconds_sum 0.005
hustings_order_to_trade_seconds_count 10
`

const pageNow = `
hustings_http_requests_total{route="placeOrder",status="201"} 300
hustings_http_requests_total{route="placeOrder",status="503"} 4
hustings_commands_total{code="accepted"} 290
hustings_commands_total{code="insufficient_funds"} 10
hustings_orders_total{shard="1"} 3000
hustings_trades_total{shard="1"} 60
hustings_term{shard="1"} 3
hustings_leader{shard="1"} 1
hustings_open_orders{shard="1"} 80
hustings_markets{shard="1",state="open"} 2
hustings_market_day_contracts{market="7",shard="1"} 600
hustings_market_day_contracts{market="12",shard="1"} 900
hustings_market_trades_total{market="7",shard="1"} 36
hustings_market_trades_total{market="12",shard="1"} 5
hustings_market_spread{market="7",shard="1"} 0.02
hustings_watch_findings_total{kind="layering"} 2
# TYPE hustings_order_to_trade_seconds histogram
hustings_order_to_trade_seconds_bucket{le="0.001"} 10
hustings_order_to_trade_seconds_bucket{le="0.002"} 110
hustings_order_to_trade_seconds_bucket{le="+Inf"} 110
hustings_order_to_trade_seconds_sum 0.2
hustings_order_to_trade_seconds_count 110
`

// follower knows what the leader does, a little later.
const follower = `
hustings_orders_total{shard="1"} 2990
hustings_trades_total{shard="1"} 60
hustings_term{shard="1"} 3
hustings_leader{shard="1"} 0
hustings_open_orders{shard="1"} 79
hustings_watch_findings_total{kind="layering"} 2
`

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func sample(t *testing.T, at time.Time, pages ...string) *Sample {
	t.Helper()
	s := &Sample{At: at}
	for i, text := range pages {
		families, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		s.Nodes = append(s.Nodes, Reading{Name: "node-" + string(rune('1'+i)), Families: families})
	}
	return s
}

// Rates and percentiles are of the time between two samples. What every node tells is counted once.
func TestBoard(t *testing.T) {
	b := NewBoard(sample(t, noon, pageThen, follower), sample(t, noon.Add(2*time.Second), pageNow, follower))
	want := map[string]Rate{
		"requests": {"requests", 102, 304}, "orders": {"orders", 5, 3000}, "trades": {"trades", 0, 60},
		"commands refused": {"commands refused", 5, 10}, "requests failed here": {"requests failed here", 2, 4},
	}
	for _, r := range b.Rates {
		if w, ok := want[r.Name]; ok && r != w {
			t.Errorf("%+v, not %+v", r, w)
		}
	}
	for _, l := range b.Latencies {
		if l.Name == "order to trade" && (math.Abs(l.P50-0.0015) > 1e-9 || math.Abs(l.P99-0.00199) > 1e-9) {
			t.Errorf("%+v", l)
		}
	}
	if diff := cmp.Diff([]Shard{{Shard: "1", Leader: "node-1", Term: 3, Orders: 80, Markets: 2}}, b.Shards); diff != "" {
		t.Error(diff)
	}
	if len(b.Markets) != 2 || b.Markets[0].Market != "12" || b.Markets[0].Trades != 0 || b.Markets[1].Trades != 3 || b.Markets[1].Spread != 0.02 {
		t.Errorf("%+v", b.Markets)
	}
	if diff := cmp.Diff([]string{"2 findings of the manipulation watch: see hustings findings"}, b.Notes); diff != "" {
		t.Error(diff)
	}
}

// A board says what is wrong: nodes that do not answer, shards that nobody leads.
func TestBoardOfAnIllExchange(t *testing.T) {
	s := sample(t, noon, follower)
	s.Nodes = append(s.Nodes, Reading{Name: "node-2", Err: errors.New("no answer")})
	text := strings.Join(NewBoard(&Sample{}, s).Lines(0, nil), "\n")
	for _, says := range []string{"node-2 does not answer", "shard 1: nobody who was asked leads", "since the start"} {
		if !strings.Contains(text, says) {
			t.Errorf("no %q in\n%s", says, text)
		}
	}
}

// No line is wider than the terminal, whatever its width.
func TestLinesFit(t *testing.T) {
	b := NewBoard(sample(t, noon, pageThen), sample(t, noon.Add(time.Second), pageNow))
	b.Markets[0].Question = "Will somebody ask a question that is longer than any line of a terminal that one holds in one's hand?"
	for width := 1; width < 160; width++ {
		for _, line := range b.Lines(width, nil) {
			if utf8.RuneCountInString(line) > width {
				t.Fatalf("%d characters in %d: %s", utf8.RuneCountInString(line), width, line)
			}
		}
	}
}

func TestFigures(t *testing.T) {
	for got, want := range map[string]string{
		count(1234567): "1,234,567", count(-1234): "-1,234", count(math.NaN()): "-", figure(0.25): "0.2", figure(12.7): "13", figure(0): "0",
		span(0.0000004): "0 µs", span(0.00025): "250 µs", span(0.0015): "1.5 ms", span(0.15): "150 ms", span(2.5): "2.5 s", span(math.NaN()): "-",
		percent(1, 8): "12 %", percent(1, 0): "-", cents(0.02): "0.0200", shorten("abcdef", 4): "abc…",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// The screen follows the terminal's size, keeps the last board when nobody answers, and ends with q.
func TestScreen(t *testing.T) {
	s := &screen{every: time.Second}
	if text := strings.Join(s.lines(), "\n"); !strings.Contains(text, "asking the nodes") {
		t.Errorf("before the first look: %s", text)
	}
	s.Update(looked{board: NewBoard(&Sample{}, sample(t, noon, pageNow))})
	s.Update(tea.WindowSizeMsg{Width: 60, Height: 12})
	s.Update(looked{err: errors.New("no node answers")})
	lines := s.lines()
	if len(lines) != 12 || lines[0] != "! no node answers" || !strings.HasPrefix(lines[1], "hustings top") || lines[11] != "q: quit" {
		t.Errorf("%d lines:\n%s", len(lines), strings.Join(lines, "\n"))
	}
	if _, cmd := s.Update(tea.KeyPressMsg{Code: 'q', Text: "q"}); cmd == nil {
		t.Error("q does nothing")
	} else if _, quits := cmd().(tea.QuitMsg); !quits {
		t.Error("q does not quit")
	}
	if _, cmd := s.Update(tea.KeyPressMsg{Code: 'x', Text: "x"}); cmd != nil {
		t.Error("x does something")
	}
}
