package placement

import (
	"bytes"
	"testing"

	"github.com/hustings/hustings/exchange"
)

// What is read as a placement is written as the same bytes, and places every market on a shard that it has.
func FuzzRead(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{bytesVersion, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Read(b)
		if err != nil {
			return
		}
		if again := m.Append(nil); !bytes.Equal(again, b) {
			t.Fatalf("%x was read as %x", b, again)
		}
		for _, market := range []exchange.MarketID{1, 77, 1<<32 - 1} {
			if _, found := m.shard(m.Of(market)); !found {
				t.Fatalf("%x: market %d is on shard %d, which there is not", b, market, m.Of(market))
			}
		}
	})
}
