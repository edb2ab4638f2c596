package merkle

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Store is where the stored nodes and the events of a tree are found.
type Store interface {
	// Node returns the stored node of this number. Nodes are numbered from 0 in the order of their completion.
	Node(number int64) (Hash, error)
	// Events visits the events of leaves from ≤ n < to in order.
	Events(from, to int64, visit func(event []byte)) error
}

// NodesBefore is the number of nodes that are stored for the first leaves of a tree.
func NodesBefore(leaves int64) int64 { return tlog.StoredHashCount(leaves >> ChunkLevel) }

// LastLeaf is the leaf that completes the stored node of this number.
func LastLeaf(node int64) int64 {
	level, n := tlog.SplitStoredHashIndex(node)
	return (n+1)<<(level+ChunkLevel) - 1
}

// hashes reads any node of a tree of size leaves; it is what tlog makes its proofs from. It keeps the leaf hashes of
// the last chunk it used and is for one goroutine.
type hashes struct {
	store  Store
	size   int64
	chunk  int64
	leaves []Hash // of chunk; nil if none was read
}

func (r *hashes) ReadHashes(indexes []int64) ([]Hash, error) {
	found := make([]Hash, len(indexes))
	for i, index := range indexes {
		var err error
		if found[i], err = r.node(tlog.SplitStoredHashIndex(index)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (r *hashes) node(level int, n int64) (Hash, error) {
	if level >= ChunkLevel {
		return r.store.Node(tlog.StoredHashIndex(level-ChunkLevel, n))
	}
	first := n << level
	if err := r.read(first >> ChunkLevel); err != nil {
		return Hash{}, err
	}
	first %= ChunkLeaves
	return subtree(r.leaves[first : first+1<<level]), nil
}

func (r *hashes) read(chunk int64) error {
	if r.leaves != nil && r.chunk == chunk {
		return nil
	}
	from := chunk << ChunkLevel
	to := min(from+ChunkLeaves, r.size)
	leaves := make([]Hash, 0, to-from)
	var hasher Tree
	err := r.store.Events(from, to, func(event []byte) { leaves = append(leaves, hasher.leaf(event)) })
	if err != nil {
		return err
	}
	if int64(len(leaves)) != to-from {
		return fmt.Errorf("read %d events of leaves %d to %d", len(leaves), from, to-1)
	}
	r.chunk, r.leaves = chunk, leaves
	return nil
}

// subtree hashes a complete subtree from its leaves.
func subtree(leaves []Hash) Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	half := len(leaves) / 2
	return tlog.NodeHash(subtree(leaves[:half]), subtree(leaves[half:]))
}

// RootAt computes the tree head of the first size leaves of a store.
func RootAt(store Store, size int64) (Hash, error) {
	return tlog.TreeHash(size, &hashes{store: store, size: size})
}
