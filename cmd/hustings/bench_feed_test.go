//go:build linux

package main

import "testing"

func TestBenchFeedMeasures(t *testing.T) {
	for _, c := range []struct {
		how  []string
		want []string
	}{
		{[]string{"--subscribers", "20", "--rate", "200"}, []string{"deliveries_per_s", "p50_ms", "p99_ms", "max_ms"}},
		{[]string{"--subscribers", "20", "--rate", "200", "--slow", "3"}, []string{"deliveries_per_s", "p99_ratio"}},
		{[]string{"--bytes", "--rate", "200"}, []string{"messages", "json_bytes", "compact_bytes", "byte_ratio"}},
		{[]string{"--orders", "200"}, []string{"deliveries_per_s", "p99_ms"}},
		{[]string{"--subscribers", "20", "--rate", "200", "--tls"}, []string{"deliveries_per_s", "p50_ms", "p99_ms", "max_ms"}},
		{[]string{"--subscribers", "20", "--rate", "200", "--slow", "3", "--tls"}, []string{"deliveries_per_s", "p99_ratio"}},
	} {
		args := append([]string{"feed", "--duration", "300ms", "--warmup", "100ms", "--json"}, c.how...)
		got := jsonOf(t, newBenchCommand(), args...)
		wantFields(t, got, map[string]string{"gaps": "0"})
		hasNumbers(t, got, c.want...)
	}
}

// What a connection costs is nothing to assert on; that so many are held, by another process, is.
func TestBenchFeedHoldsIdleConnections(t *testing.T) {
	for _, how := range [][]string{nil, {"--tls"}} {
		args := append([]string{"bench", "feed", "--idle", "50", "--json"}, how...)
		wantFields(t, jsonOfProgram(t, args...), map[string]string{"idle": "50", "gaps": "0"})
	}
}

func TestBenchFeedRefusesWhatMakesNoSense(t *testing.T) {
	for _, args := range [][]string{{"feed", "--subscribers", "0"}, {"feed", "--rate", "0"}, {"feed", "--slow", "-1"}, {"feed", "--orders", "-1"}} {
		c := newBenchCommand()
		c.SetArgs(args)
		c.SilenceErrors, c.SilenceUsage = true, true
		if c.Execute() == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
