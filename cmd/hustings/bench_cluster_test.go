package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// jsonOfProgram runs the program itself, whose nodes are further processes of it, and reads what it prints last.
func jsonOfProgram(t *testing.T, args ...string) map[string]any {
	t.Helper()
	if testing.Short() {
		t.Skip("with -short nothing is run that starts several nodes as processes")
	}
	run := command(t, bound(t), args...)
	var said bytes.Buffer
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, said.String())
	}
	return lastObject(t, args, string(out))
}

func TestBenchOrdersOfSeveralNodes(t *testing.T) {
	for _, how := range [][]string{{"--rate", "200"}, {"--max", "--batch", "10"}} {
		args := append([]string{"bench", "orders", "--nodes", "3", "--duration", "200ms", "--warmup", "10ms", "--conns", "6", "--accounts", "6", "--json"}, how...)
		got := jsonOfProgram(t, args...)
		wantFields(t, got, map[string]string{"errors": "0", "embedded": "false", "nodes": "3"})
		hasNumbers(t, got, "orders_per_s", "p50_ms", "p99_ms", "max_ms")
	}
}

func TestBenchFailover(t *testing.T) {
	for _, how := range []string{"kill", "stop", "handover"} {
		t.Run(how, func(t *testing.T) {
			got := jsonOfProgram(t, "bench", "failover", "--how", how, "--trials", "2", "--rate", "200", "--conns", "6", "--accounts", "6", "--json")
			wantFields(t, got, map[string]string{"trials": "2", "lost": "0", "doubled": "0", "errors": "0"})
			hasNumbers(t, got, "p50_ms", "p99_ms", "max_ms", "retried")
			if n, _ := got["acknowledged"].(json.Number).Int64(); n < 100 {
				t.Errorf("%d acknowledgements", n)
			}
		})
	}
}

func TestBenchElections(t *testing.T) {
	got := jsonOfProgram(t, "bench", "elections", "--duration", "300ms", "--probe", "300ms", "--conns", "6", "--accounts", "6", "--json")
	wantFields(t, got, map[string]string{"errors": "0", "load": "0.8"})
	hasNumbers(t, got, "elections", "stood", "greatest_orders_per_s", "orders_per_s", "p50_ms", "p99_ms", "max_ms")
}

// A shard is added, and a node dies while markets move to it.
func TestBenchRebalance(t *testing.T) {
	got := jsonOfProgram(t, "bench", "rebalance", "--markets", "300", "--orders", "4", "--from", "1", "--to", "2", "--rate", "200", "--conns", "6",
		"--accounts", "6", "--kill", "--json")
	wantFields(t, got, map[string]string{"markets": "300", "lost": "0", "doubled": "0", "errors": "0"})
	hasNumbers(t, got, "longest_freeze_ms", "freeze_p50_ms", "freeze_p99_ms", "longest_pause_ms", "seconds")
	if n, _ := got["moved"].(json.Number).Int64(); n < 100 || n > 200 {
		t.Errorf("%d markets moved", n)
	}
	if n, _ := got["swept"].(json.Number).Int64(); n < 800 {
		t.Errorf("%d orders were taken in the end", n)
	}
	if n, _ := got["killed_with_to_move"].(json.Number).Int64(); n < 1 {
		t.Error("no node was killed while markets moved")
	}
}
