package node_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/vfs"
)

var keyFiles = []string{node.AdminKeyFile, "gateway.secret", "checkpoint.key", node.CheckpointPubFile}

// A second node leaves the first one's directory as it is, and the first one goes on.
func TestDirectoryBelongsToOneNode(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	key := filepath.Join(dir, node.AdminKeyFile)
	if err := os.Remove(key); err != nil { // a node that gets as far as its keys makes it again
		t.Fatal(err)
	}
	second, err := node.Start(configOf(dir))
	if err == nil {
		t.Cleanup(func() { _ = second.Close() })
	}
	if !errors.Is(err, vfs.ErrLocked) {
		t.Fatalf("a second node on the directory: %v", err)
	}
	if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the second node wrote into the directory: %v", err)
	}
	must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question))
	r.close(t)
	r = start(t, configOf(dir))
	must[api.MarketInfo](t)(r.public.Market(ctx, 1, 0))
}

// A start that failed has let go of all it had: the directory and the other address.
func TestFailedStartLetsGo(t *testing.T) {
	dir := t.TempDir()
	r := start(t, configOf(t.TempDir()))
	config := configOf(dir)
	config.AdminListen = r.AdminAddr()
	if n, err := node.Start(config); err == nil {
		_ = n.Close()
		t.Fatal("two nodes listen on one address")
	}
	start(t, configOf(dir))
}

func TestKeysAreTheOwnersAndStay(t *testing.T) {
	ctx, dir := bound(t), t.TempDir()
	r := start(t, configOf(dir))
	made := readKeys(t, dir)
	adminKey := r.AdminKey()
	if got := strings.TrimSpace(made[node.AdminKeyFile]); got != adminKey {
		t.Errorf("the file says %q, the node %q", got, adminKey)
	}
	if _, err := note.NewVerifier(strings.TrimSpace(made[node.CheckpointPubFile])); err != nil {
		t.Errorf("%s: %v", node.CheckpointPubFile, err)
	}
	seen := map[string]bool{}
	for name, key := range made {
		if len(key) < 32 || seen[key] {
			t.Errorf("%s is short or that of another file", name)
		}
		seen[key] = true
	}
	if _, err := r.admin.As("wrong").CreateMarket(ctx, "", question); client.Code(err) != api.CodeUnauthenticated.Code {
		t.Errorf("a wrong key: %v", err)
	}
	r.close(t)
	r = start(t, configOf(dir))
	for name, key := range readKeys(t, dir) {
		if key != made[name] {
			t.Errorf("%s changed with a restart", name)
		}
	}
	must[api.MarketAnswer](t)(r.admin.As(adminKey).CreateMarket(ctx, "", question))
}

// readKeys reads the files of keys, and checks that nobody but their owner can.
func readKeys(t *testing.T, dir string) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, name := range keyFiles {
		path := filepath.Join(dir, name)
		info := must[fs.FileInfo](t)(os.Stat(path))
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		keys[name] = string(must[[]byte](t)(os.ReadFile(path)))
	}
	return keys
}
