package replica

import (
	"bytes"
	"io"
	"testing"
)

// What a replica reads of its log, of a snapshot's head and of a journal that another one sends is refused or is what was
// written.
func FuzzRecords(f *testing.F) {
	members := Members{{Replica: 1, Address: "10.0.0.1:7000"}, {Replica: 2, Role: 1, Synchronous: true}}
	f.Add(members.append(nil))
	f.Add(hardState{1, 2, 3}.append(nil))
	f.Add(make([]byte, headSize))
	f.Add(make([]byte, copyHead+4))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := readMembers(b); err == nil && !bytes.Equal(m.append(nil), b) {
			t.Fatalf("%x was read as %+v", b, m)
		}
		if h, err := readHardState(b); err == nil && !bytes.HasPrefix(b, h.append(nil)) {
			t.Fatalf("%x was read as %+v", b, h)
		}
		if e, err := readEntry(b); err == nil && !bytes.Equal(appendEntry(nil, e.proto()), b) {
			t.Fatalf("%x was read as %+v", b, e)
		}
		_, _, _ = readChange(b)
		var head snapshotHead
		_ = head.read(b)
		for in := bytes.NewReader(b); ; {
			rec, err := readCopied(in)
			if err != nil {
				if err == io.EOF && in.Len() > 0 {
					t.Fatalf("%d bytes are left", in.Len())
				}
				break
			}
			if len(rec.Events) > len(b) {
				t.Fatalf("%d bytes of events in %d", len(rec.Events), len(b))
			}
		}
	})
}
