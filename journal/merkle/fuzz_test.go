package merkle

import (
	"bytes"
	"fmt"
	"testing"
)

// What is read as a checkpoint is written in one way only, but for its signatures and extra lines.
func FuzzParseCheckpoint(f *testing.F) {
	f.Add([]byte("example.org/shard/1\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— example.org x\n"))
	f.Add([]byte("\n\n\n\n— "))
	f.Fuzz(func(t *testing.T, signed []byte) {
		c, err := ParseCheckpoint(signed)
		if err == nil && !bytes.HasPrefix(signed, fmt.Appendf(nil, "%s\n%d\n%s\n", c.Origin, c.Size, c.Root)) {
			t.Fatalf("%q was read as %+v", signed, c)
		}
	})
}
