package part

import "testing"

// Whatever comes from another shard, it is a part or it is none; lists are no longer than the bytes can hold.
func FuzzRead(f *testing.F) {
	head, position, order, key, past, trace := market()
	w := Writer{}
	w.Head(&head)
	w.Position(&position)
	w.Order(&order)
	w.Key(&key)
	w.Past(&past)
	w.Trace(&trace)
	for _, p := range w.Parts() {
		f.Add(p)
	}
	var again Part // its lists are used again
	f.Fuzz(func(t *testing.T, data []byte) {
		p, ok := Read(data)
		if again.Read(data) != ok {
			t.Fatalf("%x: %v, and not so the second time", data, ok)
		}
		if n := len(p.Positions) + len(p.Orders) + len(p.Keys) + len(p.Traces); n > len(data) {
			t.Fatalf("%d entries in %d bytes", n, len(data))
		}
	})
}
