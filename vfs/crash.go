package vfs

import (
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
)

// Crash cuts the power: it returns a file system that holds only what was synced, content by Sync and names by
// SyncDir, with no lock held. The old one goes on unharmed for programs that do not know yet, and neither sees what
// happens in the other.
func (m *Mem) Crash() *Mem { return m.crash(func(string) *rand.Rand { return nil }) }

// CrashKeeping cuts the power as Crash does, but a part of what was not synced reached the disk all the same, chosen
// by the seed: for each file nothing, or its first writes and a piece of the next, or any 512-byte sectors of any
// writes; for each directory its names of now or those of its last SyncDir. What is left of a file or a directory depends
// on no other one.
func (m *Mem) CrashKeeping(seed uint64) *Mem {
	return m.crash(func(name string) *rand.Rand {
		sum := fnv.New64a()
		_, _ = io.WriteString(sum, name)
		return rand.New(rand.NewPCG(seed, sum.Sum64()))
	})
}

// crash is given what to draw from for each name; nil keeps nothing.
func (m *Mem) crash(source func(name string) *rand.Rand) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := NewMem()
	kept := map[*memNode]*memNode{}
	for _, dir := range slices.Sorted(maps.Keys(m.dirs)) {
		d := m.dirs[dir]
		names := d.durable
		random := source(dir)
		if random != nil && random.IntN(2) == 0 {
			names = d.entries
		}
		to := after.addDir(dir)
		for _, base := range slices.Sorted(maps.Keys(names)) {
			node := names[base]
			if kept[node] == nil {
				kept[node] = node.crash(source(filepath.Join(dir, base)))
			}
			to.entries[base] = kept[node]
		}
		to.durable = maps.Clone(to.entries)
	}
	return after
}

func (n *memNode) crash(random *rand.Rand) *memNode {
	n.mu.RLock()
	defer n.mu.RUnlock()
	data := slices.Clone(n.durable)
	if random != nil {
		switch random.IntN(3) {
		case 1:
			data = keepFirst(data, n.pending, random)
		case 2:
			data = keepAny(data, n.pending, random)
		}
	}
	return &memNode{data: data, durable: slices.Clone(data)}
}

// keepFirst applies some of the first changes whole and the one after them up to some byte.
func keepFirst(data []byte, pending []memChange, random *rand.Rand) []byte {
	if len(pending) == 0 {
		return data
	}
	whole := random.IntN(len(pending))
	for _, c := range pending[:whole] {
		data = c.apply(data)
	}
	torn := pending[whole]
	if len(torn.bytes) == 0 {
		return data
	}
	torn.bytes = torn.bytes[:random.IntN(len(torn.bytes)+1)]
	return torn.apply(data)
}

// sector is what a disk writes entirely or not at all.
const sector = 512

// keepAny applies some changes of size and some sectors of the writes.
func keepAny(data []byte, pending []memChange, random *rand.Rand) []byte {
	for _, c := range pending {
		if c.bytes == nil {
			if random.IntN(2) == 0 {
				data = c.apply(data)
			}
			continue
		}
		for len(c.bytes) > 0 {
			n := min(int64(len(c.bytes)), sector-c.offset%sector)
			if random.IntN(2) == 0 {
				data = memChange{c.offset, c.bytes[:n]}.apply(data)
			}
			c = memChange{c.offset + n, c.bytes[n:]}
		}
	}
	return data
}
