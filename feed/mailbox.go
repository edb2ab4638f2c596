package feed

import "sync"

// mailbox is a list of things to do that any goroutine may add to without waiting, and one takes.
type mailbox[T any] struct {
	mu    sync.Mutex
	items []T
	wake  chan struct{} // has one element while there may be items
}

func newMailbox[T any]() mailbox[T] { return mailbox[T]{wake: make(chan struct{}, 1)} }

func (m *mailbox[T]) put(items ...T) {
	m.mu.Lock()
	m.items = append(m.items, items...)
	m.mu.Unlock()
	m.ring()
}

func (m *mailbox[T]) ring() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take returns everything that was put, in its order, and gives spare back for later.
func (m *mailbox[T]) take(spare []T) []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	clear(spare)
	if cap(spare) > mailboxKeeps {
		spare = nil
	}
	m.items = spare[:0]
	return items
}

// mailboxKeeps is how many items a mailbox keeps room for while there are none.
const mailboxKeeps = 1 << 14
