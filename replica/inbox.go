package replica

import (
	"sync"

	"go.etcd.io/raft/v3/raftpb"
)

// inbox is what others have for the loop. They never wait for it.
type inbox struct {
	mu    sync.Mutex
	in    incoming
	spare []*raftpb.Message
	reads []chan uint64
	ready chan struct{}
}

// incoming is what was in the inbox.
type incoming struct {
	messages []*raftpb.Message
	controls []func(*loop)
}

func (b *inbox) put(messages ...*raftpb.Message) {
	b.mu.Lock()
	b.in.messages = append(b.in.messages, messages...)
	b.mu.Unlock()
	wake(b.ready)
}

// do has the loop call a function, before it sees messages that are put later.
func (b *inbox) do(control func(*loop)) {
	b.mu.Lock()
	b.in.controls = append(b.in.controls, control)
	b.mu.Unlock()
	wake(b.ready)
}

// read asks for the index that a fresh read must have seen.
func (b *inbox) read(answer chan uint64) {
	b.mu.Lock()
	b.reads = append(b.reads, answer)
	b.mu.Unlock()
	wake(b.ready)
}

// take empties the inbox. The messages are valid until the next call.
func (b *inbox) take() incoming {
	b.mu.Lock()
	defer b.mu.Unlock()
	in := b.in
	b.in, b.spare = incoming{messages: b.spare[:0]}, in.messages
	return in
}

func (b *inbox) takeReads(into *[]chan uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*into = append(*into, b.reads...)
	b.reads = b.reads[:0]
}
