package slab

import (
	"testing"

	"pgregory.net/rapid"
)

func TestIndexIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x Index
		model := map[uint64]uint32{}
		var keys []uint64
		for range rapid.IntRange(1, 3000).Draw(t, "steps") {
			key := rapid.Uint64Range(1, 2000).Draw(t, "key")
			switch slot, there := model[key]; {
			case !there:
				slot = uint32(len(keys) + 1)
				x.Insert(key, slot)
				model[key] = slot
				keys = append(keys, key)
			case slot%3 == 0:
				x.Replace(key, slot+1)
				model[key] = slot + 1
			default:
				x.Remove(key)
				delete(model, key)
			}
		}
		for key := range uint64(2001) {
			if key > 0 && x.Find(key) != model[key] {
				t.Fatalf("key %d is at %d, want %d", key, x.Find(key), model[key])
			}
		}
	})
}

func TestIndexGrowsToAMillion(t *testing.T) {
	var x Index
	const n = 1_000_000
	for i := uint64(1); i <= n; i++ {
		x.Insert(i<<20, uint32(i))
	}
	for i := uint64(1); i <= n; i++ {
		if x.Find(i<<20) != uint32(i) || x.Find(i<<20+1) != 0 {
			t.Fatalf("key %d is lost", i)
		}
		if i%2 == 0 {
			x.Remove(i << 20)
		}
	}
	for i := uint64(1); i <= n; i++ {
		if want := uint32(i % 2 * i); x.Find(i<<20) != want {
			t.Fatalf("key %d is at %d, want %d", i, x.Find(i<<20), want)
		}
	}
}

func BenchmarkIndexFind(b *testing.B) {
	var x Index
	for i := uint64(1); i <= 1000; i++ {
		x.Insert(i<<32|1, uint32(i))
	}
	var sum uint32
	for i := 0; b.Loop(); i++ {
		sum += x.Find(uint64(i%1000+1)<<32 | 1)
	}
	_ = sum
}
