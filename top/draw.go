package top

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Lines draws a board, at most so wide; 0: as wide as it is. Emphasise, which may be nil, marks headings.
func (b *Board) Lines(width int, emphasise func(string) string) []string {
	d := drawing{width: width, emphasise: emphasise}
	d.head(b)
	rates := [][]string{{"", "a second", "total"}}
	for _, r := range b.Rates {
		rates = append(rates, []string{r.Name, figure(r.PerSecond), count(r.Total)})
	}
	latencies := [][]string{{"latency", "p50", "p95", "p99", "p99.9"}}
	for _, l := range b.Latencies {
		latencies = append(latencies, []string{l.Name, span(l.P50), span(l.P95), span(l.P99), span(l.P999)})
	}
	d.beside(columns(rates), columns(latencies))
	queues := [][]string{{"queue", "used", "limit", ""}}
	for _, q := range b.Queues {
		queues = append(queues, []string{q.Name, count(q.Used), count(q.Limit), percent(q.Used, q.Limit)})
	}
	shards := [][]string{{"shard", "leader", "term", "open markets", "open orders", "lag", "reads behind"}}
	for _, s := range b.Shards {
		leader := s.Leader
		if leader == "" {
			leader = "none"
		}
		shards = append(shards, []string{s.Shard, leader, count(s.Term), count(s.Markets), count(s.Orders), count(s.Lag), span(s.Behind)})
	}
	d.beside(columns(queues), columns(shards))
	markets := [][]string{{"busiest markets", "contracts in 24 h", "trades a second", "open orders", "spread"}}
	for _, m := range b.Markets {
		name := strings.TrimSpace(m.Market + "  " + m.Question)
		markets = append(markets, []string{shorten(name, 60), count(m.DayContracts), figure(m.Trades), count(m.Orders), cents(m.Spread)})
	}
	if len(b.Markets) > 0 {
		d.beside(columns(markets), nil)
	}
	return d.lines
}

type drawing struct {
	width     int
	emphasise func(string) string
	lines     []string
}

func (d *drawing) add(line string, heading bool) {
	line = strings.TrimRight(line, " ")
	if d.width > 0 {
		line = shorten(line, d.width)
	}
	if heading && d.emphasise != nil {
		line = d.emphasise(line)
	}
	d.lines = append(d.lines, line)
}

func (d *drawing) head(b *Board) {
	over := "since the start"
	if b.Over > 0 {
		over = "over " + b.Over.Round(100*time.Millisecond).String()
	}
	d.add("hustings top   "+b.At.UTC().Format("15:04:05 UTC")+"   "+over, true)
	for _, name := range b.Down {
		d.add("! "+name+" does not answer", true)
	}
	for _, n := range b.Notes {
		d.add("! "+n, false)
	}
}

// beside draws two tables side by side, or one above the other where there is no room.
func (d *drawing) beside(left, right []string) {
	const gap = 4
	d.add("", false)
	leftWidth, rightWidth := widest(left), widest(right)
	if len(right) == 0 || d.width > 0 && leftWidth+gap+rightWidth > d.width {
		d.table(left)
		if len(right) > 0 {
			d.add("", false)
			d.table(right)
		}
		return
	}
	for i := range max(len(left), len(right)) {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		d.add(pad(l, leftWidth+gap)+r, i == 0)
	}
}

func (d *drawing) table(lines []string) {
	for i, line := range lines {
		d.add(line, i == 0)
	}
}

func widest(lines []string) (width int) {
	for _, l := range lines {
		width = max(width, utf8.RuneCountInString(l))
	}
	return width
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// columns aligns rows: words on the left, which the first column is, and a leader's name; numbers on the right.
func columns(rows [][]string) (lines []string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i == 0 || rows[0][i] == "leader" {
				line.WriteString(pad(cell, widths[i]))
			} else {
				line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + cell)
			}
			line.WriteString("  ")
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}

// shorten cuts a text to so many characters.
func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:max(0, most-1)]) + "…"
}

const unknown = "-"

// count is a whole number with separators of thousands.
func count(v float64) string {
	if math.IsNaN(v) {
		return unknown
	}
	text := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// figure is a rate.
func figure(v float64) string {
	if !math.IsNaN(v) && v > 0 && v < 10 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return count(v)
}

// span is a time in seconds.
func span(seconds float64) string {
	switch {
	case math.IsNaN(seconds):
		return unknown
	case seconds == 0:
		return "0"
	case seconds < 1e-3:
		return fmt.Sprintf("%.0f µs", seconds*1e6)
	case seconds < 10e-3:
		return fmt.Sprintf("%.1f ms", seconds*1e3)
	case seconds < 1:
		return fmt.Sprintf("%.0f ms", seconds*1e3)
	}
	return fmt.Sprintf("%.1f s", seconds)
}

func percent(part, whole float64) string {
	if whole == 0 {
		return unknown
	}
	return strconv.FormatFloat(100*part/whole, 'f', 0, 64) + " %"
}

func cents(v float64) string {
	if math.IsNaN(v) {
		return unknown
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}
