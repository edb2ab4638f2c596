package index

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// FuzzOpen has anything stand in a file whose pages pass their checksums: what is found lies within the segment, and what makes no sense
// is called damage.
func FuzzOpen(f *testing.F) {
	for _, records := range []int{1, 100} {
		m, _, span := build(rand.New(rand.NewPCG(6, 0)), records, 5)
		f.Add(unpaged(m.Encode(span, 1)), uint64(3), uint64(1_010), int64(60))
	}
	f.Add([]byte(magic), uint64(0), uint64(0), int64(0))
	f.Fuzz(func(t *testing.T, content []byte, key, seq uint64, at int64) {
		source := bytes.NewReader(paged(content))
		failed := func(err error) bool {
			if err != nil && !errors.Is(err, ErrDamaged) {
				t.Errorf("not damage: %v", err)
			}
			return err != nil
		}
		_, err := Check(source, source.Size())
		failed(err)
		file, err := Open(source, NewCache(4))
		if failed(err) {
			return
		}
		if file.Span().Number != file.head.Number {
			t.Error("the span is of another segment")
		}
		within := func(found uint64) bool {
			if found < file.head.FirstSeq || found > file.head.LastSeq {
				t.Errorf("seq %d is not of %d to %d", found, file.head.FirstSeq, file.head.LastSeq)
			}
			return true
		}
		keys := []Key{Key(key)}
		var entry [keyLen]byte
		if file.head.keys > 0 && file.read(entry[:], file.head.keysAt()) == nil { // one that there is
			keys = append(keys, Key(le.Uint64(entry[:])))
		}
		for _, k := range keys {
			failed(file.Newest(k, seq, within))
			failed(file.Oldest(k, seq, within))
		}
		_, err = file.MarkOfSeq(seq)
		failed(err)
		_, err = file.MarkBefore(at, true)
		failed(err)
		_, err = file.Node(at)
		failed(err)
	})
}

// unpaged is the content of a file.
func unpaged(file []byte) (content []byte) {
	for len(file) >= pageLen {
		content = append(content, file[:payloadLen]...)
		file = file[pageLen:]
	}
	return content
}
