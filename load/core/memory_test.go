package core

import "testing"

// The heap of a small number of markets is told apart from nothing, and grows with their number.
func TestMemoryCountsBothParts(t *testing.T) {
	const few, many = 8_000, 16_000
	told := 0
	a, err := Memory(few, func(done int) { told = done })
	if err != nil {
		t.Fatal(err)
	}
	b, err := Memory(many, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.Shard < few*16 || a.Projection < few*16 || a.Texts < few*100 || told != few {
		t.Errorf("%d markets take %+v; progress was told of %d", few, a, told)
	}
	if both, grown := a.Shard+a.Projection, b.Shard+b.Projection; grown < both*3/2 {
		t.Errorf("%d markets take %d bytes, %d take %d", few, both, many, grown)
	}
	if _, err := Memory(0, nil); err == nil {
		t.Error("no markets were measured")
	}
}
