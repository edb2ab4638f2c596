package wal

import (
	"crypto/sha256"
	"hash"
)

// chain is the running hash of a segment: SHA-256 over the segment's header, then for each batch but the seal its
// header and the headers of its records. The payloads are in it by their checksums, so that neither writing nor opening
// a log has to hash all of them.
type chain struct{ hash.Hash }

// newChain begins with the first sector of a segment.
func newChain(header []byte) chain {
	c := chain{sha256.New()}
	c.Write(header)
	return c
}

// sum is the hash of what was written so far. More can follow.
func (c chain) sum() (sum [sha256.Size]byte) {
	c.Sum(sum[:0])
	return sum
}
