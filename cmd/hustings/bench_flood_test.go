package main

import (
	"encoding/json"
	"runtime"
	"testing"
)

// A small flood: it is refused, those who behave get all that they want, and no cancel is refused.
func TestBenchFlood(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a flood comes from many addresses of loopback, which Linux has")
	}
	got := jsonOfProgram(t, "bench", "flood", "--bearable", "400", "--times", "10", "--clients", "6", "--accounts", "8", "--conns", "20",
		"--addresses", "10", "--duration", "1s", "--json")
	wantFields(t, got, map[string]string{"cancels_refused": "0", "goodput": "1", "bearable_per_s": "400", "error_codes": "null"})
	hasNumbers(t, got, "p99_ratio", "alone_p50_ms", "alone_p99_ms", "beside_p50_ms", "beside_p99_ms", "beside_max_ms", "onset_max_ms", "seconds")
	for _, name := range []string{"requests", "cancels", "flood_due_per_s", "flood_sent_per_s", "flood_accepted_per_s", "flood_refused_per_s", "flood_connections"} {
		if n, _ := got[name].(json.Number).Float64(); n <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
}

func TestBenchFloodIsChecked(t *testing.T) {
	for _, args := range [][]string{
		{"--times", "-1"}, {"--clients", "0"}, {"--conns", "0"}, {"--addresses", "0"}, {"--duration", "0s"}, {"--tier", "gold"}, {"--addr", "127.0.0.1:1"},
	} {
		c := newBenchFloodCommand()
		c.SilenceErrors, c.SilenceUsage = true, true
		c.SetArgs(args)
		if err := c.Execute(); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
