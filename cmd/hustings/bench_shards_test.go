package main

import (
	"encoding/json"
	"testing"
)

func TestBenchShards(t *testing.T) {
	got := jsonOf(t, newBenchShardsCommand(), "--shards", "1,2", "--duration", "50ms", "--markets", "2", "--workers", "1", "--json")
	wantFields(t, got, map[string]string{"batch": "100", "workers_per_shard": "1", "markets_per_shard": "2"})
	runs, _ := got["runs"].([]any)
	if len(runs) != 2 {
		t.Fatalf("the runs are %v", got["runs"])
	}
	for i, run := range runs {
		run, _ := run.(map[string]any)
		hasNumbers(t, run, "commands_per_s", "cores_used", "commands_per_core_s", "speed_up", "speed_up_per_core", "trades")
		if n, _ := run["shards"].(json.Number); n.String() != number(i+1) {
			t.Errorf("run %d is of %v shards", i, run["shards"])
		}
	}
}
