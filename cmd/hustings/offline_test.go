package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/node"
)

// Whoever examines the files of an exchange examines all of its shards, wherever a market was at a time.
func TestAllShardsAreExamined(t *testing.T) {
	x := startTraded(t)
	ctx := t.Context()
	admin := dial(t, x.node.AdminAddr(), x.node.AdminKey())
	if _, err := admin.AddShard(ctx, api.AddShard{Points: api.SharePoints}); err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	for deadline := before.Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		s, err := admin.MoveMarket(ctx, x.market, 2)
		if err == nil && s.Shards[1].Markets == 1 && s.Leaving == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	x.close(t)

	out, code := execute(t, newVerifyCommand(), "--data", x.dir)
	want(t, out, code, 0, "shard-1 in ", "signed by hustings/shard-1", "shard-2 in ", "signed by hustings/shard-2")
	out, code = execute(t, newReplayCommand(), "--data", x.dir)
	want(t, out, code, 0, "Replayed "+node.ShardDir(x.dir, 1), "Replayed "+node.ShardDir(x.dir, 2))
	for _, at := range []string{before.Format(time.RFC3339Nano), "-0s"} {
		out, code = execute(t, newAtCommand(), at, x.market.String(), "--data", x.dir)
		want(t, out, code, 0, "Will it rain tomorrow?", "0.7000", "Positions")
	}
	out, code = execute(t, newAtCommand(), "-0s", "99", "--data", x.dir)
	want(t, out, code, exitUnchecked, "no such market")

	names, err := filepath.Glob(filepath.Join(node.ShardDir(x.dir, 2), "journal", "*.journal"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	damage(t, names[0], 100)
	out, code = execute(t, newVerifyCommand(), "--data", x.dir)
	want(t, out, code, exitDamaged, "All is well", "DAMAGED")
	out, code = execute(t, newVerifyCommand(), "--data", node.ShardDir(x.dir, 2), "--public-key", filepath.Join(x.dir, node.CheckpointPubFile))
	if want(t, out, code, exitDamaged, "DAMAGED"); strings.Contains(out, "All is well") {
		t.Errorf("another shard was examined:\n%s", out)
	}
}
