package book

// Restore links an order that was read from a snapshot back into its level, whose queue links are still in the order.
// Once it was called for every order of a book, in any sequence, the book is as it was.
func (b *Book) Restore(slot uint32, o *Order) {
	l := b.makeLevel(o.Price)
	l.Quantity += uint64(o.Remaining)
	if o.prev == 0 {
		l.head = slot
	}
	if o.next == 0 {
		l.tail = slot
	}
	b.mark(o)
}
