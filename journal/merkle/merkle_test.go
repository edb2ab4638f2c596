package merkle

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// memory is a Store of events and nodes in memory.
type memory struct {
	events [][]byte
	nodes  []Hash
	tree   Tree
}

func (m *memory) Node(number int64) (Hash, error) {
	if number >= int64(len(m.nodes)) {
		return Hash{}, fmt.Errorf("node %d of %d", number, len(m.nodes))
	}
	return m.nodes[number], nil
}

func (m *memory) Events(from, to int64, visit func([]byte)) error {
	for _, e := range m.events[from:to] {
		visit(e)
	}
	return nil
}

func (m *memory) append(event []byte) {
	m.events = append(m.events, event)
	m.nodes = m.tree.Append(event, m.nodes)
}

func (m *memory) grow(size int) *memory {
	for n := len(m.events); n < size; n++ {
		m.append(fmt.Appendf(nil, "event %d", n+1))
	}
	return m
}

func (m *memory) sign(t testing.TB, signer note.Signer) Checkpoint {
	t.Helper()
	c, err := Sign(m.tree.Size(), m.tree.Root(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// naiveRoot is the definition of RFC 6962, section 2.1.
func naiveRoot(events [][]byte) Hash {
	switch len(events) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return tlog.RecordHash(events[0])
	}
	k := 1
	for k*2 < len(events) {
		k *= 2
	}
	return tlog.NodeHash(naiveRoot(events[:k]), naiveRoot(events[k:]))
}

// keys makes a signer and its verifier from a fixed seed.
func keys(t testing.TB, name string) (note.Signer, note.Verifier) {
	t.Helper()
	private, public, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte(name), 64)), name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

func TestRootIsThatOfTheDefinition(t *testing.T) {
	m := &memory{}
	for size := 0; size <= 2100; size++ {
		m.grow(size)
		if size > 130 && size%97 > 1 && size%1024 > 1 {
			continue
		}
		if got, want := m.tree.Root(), naiveRoot(m.events); got != want {
			t.Fatalf("size %d: root %v, want %v", size, got, want)
		}
		if got, want := int64(len(m.nodes)), NodesBefore(int64(size)); got != want {
			t.Fatalf("size %d: %d nodes, want %d", size, got, want)
		}
	}
}

func TestLastLeafCompletesItsNode(t *testing.T) {
	m := &memory{}
	for size := 1; size <= 9*ChunkLeaves; size++ {
		before := len(m.nodes)
		m.grow(size)
		for number := before; number < len(m.nodes); number++ {
			if got := LastLeaf(int64(number)); got != int64(size)-1 {
				t.Fatalf("node %d: completed by leaf %d, want %d", number, got, size-1)
			}
		}
	}
}

func TestResumedTreeGrowsAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := (&memory{}).grow(rapid.IntRange(0, 6*ChunkLeaves).Draw(t, "size"))
		resumed, err := Resume(m, m.tree.Size())
		if err != nil {
			t.Fatal(err)
		}
		more := &memory{events: m.events, nodes: m.nodes, tree: *resumed}
		size := len(m.events) + rapid.IntRange(0, 2*ChunkLeaves).Draw(t, "more")
		if more.grow(size).tree.Root() != m.grow(size).tree.Root() {
			t.Fatalf("roots differ at size %d", size)
		}
	})
}

func TestEveryEventIsProvenOverGrowingTrees(t *testing.T) {
	signer, verifier := keys(t, "exchange.example/shard/1")
	m := &memory{}
	for _, size := range []int{1, 2, 3, 7, 64, 1023, 1024, 1025, 3000} {
		c := m.grow(size).sign(t, signer)
		for seq := 1; seq <= size; seq += 1 + size/50 {
			p, err := Prove(m, c, uint64(seq))
			if err != nil {
				t.Fatal(err)
			}
			got, err := VerifyInclusion(p.Text(), verifier)
			if err != nil {
				t.Fatalf("event %d of %d: %v\n%s", seq, size, err, p.Text())
			}
			if got.Seq != uint64(seq) || !bytes.Equal(got.Event, m.events[seq-1]) || got.Checkpoint.Size != int64(size) {
				t.Fatalf("event %d of %d: proof of %+v", seq, size, got)
			}
		}
	}
}

func TestProofFileIsRefusedWithAnyByteChanged(t *testing.T) {
	signer, verifier := keys(t, "exchange.example/shard/1")
	m := (&memory{}).grow(11)
	p, err := Prove(m, m.sign(t, signer), 6)
	if err != nil {
		t.Fatal(err)
	}
	file := p.Text()
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		if _, err := VerifyInclusion(changed, verifier); err == nil {
			t.Fatalf("byte %d changed from %q to %q: accepted", i, file[i], changed[i])
		}
		if _, err := VerifyInclusion(file[:i], verifier); err == nil {
			t.Fatalf("cut to %d bytes: accepted", i)
		}
	}
}

func TestProofNeedsTheRightKeyAndOrigin(t *testing.T) {
	signer, _ := keys(t, "exchange.example/shard/1")
	_, other := keys(t, "exchange.example/shard/2")
	m := (&memory{}).grow(3)
	p, err := Prove(m, m.sign(t, signer), 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyInclusion(p.Text(), other); err == nil {
		t.Fatal("accepted by another shard's key")
	}
}

func TestDamagedStoreYieldsNoProof(t *testing.T) {
	signer, _ := keys(t, "exchange.example/shard/1")
	m := (&memory{}).grow(3 * ChunkLeaves)
	c := m.sign(t, signer)
	m.events[100][3] ^= 1
	if _, err := Prove(m, c, 2); !errors.Is(err, ErrProof) {
		t.Fatalf("proof beside a changed event: %v", err)
	}
	m.nodes[len(m.nodes)-1][0] ^= 1
	if _, err := Prove(m, c, 1500); !errors.Is(err, ErrProof) {
		t.Fatalf("proof over a changed node: %v", err)
	}
	if _, err := Prove(m, c, uint64(c.Size)+1); err == nil {
		t.Fatal("proof of an event beyond the checkpoint")
	}
}

func TestConsistencyOfAnyTwoTrees(t *testing.T) {
	signer, _ := keys(t, "exchange.example/shard/1")
	rapid.Check(t, func(t *rapid.T) {
		sizes := [2]int{rapid.IntRange(1, 2500).Draw(t, "older"), 0}
		sizes[1] = sizes[0] + rapid.IntRange(0, 2500).Draw(t, "more")
		m := (&memory{}).grow(sizes[0])
		older, err := Sign(m.tree.Size(), m.tree.Root(), signer)
		if err != nil {
			t.Fatal(err)
		}
		newer, err := Sign(int64(sizes[1]), m.grow(sizes[1]).tree.Root(), signer)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ProveConsistency(m, older.Size, newer.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := VerifyConsistency(older, newer, p); err != nil {
			t.Fatal(err)
		}
		older.Root[5] ^= 1
		if err := VerifyConsistency(older, newer, p); err == nil {
			t.Fatal("a rewritten tree passes for an extension")
		}
	})
}

func TestCheckpointTexts(t *testing.T) {
	signer, verifier := keys(t, "exchange.example/shard/1")
	good := string((&memory{}).grow(5).sign(t, signer).Note)
	if _, err := OpenCheckpoint([]byte(good), verifier); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":           "",
		"no signature":    strings.SplitAfter(good, "\n\n")[0],
		"leading zero":    strings.Replace(good, "\n5\n", "\n05\n", 1),
		"negative":        strings.Replace(good, "\n5\n", "\n-5\n", 1),
		"short root":      strings.Replace(good, "=\n", "\n", 1),
		"two lines":       "origin\n5\n\n— x y\n",
		"other signature": strings.Replace(good, "— exchange", "— elsewhere", 1),
	} {
		if _, err := OpenCheckpoint([]byte(text), verifier); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCheckpointOfAnotherOriginIsRefused(t *testing.T) {
	signer, verifier := keys(t, "exchange.example/shard/1")
	text := "exchange.example/shard/2\n0\n" + (&Tree{}).Root().String() + "\n"
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoint(signed, verifier); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("%v", err)
	}
}

func FuzzVerifyInclusion(f *testing.F) {
	signer, verifier := keys(f, "exchange.example/shard/1")
	m := (&memory{}).grow(5)
	p, err := Prove(m, m.sign(f, signer), 4)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p.Text())
	f.Add([]byte(proofHeading + "\nextra \nindex 0\n\nx\n0\n\n\n\n— x y\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := VerifyInclusion(file, verifier)
		if err == nil && !bytes.Equal(got.Event, m.events[got.Seq-1]) {
			t.Fatalf("accepted %q as event %d", got.Event, got.Seq)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	var tree Tree
	event := make([]byte, 90)
	nodes := make([]Hash, 0, 16)
	b.ReportAllocs()
	for b.Loop() {
		nodes = tree.Append(event, nodes[:0])
	}
}
