package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/setup"
)

// runHere runs a command in this process and returns what it printed.
func runHere(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	c := newRootCommand()
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&out)
	err := c.Execute()
	return out.String(), err
}

// What create prints says what to copy and start, and status finds the nodes that were made.
func TestClusterCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "exchange")
	out, err := runHere(t, "cluster", "create", "--out", dir, "--node", "1=10.0.0.1", "--node", "2=[::1]:9000", "--region", "1=paris")
	if err != nil {
		t.Fatal(err)
	}
	want(t, out, 0, 0, "10.0.0.1:7000", "[::1]:9002", "scp -rp "+dir+"/node-1 10.0.0.1:\n", "on 10.0.0.1:  hustings serve --config node-1/hustings.toml",
		"hustings serve --config "+dir+"/node-2/hustings.toml")
	out, err = runHere(t, "cluster", "create", "--out", dir, "--add", "4=10.0.0.4")
	if err != nil {
		t.Fatal(err)
	}
	want(t, out, 0, 0, "scp -rp "+dir+"/node-4 10.0.0.4:\n", "hustings cluster add 4=10.0.0.4:7000")
	if strings.Contains(out, "node-1") {
		t.Errorf("it speaks of another node:\n%s", out)
	}
	all, err := setup.List(dir)
	if err != nil || len(all) != 3 || all[0].File.Region != "paris" || all[2].File.Region != "" {
		t.Errorf("%+v, %v", all, err)
	}
	o := operator{dir: dir}
	urls, key, err := o.find()
	if diff := cmp.Diff([]string{"http://127.0.0.1:8081", "http://[::1]:9001", "http://127.0.0.1:8081"}, urls); err != nil || diff != "" || len(key) < 32 {
		t.Errorf("%v\n%s", err, diff)
	}
	o = operator{dir: all[1].Dir}
	if urls, again, err := o.find(); err != nil || !cmp.Equal(urls, []string{"http://[::1]:9001"}) || again != key {
		t.Errorf("of one node: %v, %v", urls, err)
	}
	o = operator{dir: "/nowhere", admin: []string{"http://a:1"}, keyFile: filepath.Join(dir, "secrets", "admin.key")}
	if urls, again, err := o.find(); err != nil || !cmp.Equal(urls, o.admin) || again != key {
		t.Errorf("named: %v, %v", urls, err)
	}
}

func TestClusterCommandsSayWhatIsWrong(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		says string
		args []string
	}{
		{`"1" is no node`, []string{"create", "--out", empty + "/x", "--node", "1"}},
		{`"0=a" is no node`, []string{"create", "--out", empty + "/x", "--node", "0=a"}},
		{`b is no port`, []string{"create", "--out", empty + "/x", "--node", "1=a:b"}},
		{"there is no exchange in " + empty, []string{"create", "--out", empty, "--add", "1=a"}},
		{"[node add]", []string{"create", "--out", empty}},
		{"--nodes 0: 1 to 99", []string{"local", "--data", empty, "--nodes", "0"}},
		{"there is no node in " + empty, []string{"status", "--dir", empty}},
		{`"four" is no number`, []string{"remove", "four"}},
		{`"4" is no node`, []string{"add", "4"}},
	} {
		_, err := runHere(t, append([]string{"cluster"}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %q is not in: %v", c.args, c.says, err)
		}
	}
}

// No node answers: that has an exit code of its own.
func TestClusterStatusWithoutAnswer(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := runHere(t, "cluster", "status", "--admin", "http://127.0.0.1:1", "--key-file", key)
	coded, ok := err.(exitError)
	if !ok || coded.code != exitNoAnswer || !strings.Contains(coded.Error(), "no node answers: start one") {
		t.Errorf("%v", err)
	}
}

// One node has no cluster, and says so.
func TestClusterStatusOfOneNode(t *testing.T) {
	p := runProcess(t, bound(t), t.TempDir())
	_, err := runHere(t, "cluster", "status", "--admin", "http://"+p.admin, "--key-file", filepath.Join(p.dir, "admin.key"))
	if err == nil || !strings.Contains(err.Error(), "(no_cluster)") {
		t.Errorf("%v", err)
	}
	p.stop(t)
}

func TestDrawCluster(t *testing.T) {
	c := api.Cluster{
		Node: 2, Version: "v1", Health: api.HealthDegraded,
		Links: []api.ClusterLink{{Node: 3, Peers: "c:7000"}, {Node: 1, Peers: "a:7000", Up: true}},
		Shards: []api.ClusterShard{{
			Shard: 1, Leader: 1, From: 1, Term: 4, Commit: 90, Applied: 89, Seq: 700, Rules: 2, Health: api.HealthDegraded,
			Check: &api.StateCheck{Seq: 600, Hash: "00112233445566778899", Result: api.CheckSame, Nodes: []uint16{1, 2}},
			Members: []api.ClusterMember{
				{Node: 1, Peers: "a:7000", Role: api.Voter, Leader: true, Connected: true, Health: api.HealthOK, Version: "v1"},
				{Node: 2, Peers: "b:7000", Role: api.Voter, Self: true, Connected: true, LastContactMS: 7, Health: api.HealthLagging, Lag: 12_000, Version: "v2"},
				{Node: 3, Peers: "c:7000", Role: api.Learner, Snapshot: true, LastContactMS: -1, Health: api.HealthUnreachable},
			},
		}},
	}
	const text = `degraded: orders are accepted, but not all is well   (asked node 2, hustings v1)

shard 1   leader node 1   term 4   commit 90   applied 89   seq 700   rules 2

  node  role     lag              last contact  health       version  address
  1     leader   0                -             ok           v1       a:7000
  2     voter    12000            7ms           lagging      v2       b:7000
  3     learner  gets a snapshot  never         unreachable           c:7000

  states are the same on nodes 1, 2 at seq 600 (0011223344556677)

Node 2 has no connection to node 3 at c:7000.
`
	if diff := cmp.Diff(text, drawCluster(c)); diff != "" {
		t.Error(diff)
	}
	s := &c.Shards[0]
	s.Members[2].Wanted = api.Voter
	s.From, s.Check = 2, &api.StateCheck{Seq: 600, Result: api.CheckDifferent, Nodes: []uint16{1, 2, 3}, Differing: []uint16{3}}
	for _, says := range []string{
		"as node 2 knows it", "learner, to be voter", "1     leader                ?", "STATES DIFFER at seq 600: node 3 has another one than most of 1, 2, 3",
	} {
		if out := drawCluster(c); !strings.Contains(out, says) {
			t.Errorf("%q is not in\n%s", says, out)
		}
	}
}

func TestClusterLocalHosts(t *testing.T) {
	for base, wanted := range map[int][]string{
		0:     {"127.0.0.1", "127.0.0.1"},
		9_000: {"127.0.0.1:9000", "127.0.0.1:9010"},
	} {
		f := localFlags{nodes: 2, basePort: base}
		if diff := cmp.Diff(wanted, f.hosts()); diff != "" {
			t.Error(diff)
		}
	}
}

// A seizure is over when every shard has a leader of a later generation.
func TestSeizureIsOver(t *testing.T) {
	shards := func(all ...api.ClusterShard) api.Cluster { return api.Cluster{Shards: all} }
	before := shards(api.ClusterShard{Shard: 1, Generation: 1}, api.ClusterShard{Shard: 2})
	for name, test := range map[string]struct {
		after api.Cluster
		over  bool
	}{
		"all lead":              {shards(api.ClusterShard{Shard: 1, Generation: 2, Leader: 4}, api.ClusterShard{Shard: 2, Generation: 1, Leader: 4}), true},
		"one is not there":      {shards(api.ClusterShard{Shard: 1, Generation: 2, Leader: 4}), false},
		"one has no leader":     {shards(api.ClusterShard{Shard: 1, Generation: 2, Leader: 4}, api.ClusterShard{Shard: 2, Generation: 1}), false},
		"one is as it was":      {shards(api.ClusterShard{Shard: 1, Generation: 1, Leader: 4}, api.ClusterShard{Shard: 2, Generation: 1, Leader: 4}), false},
		"nothing is known":      {shards(), false},
		"a shard more is there": {shards(api.ClusterShard{Shard: 1, Generation: 2, Leader: 4}, api.ClusterShard{Shard: 2, Generation: 1, Leader: 4}, api.ClusterShard{Shard: 3}), true},
	} {
		if later(test.after, before) != test.over {
			t.Errorf("%s: not %t", name, test.over)
		}
	}
}
