package slab

import (
	"testing"

	"pgregory.net/rapid"
)

// find is how an index is used: candidates are compared by the key that lies with their slot.
func find(x *Index, keys []uint64, key uint64) uint32 {
	h := Hash(key)
	for slot, at := x.Find(h, 0); slot != 0; slot, at = x.Find(h, at+1) {
		if keys[slot] == key {
			return slot
		}
	}
	return 0
}

func TestIndexIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x Index
		model := map[uint64]uint32{}
		keys := []uint64{0} // by slot
		for range rapid.IntRange(1, 3000).Draw(t, "steps") {
			key := rapid.Uint64Range(0, 2000).Draw(t, "key")
			if slot, there := model[key]; there {
				x.Remove(Hash(key), slot)
				delete(model, key)
				continue
			}
			slot := uint32(len(keys))
			keys = append(keys, key)
			x.Insert(Hash(key), slot)
			model[key] = slot
		}
		for key := range uint64(2001) {
			if got := find(&x, keys, key); got != model[key] {
				t.Fatalf("key %d is at %d, want %d", key, got, model[key])
			}
		}
	})
}

// Keys with one hash are all found, each by comparing.
func TestIndexKeepsEqualHashesApart(t *testing.T) {
	var x Index
	for slot := uint32(1); slot <= 20; slot++ {
		x.Insert(42, slot)
	}
	seen := map[uint32]bool{}
	for slot, at := x.Find(42, 0); slot != 0; slot, at = x.Find(42, at+1) {
		seen[slot] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 were found", len(seen))
	}
	x.Remove(42, 7)
	for slot, at := x.Find(42, 0); slot != 0; slot, at = x.Find(42, at+1) {
		if slot == 7 {
			t.Error("7 was found after it was removed")
		}
	}
}

func TestIndexGrowsToAMillion(t *testing.T) {
	var x Index
	const n = 1_000_000
	keys := make([]uint64, n+1)
	for i := uint64(1); i <= n; i++ {
		keys[i] = i << 20
		x.Insert(Hash(keys[i]), uint32(i))
	}
	for i := uint64(1); i <= n; i++ {
		if find(&x, keys, i<<20) != uint32(i) || find(&x, keys, i<<20+1) != 0 {
			t.Fatalf("key %d is lost", i)
		}
		if i%2 == 0 {
			x.Remove(Hash(keys[i]), uint32(i))
		}
	}
	for i := uint64(1); i <= n; i++ {
		if got, want := find(&x, keys, i<<20), uint32(i%2*i); got != want {
			t.Fatalf("key %d is at %d, want %d", i, got, want)
		}
	}
}

func BenchmarkIndexFind(b *testing.B) {
	var x Index
	keys := make([]uint64, 1001)
	for i := range keys {
		keys[i] = uint64(i)<<32 | 1
		x.Insert(Hash(keys[i]), uint32(i))
	}
	var sum uint32
	for i := 0; b.Loop(); i++ {
		sum += find(&x, keys, keys[1+i%1000])
	}
	_ = sum
}
