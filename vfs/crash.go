package vfs

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Crash cuts the power: it returns a file system that holds only what was synced, content by Sync and names by
// SyncDir, with no lock held. The old one goes on unharmed for programs that do not know yet, and neither sees what
// happens in the other.
func (m *Mem) Crash() *Mem { return m.crash(nil) }

// CrashKeeping cuts the power as Crash does, but a part of what was not synced reached the disk all the same, chosen
// by the seed: for each file nothing, or its first writes and a piece of the next, or any 512-byte sectors of any
// writes; for each directory its names of now or those of its last SyncDir.
func (m *Mem) CrashKeeping(seed uint64) *Mem {
	return m.crash(rand.New(rand.NewPCG(seed, 0)))
}

func (m *Mem) crash(random *rand.Rand) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := NewMem()
	kept := map[*memNode]*memNode{}
	for _, dir := range slices.Sorted(maps.Keys(m.dirs)) {
		d := m.dirs[dir]
		names := d.durable
		if random != nil && random.IntN(2) == 0 {
			names = d.entries
		}
		to := after.addDir(dir)
		for _, base := range slices.Sorted(maps.Keys(names)) {
			node := names[base]
			if kept[node] == nil {
				kept[node] = node.crash(random)
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
