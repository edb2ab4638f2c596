package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/load/recovery"
	"github.com/hustings/hustings/load/workload"
)

// jsonOf runs a command and reads the JSON object that it prints last.
func jsonOf(t *testing.T, c *cobra.Command, args ...string) map[string]any {
	t.Helper()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	if err := c.ExecuteContext(context.Background()); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out.String())
	}
	return lastObject(t, args, out.String())
}

// lastObject reads the last line that a command has printed.
func lastObject(t *testing.T, args []string, out string) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	last := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	last.UseNumber() // a hash has more digits than a float64
	var object map[string]any
	if err := last.Decode(&object); err != nil {
		t.Fatalf("%v: the last line is not a JSON object: %v\n%s", args, err, out)
	}
	return object
}

// wantFields compares fields with what they should be, as JSON writes it.
func wantFields(t *testing.T, got map[string]any, fields map[string]string) {
	t.Helper()
	for name, value := range fields {
		text, _ := json.Marshal(got[name])
		if string(text) != value {
			t.Errorf("%s is %s, want %s", name, text, value)
		}
	}
}

// hasNumbers wants fields to be there as numbers that are not negative.
func hasNumbers(t *testing.T, got map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		n, ok := got[name].(json.Number)
		if !ok || strings.HasPrefix(n.String(), "-") {
			t.Errorf("%s is %v", name, got[name])
		}
	}
}

func TestBenchEngineAndBookAgreeOnAStream(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stream")
	c := newBenchCommand()
	c.SetOut(new(bytes.Buffer))
	c.SetArgs([]string{"stream", "--out", file, "--seed", "7", "--count", "20000", "--prefill", "500"})
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := workload.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	tally, live := workload.Replay(s)
	fields := map[string]string{"trade_hash": tally.String(), "trades": marshal(tally.Trades),
		"traded_quantity": marshal(tally.Quantity), "live_orders": marshal(live), "commands": "20000"}
	for _, args := range [][]string{
		{"engine", "--stream", file, "--runs", "1", "--reserve", "1000", "--json"},
		{"engine", "--stream", file, "--runs", "1", "--no-keys", "--batch", "7", "--taker-fee", "0", "--json"},
	} {
		got := jsonOf(t, newBenchCommand(), args...)
		wantFields(t, got, fields)
		hasNumbers(t, got, "ns_per_command", "allocs_per_command")
	}
	got := jsonOf(t, newBenchCommand(), "book", "--stream", file, "--runs", "1", "--json")
	wantFields(t, got, fields)
	hasNumbers(t, got, "ns_per_command", "thin_ns_per_command")
}

func marshal(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func TestBenchOrdersInAnExchangeOfItsOwn(t *testing.T) {
	for _, how := range [][]string{{"--rate", "500"}, {"--max"}, {"--max", "--batch", "10"}} {
		args := append([]string{"orders", "--duration", "200ms", "--warmup", "10ms", "--conns", "4", "--accounts", "8", "--json"}, how...)
		got := jsonOf(t, newBenchCommand(), args...)
		wantFields(t, got, map[string]string{"errors": "0", "embedded": "true"})
		hasNumbers(t, got, "orders_per_s", "p50_ms", "p99_ms", "p999_ms", "max_ms", "unsent", "lag_p99_ms")
	}
}

func TestBenchRefusesWhatMakesNoSense(t *testing.T) {
	for _, args := range [][]string{
		{"orders"},
		{"orders", "--rate", "5", "--max"},
		{"orders", "--rate", "-5"},
		{"orders", "--max", "--accounts", "3"},
		{"orders", "--max", "--markets", "0"},
		{"orders", "--max", "--nodes", "3", "--addr", "127.0.0.1:1"},
		{"orders", "--max", "--nodes", "-1"},
		{"failover", "--how", "magic"},
		{"failover", "--trials", "0"},
		{"failover", "--nodes", "2"},
		{"failover", "--rate", "0"},
		{"elections", "--load", "1.1"},
		{"elections", "--nodes", "1"},
		{"elections", "--duration", "0s"},
		{"engine", "--batch", "0"},
		{"engine", "--taker-fee", "2"},
		{"engine", "--stream", "no-such-file"},
		{"book", "--runs", "0"},
		{"memory", "--markets", "0"},
		{"recover", "--open-orders", "0"},
		{"stream"},
	} {
		c := newBenchCommand()
		c.SilenceErrors, c.SilenceUsage = true, true
		c.SetArgs(args)
		if err := c.Execute(); err == nil {
			t.Errorf("%v was run", args)
		}
	}
}

func TestBenchMemory(t *testing.T) {
	got := jsonOf(t, newBenchCommand(), "memory", "--markets", "1000", "--json")
	hasNumbers(t, got, "bytes_per_quiet_market", "shard_bytes_per_quiet_market", "projection_bytes_per_quiet_market")
}

// What the other process of bench recover prints.
func TestBenchRecoverMeasures(t *testing.T) {
	dir := t.TempDir()
	if err := recovery.Build(t.Context(), recovery.Config{Dir: dir, OpenOrders: 1_000, Accounts: 50, Markets: 3, Tail: 2_000}); err != nil {
		t.Fatal(err)
	}
	got := jsonOf(t, newBenchCommand(), "recover", "--measure", dir)
	wantFields(t, got, map[string]string{"replay_commands": "2000", "accounts": "50"})
	hasNumbers(t, got, "snapshot_ms", "replay_ms", "total_ms", "open_orders", "directory_bytes")
}
