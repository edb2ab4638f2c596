// Package merkle keeps the RFC 6962 hash tree over a journal's events, signs its heads and proves what is in it.
// It is pure: it opens no file and reads no clock. Where hashes and events are kept is told by a Store.
//
// The leaf of the event with Seq s has number s − 1. A tree of n leaves has at level l a node for every 2^l leaves
// that are complete:
//
//	level 2            A
//	                 /   \
//	level 1        b       c       d          n = 6: the right edge, from which further leaves grow
//	              / \     / \     / \         and the root is made, is A and d
//	level 0      1   2   3   4   5   6
//
// Only nodes of level ChunkLevel and above are stored, in the order of their completion: 64 bytes for each chunk of
// 1,024 events. The nodes below are hashed again from the events of their chunk when a proof needs them.
//
// Proofs and their checks are those of golang.org/x/mod/sumdb/tlog, signatures those of golang.org/x/mod/sumdb/note,
// and the text forms are C2SP's tlog-checkpoint and tlog-proof.
package merkle

import (
	"crypto/sha256"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// ChunkLevel is the lowest level whose nodes are stored; a chunk is the ChunkLeaves leaves below one of them.
const (
	ChunkLevel  = 10
	ChunkLeaves = 1 << ChunkLevel
)

// Hash is a node of the tree.
type Hash = tlog.Hash

// Tree grows by one leaf at a time. It holds the right edge only. The zero value is an empty tree.
type Tree struct {
	size    int64
	edge    [63]Hash // edge[l] is the last complete node of level l, of meaning if bit l of size is set
	scratch []byte
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Append adds the leaf of an event. It appends to nodes those that it completed of ChunkLevel and above, from low to
// high, which is the order in which a Store numbers them, and returns the extended slice.
func (t *Tree) Append(event []byte, nodes []Hash) []Hash {
	return t.appendHash(t.leaf(event), nodes)
}

func (t *Tree) appendHash(h Hash, nodes []Hash) []Hash {
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(t.edge[level], h)
		if level+1 >= ChunkLevel {
			nodes = append(nodes, h)
		}
	}
	t.edge[level] = h
	t.size++
	return nodes
}

// leaf is tlog.RecordHash without allocation.
func (t *Tree) leaf(event []byte) Hash {
	t.scratch = append(append(t.scratch[:0], 0), event...)
	return sha256.Sum256(t.scratch)
}

// Root is the RFC 6962 tree head of the leaves so far.
func (t *Tree) Root() Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(uint64(t.size))
	root := t.edge[level]
	for level++; t.size>>level != 0; level++ {
		if t.size>>level&1 == 1 {
			root = tlog.NodeHash(t.edge[level], root)
		}
	}
	return root
}

// Resume returns the tree of a store's first size leaves.
func Resume(store Store, size int64) (*Tree, error) {
	t := &Tree{}
	chunks := size >> ChunkLevel
	for level := 0; chunks>>level != 0; level++ {
		if chunks>>level&1 == 0 {
			continue
		}
		node, err := store.Node(tlog.StoredHashIndex(level, chunks>>level-1))
		if err != nil {
			return nil, err
		}
		t.edge[level+ChunkLevel] = node
	}
	t.size = chunks << ChunkLevel
	err := store.Events(t.size, size, func(event []byte) { t.Append(event, nil) })
	if err != nil {
		return nil, err
	}
	return t, nil
}
