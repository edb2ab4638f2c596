package journal

import (
	"bytes"
	"errors"
	"testing"
)

func recordBytes(r Record, before [32]byte) []byte {
	b := make([]byte, r.size())
	r.put(b, before)
	return b
}

func TestRecordComesBackAsItWent(t *testing.T) {
	m := newMaker(1)
	before := [32]byte{1, 2, 3}
	for range 200 {
		r := m.next()
		b := recordBytes(r, before)
		got, err := parseRecord(b)
		if err != nil {
			t.Fatal(err)
		}
		if !equalRecords(got.Record, r) || got.before != before || got.chain != hashRecord(b) {
			t.Fatalf("got %+v, want %+v", got, r)
		}
		before = got.chain
	}
}

func TestEveryChangedBitOfARecordIsFound(t *testing.T) {
	b := recordBytes(newMaker(2).next(), [32]byte{9})
	for bit := 4 * 8; bit < len(b)*8; bit++ {
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := parseRecord(b); err == nil {
			t.Fatalf("bit %d of byte %d changed: accepted", bit%8, bit/8)
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
}

func TestEventsOfARecord(t *testing.T) {
	r := newMaker(3).records(50)[49]
	for r.Count < 4 {
		r = newMaker(4).records(20)[19]
		r.Count++
		r.Events = append(r.Events, makeEvent(1, 2, 30)...)
	}
	next := r.FirstSeq
	for seq, event := range r.All() {
		if seq != next || !bytes.Equal(r.event(seq), event) {
			t.Fatalf("event %d: %x", seq, event)
		}
		rest := r.from(seq)
		if rest.FirstSeq != seq || rest.LastSeq() != r.LastSeq() || !bytes.HasPrefix(rest.Events, event) {
			t.Fatalf("record from %d: %+v", seq, rest)
		}
		next++
	}
	if next != r.LastSeq()+1 {
		t.Fatalf("%d events seen", next-r.FirstSeq)
	}
}

func TestMalformedEventsAreRefused(t *testing.T) {
	good := makeEvent(1, 2, 20)
	for name, r := range map[string]Record{
		"none":      {Count: 0},
		"too many":  {Count: 1, Events: append(bytes.Clone(good), good...)},
		"too few":   {Count: 2, Events: good},
		"cut":       {Count: 1, Events: good[:19]},
		"too short": {Count: 1, Events: []byte{3, 0, 1, 1}},
		"stub":      {Count: 2, Events: append(bytes.Clone(good), 4, 0)},
		"empty":     {Count: 1, Events: []byte{0, 0, 0, 0}},
	} {
		if r.checkEvents() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNewerRecordVersionIsNotCalledCorrupt(t *testing.T) {
	r := newMaker(5).next()
	b := recordBytes(r, [32]byte{})
	b[40] = recordVersion + 1
	chain := hashRecord(b)
	copy(b[len(b)-32:], chain[:])
	resum(b)
	if _, err := parseRecord(b); !errors.Is(err, ErrVersion) {
		t.Fatalf("got %v", err)
	}
}

func FuzzRecord(f *testing.F) {
	m := newMaker(6)
	for range 3 {
		f.Add(recordBytes(m.next(), [32]byte{4}))
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0}, recordHead+recordTail))
	f.Fuzz(func(t *testing.T, b []byte) {
		// The checksum would hide what lies behind it, so it is made right.
		if len(b) >= recordHead {
			b = resum(bytes.Clone(b))
		}
		r, err := parseRecord(b)
		if err != nil {
			return
		}
		count := uint32(0)
		for seq, event := range r.All() {
			if seq != r.FirstSeq+uint64(count) || len(event) < eventHead {
				t.Fatalf("event %d: %x", seq, event)
			}
			count++
		}
		if count != r.Count {
			t.Fatalf("%d events of %d", count, r.Count)
		}
		again := recordBytes(r.Record, r.before)
		if len(b) == len(again) && r.chain == hashRecord(b) && !bytes.Equal(b[4:], again[4:]) {
			t.Fatalf("written again it differs:\n%x\n%x", b, again)
		}
	})
}
