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
	} {
		args := append([]string{"feed", "--duration", "300ms", "--warmup", "100ms", "--json"}, c.how...)
		got := jsonOf(t, newBenchCommand(), args...)
		wantFields(t, got, map[string]string{"gaps": "0"})
		hasNumbers(t, got, c.want...)
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
