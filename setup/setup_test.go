package setup_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/setup"
)

func create(t *testing.T, o setup.Options) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := setup.Create(dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

func list(t *testing.T, dir string) []setup.Made {
	t.Helper()
	all, err := setup.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every node can show who it is, believes the others, has the same secrets and knows all members.
func TestCreatedNodesBelongTogether(t *testing.T) {
	nodes := []setup.Node{{Number: 1, Host: "127.0.0.1"}, {Number: 2, Host: "127.0.0.1"}, {Number: 7, Host: "10.0.0.7", Region: "paris"}}
	timing := config.Timing{Heartbeat: config.Duration(10 * time.Millisecond), Election: config.Duration(100 * time.Millisecond)}
	dir := create(t, setup.Options{Nodes: nodes, Deposits: config.Traders, Timing: timing})
	all := list(t, dir)
	if len(all) != len(nodes) {
		t.Fatalf("%+v", all)
	}
	listens := []config.Listen{
		{API: "127.0.0.1:8080", Admin: "127.0.0.1:8081", Peers: "127.0.0.1:7000"},
		{API: "127.0.0.1:8090", Admin: "127.0.0.1:8091", Peers: "127.0.0.1:7001"},
		{API: "10.0.0.7:8080", Admin: "127.0.0.1:8081", Peers: "10.0.0.7:7000"},
	}
	for i, m := range all {
		f := m.File
		if f.Node != nodes[i].Number || f.Listen != listens[i] || f.Region != nodes[i].Region || f.Deposits != config.Traders || f.Timing != timing {
			t.Errorf("%+v", f)
		}
		wantMembers := []config.Member{{Node: 1, Peers: "127.0.0.1:7000"}, {Node: 2, Peers: "127.0.0.1:7001"}, {Node: 7, Peers: "10.0.0.7:7000"}}
		if diff := cmp.Diff(wantMembers, f.Members); diff != "" {
			t.Error(diff)
		}
		checkCredentials(t, m)
		for _, path := range secretFiles(node.Secrets(f.Secrets)) {
			want, err := os.ReadFile(filepath.Join(dir, "secrets", filepath.Base(path)))
			if got := read(t, path); err != nil || got != string(want) || len(got) < 32 {
				t.Errorf("%s is not that of the exchange: %v", path, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
		if _, err := os.Stat(filepath.Join(m.Dir, "tls", peer.AuthorityKeyFile)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("node %d has the authority's key: %v", f.Node, err)
		}
	}
}

func checkCredentials(t *testing.T, m setup.Made) {
	t.Helper()
	_, n, err := peer.LoadCredentials(peer.Credentials(m.File.TLS))
	if err != nil || uint16(n) != m.File.Node {
		t.Errorf("node %d has a certificate of %d: %v", m.File.Node, n, err)
	}
}

func secretFiles(s node.Secrets) []string {
	return []string{s.Admin, s.Gateway, s.Checkpoint, s.CheckpointPub()}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A node that is made later has the same authority and secrets, ports of its own, and lists those that it can ask.
func TestAddedNodeJoinsTheOthers(t *testing.T) {
	dir := create(t, setup.Options{Nodes: []setup.Node{{Number: 1, Host: "127.0.0.1"}, {Number: 2, Host: "127.0.0.1", BasePort: 20_000}}})
	before := list(t, dir)
	err := setup.Add(dir, setup.Options{Nodes: []setup.Node{{Number: 4, Host: "127.0.0.1"}, {Number: 3, Host: "127.0.0.1", BasePort: 30_000}}})
	if err != nil {
		t.Fatal(err)
	}
	all := list(t, dir)
	if len(all) != 4 || !cmp.Equal(before, all[:2]) {
		t.Fatalf("%+v", all)
	}
	for i, want := range []config.Listen{
		{API: "127.0.0.1:30000", Admin: "127.0.0.1:30001", Peers: "127.0.0.1:30002"},
		{API: "127.0.0.1:8090", Admin: "127.0.0.1:8091", Peers: "127.0.0.1:7001"},
	} {
		m := all[2+i]
		if m.File.Listen != want || !cmp.Equal(m.File.Members, before[0].File.Members) {
			t.Errorf("node %d: %+v", m.File.Node, m.File)
		}
		checkCredentials(t, m)
		if read(t, m.File.Secrets.Admin) != read(t, before[0].File.Secrets.Admin) {
			t.Errorf("node %d has another operator's key", m.File.Node)
		}
	}
}

func TestRefusedSetupLeavesNothing(t *testing.T) {
	for says, nodes := range map[string][]setup.Node{
		"needs a node":      {},
		"numbered from 1":   {{Host: "a"}},
		"needs a host":      {{Number: 1}},
		"1 is there twice":  {{Number: 1, Host: "a"}, {Number: 1, Host: "b"}},
		"is no port":        {{Number: 1, Host: "a", BasePort: 65_534}},
		"cannot be connect": {{Number: 1, Host: "0.0.0.0"}},
	} {
		parent := t.TempDir()
		err := setup.Create(filepath.Join(parent, "new"), setup.Options{Nodes: nodes})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in %v", says, err)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
			t.Errorf("%s: left %v, %v", says, left, err)
		}
	}
	one := setup.Options{Nodes: []setup.Node{{Number: 1, Host: "127.0.0.1"}}}
	dir := create(t, one)
	key := read(t, filepath.Join(dir, "secrets", "admin.key"))
	if err := setup.Create(dir, one); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("%v", err)
	}
	if err := setup.Add(dir, one); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("%v", err)
	}
	if err := setup.Add(t.TempDir(), one); err == nil || !strings.Contains(err.Error(), "there is no exchange") {
		t.Errorf("%v", err)
	}
	if all := list(t, dir); len(all) != 1 || read(t, all[0].File.Secrets.Admin) != key {
		t.Errorf("the exchange was changed: %+v", all)
	}
}

// What an interrupted run has left is no hindrance.
func TestCreateAfterAnInterruptedOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "exchange")
	if err := os.MkdirAll(filepath.Join(dir+".new", "authority", "authority.key"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := setup.Create(dir, setup.Options{Nodes: []setup.Node{{Number: 1, Host: "127.0.0.1"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
