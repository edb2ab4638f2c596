package node

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// ShardDir is where a node has the files of a shard.
func ShardDir(dir string, shard exchange.ShardID) string {
	return filepath.Join(dir, shardPrefix+strconv.Itoa(int(shard)))
}

const shardPrefix = "shard-"

// ShardsIn returns the shards of which there are files in a node's directory, by id.
func ShardsIn(fsys vfs.FS, dir string) (all []exchange.ShardID, err error) {
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if id, is := ShardOf(e.Name()); is {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all, nil
}

// ShardOf returns the shard whose files are in a directory of this name, if it is one of ShardDir.
func ShardOf(name string) (exchange.ShardID, bool) {
	number, is := strings.CutPrefix(filepath.Base(name), shardPrefix)
	id, err := strconv.ParseUint(number, 10, 16)
	return exchange.ShardID(id), is && err == nil && id > 0 && strconv.FormatUint(id, 10) == number
}

// hosted is a shard as far as it is on this node: its replica, and what goes to it.
type hosted struct {
	id      exchange.ShardID
	replica *replica.Replica
	submit  submitter // to its leader, wherever that is
	history history
	shown   bool          // to the gateway
	fsync   *atomic.Int64 // how long the last one of the log took, ns
}

// table is the shards that a node hosts. It only grows.
type table struct {
	mu  sync.Mutex
	now atomic.Pointer[[]*hosted] // by id; never changed, but replaced
}

// all returns what there is, by id: home first.
func (t *table) all() []*hosted {
	if now := t.now.Load(); now != nil {
		return *now
	}
	return nil
}

// of returns a shard, or nil.
func (t *table) of(id exchange.ShardID) *hosted {
	all := t.all()
	if i, found := slices.BinarySearchFunc(all, id, (*hosted).compare); found {
		return all[i]
	}
	return nil
}

// home returns the replica of the home shard, or nil while there is none.
func (t *table) home() *replica.Replica {
	if h := t.of(exchange.HomeShard); h != nil {
		return h.replica
	}
	return nil
}

func (h *hosted) compare(id exchange.ShardID) int { return cmp.Compare(h.id, id) }

// add adds shards, all at once.
func (t *table) add(more ...*hosted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := append(slices.Clone(t.all()), more...)
	slices.SortFunc(all, func(a, b *hosted) int { return a.compare(b.id) })
	t.now.Store(&all)
}
